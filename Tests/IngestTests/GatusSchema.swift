/// What Gatus 5 creates in its SQLite file (`storage/store/sql/specific_sqlite.go`).
enum GatusSchema {
  static let sql = """
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS endpoints (
      endpoint_id INTEGER PRIMARY KEY, endpoint_key TEXT UNIQUE, endpoint_name TEXT NOT NULL,
      endpoint_group TEXT NOT NULL, UNIQUE(endpoint_name, endpoint_group));
    CREATE TABLE IF NOT EXISTS endpoint_events (
      endpoint_event_id INTEGER PRIMARY KEY,
      endpoint_id INTEGER NOT NULL REFERENCES endpoints(endpoint_id) ON DELETE CASCADE,
      event_type TEXT NOT NULL, event_timestamp TIMESTAMP NOT NULL);
    CREATE TABLE IF NOT EXISTS endpoint_results (
      endpoint_result_id INTEGER PRIMARY KEY,
      endpoint_id INTEGER NOT NULL REFERENCES endpoints(endpoint_id) ON DELETE CASCADE,
      success INTEGER NOT NULL, errors TEXT NOT NULL, connected INTEGER NOT NULL,
      status INTEGER NOT NULL, dns_rcode TEXT NOT NULL, certificate_expiration INTEGER NOT NULL,
      domain_expiration INTEGER NOT NULL, hostname TEXT NOT NULL, ip TEXT NOT NULL,
      duration INTEGER NOT NULL, timestamp TIMESTAMP NOT NULL);
    CREATE TABLE IF NOT EXISTS endpoint_result_conditions (
      endpoint_result_condition_id INTEGER PRIMARY KEY,
      endpoint_result_id INTEGER NOT NULL
        REFERENCES endpoint_results(endpoint_result_id) ON DELETE CASCADE,
      condition TEXT NOT NULL, success INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS endpoint_uptimes (
      endpoint_uptime_id INTEGER PRIMARY KEY,
      endpoint_id INTEGER NOT NULL REFERENCES endpoints(endpoint_id) ON DELETE CASCADE,
      hour_unix_timestamp INTEGER NOT NULL, total_executions INTEGER NOT NULL,
      successful_executions INTEGER NOT NULL, total_response_time INTEGER NOT NULL,
      UNIQUE(endpoint_id, hour_unix_timestamp));
    CREATE INDEX IF NOT EXISTS endpoint_results_endpoint_id_idx ON endpoint_results (endpoint_id);
    CREATE INDEX IF NOT EXISTS endpoint_result_conditions_endpoint_result_id_idx
      ON endpoint_result_conditions (endpoint_result_id);

    """

  /// A result of endpoint `endpoint`, on the second `second` of the year.
  static func result(
    _ id: Int, _ endpoint: Int = 1, success: Int = 1, errors: String = "",
    time: String = "2026-01-01 10:00:00.5 +0000 UTC"
  ) -> String {
    """
    INSERT INTO endpoint_results VALUES (\(id), \(endpoint), \(success), '\(errors)', 1, 200, '', 0,
      0, 'h', '192.0.2.1', 123456789, '\(time)');

    """
  }
}

/// What Uptime Kuma creates in its SQLite file (1.23 `db/kuma.db`, 2.0 `db/knex_init_db.js`).
enum KumaSchema {
  static let version1 = """
    CREATE TABLE monitor (
      id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(150), active BOOLEAN DEFAULT 1 NOT NULL,
      user_id INTEGER, interval INTEGER DEFAULT 20 NOT NULL, url TEXT, type VARCHAR(20),
      created_date DATETIME DEFAULT (DATETIME('now')) NOT NULL);
    CREATE TABLE heartbeat (
      id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, important BOOLEAN DEFAULT 0 NOT NULL,
      monitor_id INTEGER NOT NULL REFERENCES monitor ON UPDATE CASCADE ON DELETE CASCADE,
      status SMALLINT NOT NULL, msg TEXT, time DATETIME NOT NULL, ping INTEGER,
      duration INTEGER DEFAULT 0 NOT NULL, down_count INTEGER DEFAULT 0 NOT NULL);
    CREATE INDEX monitor_time_index ON heartbeat (monitor_id, time);

    """

  static let version2 =
    "PRAGMA journal_mode = WAL;\n" + version1 + """
      ALTER TABLE monitor ADD COLUMN parent INTEGER;
      ALTER TABLE heartbeat ADD COLUMN end_time DATETIME NULL;
      ALTER TABLE heartbeat ADD COLUMN retries INTEGER NOT NULL DEFAULT 0;
      CREATE TABLE stat_daily (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, monitor_id INTEGER NOT NULL,
        timestamp INTEGER NOT NULL, ping FLOAT NOT NULL, up SMALLINT NOT NULL,
        down SMALLINT NOT NULL, extras TEXT DEFAULT NULL);

      """

  static func heartbeat(
    _ id: Int, _ monitor: Int = 1, status: String = "1", msg: String = "'200 - OK'",
    time: String = "'2026-01-01 10:00:00.123'", ping: String = "42"
  ) -> String {
    """
    INSERT INTO heartbeat (id, monitor_id, status, msg, time, ping)
    VALUES (\(id), \(monitor), \(status), \(msg), \(time), \(ping));

    """
  }
}
