#include "CPeer.h"
#include "connection.h"

#include <stdlib.h>

// A stream as the loop knows it; its row is written once a transaction, as EventStore does.
typedef struct {
  sqlite3_int64 id, events, bytes, first_at, last_at;
  // The run of one day that is not in stream_days yet.
  sqlite3_int64 day, day_events, day_bytes;
  int is_changed;
} head;

enum { INSERT_ID, INSERT_EVENT, UPDATE_STREAM, ADD_DAY, SET_POSITION, STATEMENTS };

static const char *const sql[STATEMENTS] = {
    "INSERT INTO event_ids VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)",
    "UPDATE streams SET status = 'active', events = ?, bytes = ?, first_at = ?, last_at = ? "
    "WHERE id = ?",
    "INSERT INTO stream_days VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
    "events = events + excluded.events, bytes = bytes + excluded.bytes",
    "UPDATE sequences SET next = ? WHERE name = 'position'",
};

typedef struct {
  sqlite3 *db;
  sqlite3_stmt *statements[STATEMENTS];
  head *heads;
  int32_t stream_count;
  sqlite3_int64 type, position;
} writer;

static int run(writer *w, int statement) {
  int result = sqlite3_step(w->statements[statement]);
  sqlite3_reset(w->statements[statement]);
  return result == SQLITE_DONE ? SQLITE_OK : result;
}

static int flush_day(writer *w, head *h) {
  if (h->day_events == 0) return SQLITE_OK;
  sqlite3_stmt *add = w->statements[ADD_DAY];
  sqlite3_bind_int64(add, 1, h->id);
  sqlite3_bind_int64(add, 2, h->day);
  sqlite3_bind_int64(add, 3, w->type);
  sqlite3_bind_int64(add, 4, h->day_events);
  sqlite3_bind_int64(add, 5, h->day_bytes);
  h->day_events = h->day_bytes = 0;
  return run(w, ADD_DAY);
}

static int count_event(writer *w, head *h, const peer_event *e) {
  sqlite3_int64 bytes = e->data_bytes + e->metadata_bytes;
  sqlite3_int64 day = e->timestamp / 86400000000LL;
  if (day != h->day) {
    int result = flush_day(w, h);
    if (result != SQLITE_OK) return result;
    h->day = day;
  }
  if (h->events == 0 || e->timestamp < h->first_at) h->first_at = e->timestamp;
  if (h->events == 0 || e->timestamp > h->last_at) h->last_at = e->timestamp;
  h->events += 1;
  h->bytes += bytes;
  h->day_events += 1;
  h->day_bytes += bytes;
  h->is_changed = 1;
  return SQLITE_OK;
}

static void bind_blob(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_int64 count) {
  if (count > 0) {
    sqlite3_bind_blob64(statement, index, bytes, (sqlite3_uint64)count, SQLITE_STATIC);
  } else {
    sqlite3_bind_zeroblob(statement, index, 0);
  }
}

static int insert(writer *w, const peer_event *e) {
  head *h = &w->heads[e->stream];
  sqlite3_stmt *id = w->statements[INSERT_ID];
  sqlite3_bind_int64(id, 1, h->id);
  sqlite3_bind_blob64(id, 2, e->id, sizeof e->id, SQLITE_STATIC);
  sqlite3_bind_int64(id, 3, h->events);
  sqlite3_bind_int64(id, 4, e->fingerprint);
  int result = run(w, INSERT_ID);
  if (result != SQLITE_OK || sqlite3_changes(w->db) == 0) return result;
  sqlite3_stmt *row = w->statements[INSERT_EVENT];
  sqlite3_bind_int64(row, 1, h->id << 38 | h->events);
  sqlite3_bind_int64(row, 2, w->position);
  sqlite3_bind_blob64(row, 3, e->id, sizeof e->id, SQLITE_STATIC);
  sqlite3_bind_int64(row, 4, w->type);
  sqlite3_bind_int64(row, 5, e->timestamp);
  sqlite3_bind_int64(row, 6, e->recorded_at);
  bind_blob(row, 7, e->metadata, e->metadata_bytes);
  bind_blob(row, 8, e->data, e->data_bytes);
  result = run(w, INSERT_EVENT);
  if (result != SQLITE_OK) return result;
  w->position += 1;
  return count_event(w, h, e);
}

