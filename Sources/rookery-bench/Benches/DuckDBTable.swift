internal import Foundation
internal import Streams

/// The facts of a store in a table of DuckDB's own, by way of python3.
struct DuckDBTable {
  private let path: String

  /// Whose time in each state the query tells.
  static let service = "bench 1"

  /// Nil when DuckDB is not installed.
  init?(rookery: String, store: String, in scratch: Scratch) throws {
    guard (try? Child.run(["python3", "-c", "import duckdb"])) != nil else { return nil }
    say("loading them into the peer's table")
    path = scratch.file("facts.duckdb")
    let lines = scratch.file("facts.ndjson")
    defer { scratch.delete("facts.ndjson") }
    _ = try Child.run(
      [rookery, "read", "--pattern", "service-uptime-*", "--json", "--store", store], output: lines)
    _ = try Child.run(["python3", "-c", Self.load, path, lines])
  }

  /// - Returns: the seconds of the query alone, and what it found of ``service``.
  func query(from: Timestamp, to: Timestamp) throws -> (seconds: Double, states: StateSeconds) {
    try DuckDB.answer(["python3", "-c", Self.ask, path, from.rfc3339, to.rfc3339, Self.service])
  }

  private static let load = """
    import duckdb, sys
    db = duckdb.connect(sys.argv[1])
    db.execute("SET TimeZone = 'UTC'")
    db.execute('''
      CREATE TABLE facts AS
      SELECT data.serviceName AS service, data.timestamp AS "timestamp", data.status AS status
      FROM read_json(?, format = 'newline_delimited', columns = {
        data: 'STRUCT(serviceName VARCHAR, status VARCHAR, "timestamp" TIMESTAMP)'})''',
      [sys.argv[2]])
    """

  private static let ask = """
    import duckdb, json, sys, time
    start, end = (text.rstrip('Z').replace('T', ' ') for text in sys.argv[2:4])
    db = duckdb.connect(sys.argv[1], read_only = True)
    db.execute("SET threads = 2; SET TimeZone = 'UTC'; SET enable_progress_bar = false")
    started = time.monotonic()
    rows = db.execute('''
      WITH spans AS (
        SELECT service, status, "timestamp" AS start, lead("timestamp", 1, CAST($end AS TIMESTAMP))
          OVER (PARTITION BY service ORDER BY "timestamp") AS until
        FROM facts)
      SELECT service, status, sum(epoch_ms(least(until, CAST($end AS TIMESTAMP)))
        - epoch_ms(greatest(start, CAST($start AS TIMESTAMP))))
      FROM spans WHERE until > CAST($start AS TIMESTAMP) AND start < CAST($end AS TIMESTAMP)
      GROUP BY service, status''', {'start': start, 'end': end}).fetchall()
    seconds = time.monotonic() - started
    print(json.dumps({
      'seconds': seconds, 'states': {r[1]: int(r[2]) for r in rows if r[0] == sys.argv[4]}}))
    """
}
