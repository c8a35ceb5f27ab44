internal import Streams

/// Another tool, or a form other than Rookery's own, that histories are imported from.
public enum ImportFormat: Sendable {
  /// NDJSON in other keys.
  case mappedLines(FieldMap)
  case csv(CSVLayout, FieldMap)
  /// Common or Combined Log Format.
  case accessLog(AccessLogUser)
  /// The repository's folder.
  case upptime
  /// The SQLite file of Gatus.
  case gatus
  /// The SQLite file of Uptime Kuma.
  case uptimeKuma
  /// `incidents.json`, `scheduled-maintenances.json`.
  case statuspage
  /// Jenkins, cState.
  case incidents(TimeReading)

  /// What its records are translated to.
  var lineFormat: LineFormat {
    switch self {
    case .mappedLines(let map), .csv(_, let map): map.format
    case .accessLog: .activity
    case .upptime, .gatus, .uptimeKuma, .statuspage, .incidents: .facts
    }
  }

  /// Somebody told us how to read it, and may have been wrong.
  var isMapped: Bool {
    switch self {
    case .mappedLines, .csv, .accessLog: true
    case .upptime, .gatus, .uptimeKuma, .statuspage, .incidents: false
    }
  }

  func source(
    _ path: String, instance: String, maxRecordBytes: Int
  ) throws(IngestError) -> sending any RecordSource {
    func origin(_ tool: StaticString) -> Origin { Origin(tool: tool, instance: instance) }
    switch self {
    case .mappedLines(let map):
      return try TranslatedLines(
        path: path, by: FieldMapTranslator(map: map, origin: origin("ndjson")),
        maxRecordBytes: maxRecordBytes)
    case .csv(let layout, let map):
      return try CSVSource(
        path: path, layout: layout, map: map, origin: origin("csv"), maxRecordBytes: maxRecordBytes)
    case .accessLog(let user):
      return try TranslatedLines(
        path: path, by: AccessLogTranslator(user: user, origin: origin("access-log")),
        maxRecordBytes: maxRecordBytes)
    case .upptime: return try UpptimeSource(path, instance: instance)
    case .gatus: return try Gatus.source(path, instance: instance)
    case .uptimeKuma: return try UptimeKuma.source(path, instance: instance)
    case .statuspage:
      return try IncidentSource(
        path: path, keys: Statuspage.lists, origin: origin("statuspage"), maxBytes: maxRecordBytes,
        read: Statuspage.read)
    case .incidents(let times):
      return try IncidentSource(
        path: path, keys: ListedIncident.lists, origin: origin("incidents"),
        maxBytes: maxRecordBytes
      ) { incident, facts throws(Rejection) in
        try ListedIncident.read(incident, times: times, &facts)
      }
    }
  }
}
