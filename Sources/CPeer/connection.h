#ifndef CPEER_CONNECTION_H
#define CPEER_CONNECTION_H

#include <sqlite3.h>

// Opens a store to write as EventStore does: the same pragmas on the connection.
int peer_open(const char *path, sqlite3 **db);

// Opens it only to read.
int peer_open_readonly(const char *path, sqlite3 **db);

// Runs a query of one integer.
int peer_query_int64(sqlite3 *db, const char *sql, sqlite3_int64 *value);

#endif
