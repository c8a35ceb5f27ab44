import Analytics
import Reports
import Streams

extension Samples {
  static let link = "https://w.example/?a=1&b=2"

  static func correction(
    _ effect: Correction.Effect, of service: String? = "mixed", revision: Int64 = 3
  ) throws -> Correction {
    Correction(
      id: EventID(high: 1, low: UInt64(revision)), effect: effect, service: service,
      start: try instant("2025-01-10T06:00:00Z"), end: try instant("2025-01-10T06:10:00Z"),
      reason: "postmortem <17>", principal: "system",
      source: EventReference(
        stream: try StreamName("system-incidents"), revision: Revision(revision),
        position: Position(5000 + revision), type: "x",
        recordedAt: try instant("2025-01-12T09:00:00Z")))
  }

  /// The same with corrections, one of them unreadable, and with what was published before.
  static func corrected(_ report: UptimeReport) throws -> UptimeReport {
    let before = report.reading
    var report = report
    report.services[2].corrections = [
      try correction(.exclusion),
      try correction(
        .annotation(text: "disk & \"dust\"", link: link), revision: 4),
    ]
    report.services[2].durations.down -= 600_000
    report.services[2].durations.excluded = 600_000
    report.services[2].excludedDownMilliseconds = 600_000
    report.factsAlone = UptimeComparison(before: before, after: report.reading)
    report.unreadableCorrections = [try correction(.exclusion, revision: 9).source]
    report.published = UptimeRestatement(
      position: Position(4000), asOf: try instant("2025-01-11T00:00:00Z"),
      publication: .init(
        madeAt: try instant("2025-01-11T01:00:00Z"), archiveHead: "3:ab", path: "/r/uptime.html"),
      comparison: UptimeComparison(before: before, after: report.reading),
      events: [
        .init(
          stream: "service-uptime-mixed", revision: 12, time: try instant("2025-01-10T06:00:00Z"),
          service: "mixed", says: "down")
      ], eventCount: 3)
    report.groupRules = [.init(name: "shop", rule: .best, members: ["api", "mixed"])]
    return report
  }
}
