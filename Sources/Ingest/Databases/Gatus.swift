internal import GRDB
internal import Streams

/// Gatus: `endpoint_events` are its state changes, `endpoint_results` its latest checks. It keeps a
/// hundred of the latter for each endpoint, so that the former reach further back.
enum Gatus {
  static func source(_ path: String, instance: String) throws(IngestError) -> DatabaseSource {
    let database = try ForeignDatabase(path)
    try database.require(
      [
        ("endpoints", ["endpoint_id", "endpoint_name", "endpoint_group"]),
        (
          "endpoint_events", ["endpoint_event_id", "endpoint_id", "event_type", "event_timestamp"]
        ),
        (
          "endpoint_results",
          [
            "endpoint_result_id", "endpoint_id", "success", "errors", "status", "duration",
            "timestamp",
          ]
        ),
        ("endpoint_result_conditions", ["endpoint_result_id", "condition", "success"]),
      ], of: "Gatus")
    let names = try ServiceNames(
      database,
      sql: """
        SELECT endpoint_id, CAST(endpoint_group AS BLOB), CAST(endpoint_name AS BLOB)
        FROM endpoints ORDER BY endpoint_id
        """)
    let origin = Origin(tool: "gatus", instance: instance)
    return try DatabaseSource(database, [events(names, origin), results(names, origin)])
  }

  private static func events(_ names: ServiceNames, _ origin: Origin) -> ForeignTable {
    ForeignTable(
      name: "endpoint_events", key: "endpoint_event_id",
      columns: [
        "endpoint_id", "CAST(event_type AS BLOB) AS event_type",
        "CAST(event_timestamp AS BLOB) AS event_timestamp",
      ],
      service: { row throws(Rejection) in
        try names.name(of: row.integer(0), field: "endpoint_id")
      }
    ) { row, line throws(Rejection) in
      let type = row.bytes(1).map { String(decoding: $0, as: UTF8.self) }
      let status: String
      switch type {
      case "HEALTHY": status = "up"
      case "UNHEALTHY": status = "down"
      // Watching began: that is no status.
      case "START": return nil
      default: throw Rejection(.invalidEvent, field: "event_type", "is no event of Gatus")
      }
      let time = try row.time(2, "event_timestamp", TimeReading(zone: .utc))
      line.text("status", status)
      line.text("timestamp", time.rfc3339)
      origin.write(to: &line, row: ("event", row.key))
      return origin.id("event", "\(row.key)", status, "\(time.microseconds)")
    }
  }

  private static func results(_ names: ServiceNames, _ origin: Origin) -> ForeignTable {
    ForeignTable(
      name: "endpoint_results", key: "endpoint_result_id",
      columns: [
        "endpoint_id", "success", "status", "duration", "CAST(errors AS BLOB) AS errors",
        "CAST(timestamp AS BLOB) AS timestamp", failedConditions,
      ],
      service: { row throws(Rejection) in
        try names.name(of: row.integer(0), field: "endpoint_id")
      }
    ) { row, line throws(Rejection) in
      guard let success = row.integer(1), success == 0 || success == 1 else {
        throw Rejection(.invalidEvent, field: "success", "must be 0 or 1")
      }
      let time = try row.time(5, "timestamp", TimeReading(zone: .utc))
      line.text("status", success == 1 ? "up" : "down")
      line.text("timestamp", time.rfc3339)
      if let nanoseconds = row.integer(3), nanoseconds > 0 {
        line.verbatim("responseMs", milliseconds(nanoseconds).utf8)
      }
      origin.write(to: &line, row: ("result", row.key))
      line.object("additional") { line in
        if let code = row.integer(2), code > 0 { line.number("httpCode", code) }
        if let errors = row.bytes(4), !errors.isEmpty { line.text("errors", errors) }
        if let failed = row.bytes(6), !failed.isEmpty { line.text("failedConditions", failed) }
      }
      return origin.id("result", "\(row.key)", "\(success)", "\(time.microseconds)")
    }
  }

  /// Only asked for where something failed; an unindexed table of a hundred results is no burden.
  private static let failedConditions = """
    CASE success WHEN 0 THEN (
      SELECT CAST(group_concat(condition, '; ') AS BLOB) FROM endpoint_result_conditions AS c
      WHERE c.endpoint_result_id = endpoint_results.endpoint_result_id AND c.success = 0) END
      AS failedConditions
    """

  /// Nanoseconds as milliseconds, exactly.
  private static func milliseconds(_ nanoseconds: Int64) -> String {
    let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
    guard rest > 0 else { return "\(whole)" }
    let digits = String(rest)
    var fraction = String(repeating: "0", count: 6 - digits.count) + digits
    while fraction.last == "0" { fraction.removeLast() }
    return "\(whole).\(fraction)"
  }
}
