// What a careful C programmer would write over libsqlite3, on a file that EventStore made: the same
// tables, rows, statements, batch size and pragmas. The other side of the benchmarks.
#ifndef CPEER_H
#define CPEER_H

#include <stdint.h>

// One event, parsed already; its memory is the caller's.
typedef struct {
  const void *data;
  int64_t data_bytes;
  const void *metadata;
  int64_t metadata_bytes;
  int64_t timestamp;
  int64_t recorded_at;
  int64_t fingerprint;
  // An index of the streams given beside.
  int32_t stream;
  uint8_t id[16];
} peer_event;

// What a scan saw: both sides of a comparison must see the same.
typedef struct {
  int64_t events;
  int64_t bytes;
  // A sum over every column.
  uint64_t sum;
} peer_sight;

// All return 0 or SQLite's result code.

// Appends `count` events, one transaction for each `batch` of them.
int peer_append(
    const char *path, const char *const *streams, int32_t stream_count, const char *type,
    const peer_event *events, int64_t count, int64_t batch);

// Reads a whole stream in order and touches every column.
int peer_scan(const char *path, const char *stream, peer_sight *sight);

#endif
