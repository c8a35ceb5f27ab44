#include "CPeer.h"
#include "connection.h"

#include <string.h>

static int find_stream(sqlite3 *db, const char *name, sqlite3_int64 *id) {
  sqlite3_stmt *statement = 0;
  int result = sqlite3_prepare_v2(
      db, "SELECT id FROM streams WHERE name = ?", -1, &statement, 0);
  if (result == SQLITE_OK) {
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    result = sqlite3_step(statement);
    if (result == SQLITE_ROW) *id = sqlite3_column_int64(statement, 0);
  }
  sqlite3_finalize(statement);
  return result == SQLITE_ROW ? SQLITE_OK : SQLITE_NOTFOUND;
}

static void see(sqlite3_stmt *row, peer_sight *sight) {
  uint64_t id_high = 0;
  const void *id = sqlite3_column_blob(row, 2);
  if (id && sqlite3_column_bytes(row, 2) == 16) memcpy(&id_high, id, 8);
  const uint8_t *metadata = sqlite3_column_blob(row, 6);
  int metadata_bytes = sqlite3_column_bytes(row, 6);
  const uint8_t *data = sqlite3_column_blob(row, 7);
  int data_bytes = sqlite3_column_bytes(row, 7);
  uint64_t edges = 0;
  if (metadata_bytes > 0) edges += metadata[0] + metadata[metadata_bytes - 1];
  if (data_bytes > 0) edges += data[0] + data[data_bytes - 1];
  sight->events += 1;
  sight->bytes += metadata_bytes + data_bytes;
  sight->sum += (uint64_t)(sqlite3_column_int64(row, 0) & ((1LL << 38) - 1))
                + (uint64_t)sqlite3_column_int64(row, 1) + __builtin_bswap64(id_high)
                + (sqlite3_column_int64(row, 3) > 0)
                + (sqlite3_column_type(row, 8) != SQLITE_NULL)
                + (uint64_t)sqlite3_column_int64(row, 4)
                + (uint64_t)sqlite3_column_int64(row, 5) + edges;
}

int peer_scan(const char *path, const char *stream, peer_sight *sight) {
  memset(sight, 0, sizeof *sight);
  sqlite3 *db = 0;
  sqlite3_stmt *row = 0;
  sqlite3_int64 id = 0;
  int result = peer_open_readonly(path, &db);
  if (result == SQLITE_OK) result = find_stream(db, stream, &id);
  if (result == SQLITE_OK) {
    result = sqlite3_prepare_v2(
        db,
        "SELECT key, position, id, type, timestamp, recorded_at, metadata, data, sealed "
        "FROM events WHERE key BETWEEN ? AND ? ORDER BY key ASC",
        -1, &row, 0);
  }
  if (result == SQLITE_OK) {
    sqlite3_bind_int64(row, 1, id << 38);
    sqlite3_bind_int64(row, 2, id << 38 | ((1LL << 38) - 1));
    while ((result = sqlite3_step(row)) == SQLITE_ROW) see(row, sight);
    if (result == SQLITE_DONE) result = SQLITE_OK;
  }
  sqlite3_finalize(row);
  sqlite3_close(db);
  return result;
}
