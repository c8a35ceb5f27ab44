internal import GRDB
internal import Streams

/// Uptime Kuma 1 and 2: `heartbeat`, in UTC. Version 2 keeps only those that changed something,
/// and the latest day; that is all a timeline needs.
enum UptimeKuma {
  /// `src/util.js`: DOWN, UP, PENDING, MAINTENANCE.
  private static let statuses = ["down", "up", "pending", "maintenance"]

  static func source(_ path: String, instance: String) throws(IngestError) -> DatabaseSource {
    let database = try ForeignDatabase(path)
    try database.require(
      [
        ("monitor", ["id", "name"]),
        ("heartbeat", ["id", "monitor_id", "status", "msg", "time", "ping"]),
      ], of: "Uptime Kuma")
    let names = try ServiceNames(
      database, sql: "SELECT id, CAST(name AS BLOB) FROM monitor ORDER BY id")
    return try DatabaseSource(
      database, [heartbeats(names, Origin(tool: "uptime-kuma", instance: instance))])
  }

  private static func heartbeats(_ names: ServiceNames, _ origin: Origin) -> ForeignTable {
    ForeignTable(
      name: "heartbeat", key: "id",
      columns: [
        "monitor_id", "status", "ping", "CAST(time AS BLOB) AS time", "CAST(msg AS BLOB) AS msg",
      ],
      service: { row throws(Rejection) in
        try names.name(of: row.integer(0), field: "monitor_id")
      }
    ) { row, line throws(Rejection) in
      guard let code = row.integer(1), statuses.indices.contains(Int(clamping: code)) else {
        throw Rejection(.invalidEvent, field: "status", "must be 0 to 3")
      }
      let time = try row.time(3, "time", TimeReading(zone: .utc))
      line.text("status", statuses[Int(code)])
      line.text("timestamp", time.rfc3339)
      if let ping = row.number(2) { line.verbatim("responseMs", ping.utf8) }
      origin.write(to: &line, row: ("heartbeat", row.key))
      line.object("additional") { line in
        if let message = row.bytes(4), !message.isEmpty { line.text("message", message) }
      }
      return origin.id("heartbeat", "\(row.key)", "\(code)", "\(time.microseconds)")
    }
  }
}
