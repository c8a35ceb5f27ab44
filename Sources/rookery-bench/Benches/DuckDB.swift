internal import Foundation
internal import Streams

/// DuckDB, by way of python3.
struct DuckDB {
  let end: Timestamp

  static let missing =
    "python3 has no package duckdb. Run 'python3 -m pip install duckdb' to compare with it."

  /// Nil when it is not installed.
  static func find(end: Timestamp) -> DuckDB? {
    (try? Child.run(["python3", "-c", "import duckdb"])) == nil ? nil : DuckDB(end: end)
  }

  /// - Parameter input: a file of event lines, or a glob of compressed ones.
  /// - Returns: the seconds of the query alone, and what it found.
  func query(_ input: String) throws -> (seconds: Double, states: StateSeconds) {
    try Self.answer(["python3", "-c", Self.script, input, end.rfc3339])
  }

  /// Runs a query that prints its seconds and the milliseconds in each state.
  static func answer(_ command: [String]) throws -> (seconds: Double, states: StateSeconds) {
    let outcome = try Child.run(command)
    struct Answer: Decodable {
      var seconds: Double
      var states: [String: Int64]
    }
    guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(outcome.output.utf8))
    else { throw BenchError.answer("DuckDB", outcome.output) }
    return (answer.seconds, StateSeconds(milliseconds: answer.states))
  }

  /// Reads only the members the report needs, and computes less than the report does: time in each
  /// state and the response times, but no days, no incidents, no repeated events.
  private static let script = """
    import duckdb, json, sys, time
    source, end = sys.argv[1], sys.argv[2].rstrip('Z').replace('T', ' ')
    db = duckdb.connect()
    db.execute("SET threads = 2; SET TimeZone = 'UTC'")
    db.execute("SET preserve_insertion_order = false; SET enable_progress_bar = false")
    started = time.monotonic()
    rows = db.execute('''
      WITH facts AS (
        SELECT data.serviceName AS service, data.status AS status, data.timestamp AS start,
          data.responseMs AS ms
        FROM read_json(?, format = 'newline_delimited', columns = {
          data: 'STRUCT(serviceName VARCHAR, status VARCHAR, "timestamp" TIMESTAMP,
            responseMs BIGINT)'
        })),
      spans AS (
        SELECT *, lead(start, 1, CAST(? AS TIMESTAMP))
          OVER (PARTITION BY service ORDER BY start) AS until
        FROM facts)
      SELECT status, sum(epoch_ms(until) - epoch_ms(start)),
        quantile_disc(ms, [0.5, 0.95, 0.99])
      FROM spans GROUP BY status''', [source, end]).fetchall()
    seconds = time.monotonic() - started
    print(json.dumps({'seconds': seconds, 'states': {r[0]: int(r[1]) for r in rows}}))
    """
}
