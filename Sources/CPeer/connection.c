#include "connection.h"

int peer_open(const char *path, sqlite3 **db) {
  int result = sqlite3_open_v2(
      path, db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, 0);
  if (result != SQLITE_OK) return result;
  sqlite3_busy_timeout(*db, 30000);
  return sqlite3_exec(
      *db,
      "PRAGMA foreign_keys = ON; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
      "PRAGMA cache_size = -65536; PRAGMA secure_delete = FAST;",
      0, 0, 0);
}

int peer_open_readonly(const char *path, sqlite3 **db) {
  int result = sqlite3_open_v2(path, db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, 0);
  if (result == SQLITE_OK) sqlite3_busy_timeout(*db, 30000);
  return result;
}

int peer_query_int64(sqlite3 *db, const char *sql, sqlite3_int64 *value) {
  sqlite3_stmt *statement = 0;
  int result = sqlite3_prepare_v2(db, sql, -1, &statement, 0);
  if (result == SQLITE_OK) {
    result = sqlite3_step(statement);
    if (result == SQLITE_ROW) *value = sqlite3_column_int64(statement, 0);
  }
  sqlite3_finalize(statement);
  return result == SQLITE_ROW || result == SQLITE_DONE ? SQLITE_OK : result;
}