static int write_heads(writer *w) {
  for (int32_t i = 0; i < w->stream_count; i++) {
    head *h = &w->heads[i];
    if (!h->is_changed) continue;
    int result = flush_day(w, h);
    if (result != SQLITE_OK) return result;
    sqlite3_stmt *update = w->statements[UPDATE_STREAM];
    sqlite3_bind_int64(update, 1, h->events);
    sqlite3_bind_int64(update, 2, h->bytes);
    sqlite3_bind_int64(update, 3, h->first_at);
    sqlite3_bind_int64(update, 4, h->last_at);
    sqlite3_bind_int64(update, 5, h->id);
    result = run(w, UPDATE_STREAM);
    if (result != SQLITE_OK) return result;
    h->is_changed = 0;
  }
  sqlite3_bind_int64(w->statements[SET_POSITION], 1, w->position);
  return run(w, SET_POSITION);
}

static int write_batch(writer *w, const peer_event *events, int64_t count) {
  int result = sqlite3_exec(w->db, "BEGIN IMMEDIATE", 0, 0, 0);
  for (int64_t i = 0; result == SQLITE_OK && i < count; i++) result = insert(w, &events[i]);
  if (result == SQLITE_OK) result = write_heads(w);
  if (result == SQLITE_OK) result = sqlite3_exec(w->db, "COMMIT", 0, 0, 0);
  return result;
}

static int bind_named(
    sqlite3 *db, const char *insert_sql, const char *select_sql, const char *name,
    sqlite3_int64 created_at, sqlite3_int64 *columns, int column_count) {
  const char *const both[2] = {insert_sql, select_sql};
  int result = SQLITE_OK;
  for (int i = 0; i < 2 && result == SQLITE_OK; i++) {
    sqlite3_stmt *statement = 0;
    result = sqlite3_prepare_v2(db, both[i], -1, &statement, 0);
    if (result == SQLITE_OK) {
      sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
      if (sqlite3_bind_parameter_count(statement) > 1) {
        sqlite3_bind_int64(statement, 2, created_at);
      }
      result = sqlite3_step(statement);
      for (int c = 0; result == SQLITE_ROW && c < column_count; c++) {
        columns[c] = sqlite3_column_int64(statement, c);
      }
      if (result == SQLITE_ROW || result == SQLITE_DONE) result = SQLITE_OK;
    }
    sqlite3_finalize(statement);
  }
  return result;
}

static int load_heads(
    writer *w, const char *const *streams, const char *type, sqlite3_int64 created_at) {
  int result = bind_named(
      w->db, "INSERT INTO event_types (name) VALUES (?) ON CONFLICT DO NOTHING",
      "SELECT id FROM event_types WHERE name = ?", type, 0, &w->type, 1);
  for (int32_t i = 0; i < w->stream_count && result == SQLITE_OK; i++) {
    sqlite3_int64 columns[5] = {0};
    result = bind_named(
        w->db,
        "INSERT INTO streams (name, status, created_at) VALUES (?, 'created', ?) "
        "ON CONFLICT DO NOTHING",
        "SELECT id, events, bytes, first_at, last_at FROM streams WHERE name = ?", streams[i],
        created_at, columns, 5);
    w->heads[i] = (head){
        .id = columns[0], .events = columns[1], .bytes = columns[2], .first_at = columns[3],
        .last_at = columns[4], .day = -1};
  }
  if (result != SQLITE_OK) return result;
  return peer_query_int64(
      w->db, "SELECT next FROM sequences WHERE name = 'position'", &w->position);
}

static int prepare(writer *w, const char *path) {
  int result = peer_open(path, &w->db);
  for (int i = 0; i < STATEMENTS && result == SQLITE_OK; i++) {
    result = sqlite3_prepare_v3(
        w->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &w->statements[i], 0);
  }
  return result;
}

int peer_append(
    const char *path, const char *const *streams, int32_t stream_count, const char *type,
    const peer_event *events, int64_t count, int64_t batch) {
  writer w = {.stream_count = stream_count};
  w.heads = calloc((size_t)stream_count, sizeof *w.heads);
  if (!w.heads) return SQLITE_NOMEM;
  int result = prepare(&w, path);
  if (result == SQLITE_OK) {
    result = load_heads(&w, streams, type, count > 0 ? events[0].recorded_at : 0);
  }
  for (int64_t done = 0; result == SQLITE_OK && done < count; done += batch) {
    int64_t left = count - done;
    result = write_batch(&w, events + done, left < batch ? left : batch);
  }
  for (int i = 0; i < STATEMENTS; i++) sqlite3_finalize(w.statements[i]);
  sqlite3_close(w.db);
  free(w.heads);
  return result;
}
