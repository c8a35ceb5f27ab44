import Analytics
import Foundation
import Reports
import Streams
import Testing

/// The conformance table of uptime, all the way to the JSON that a reader gets.
@Suite struct `The JSON of each worked case` {
  static let cases: [WorkedCase] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "AnalyticsTests/uptime-cases.json")
    let root = (try? Data(contentsOf: file)).flatMap { try? JSONSerialization.jsonObject(with: $0) }
    let cases = (root as? [String: Any])?["cases"] as? [[String: Any]] ?? []
    return cases.compactMap {
      guard let id = $0["id"] as? String, let data = try? JSONSerialization.data(withJSONObject: $0)
      else { return nil }
      return WorkedCase(id: id, json: data)
    }
  }()

  @Test func `is there to be read`() { #expect(Self.cases.count >= 36) }

  @Test(arguments: cases)
  func `says what the table expects`(worked: WorkedCase) throws {
    let json = try #require(
      try JSONSerialization.jsonObject(with: worked.json) as? [String: Any])
    let expected = try #require(json["expect"] as? [String: Any])
    let entry = try worked.reported(json)
    #expect(!expected.isEmpty)
    #expect(differences(expected, entry, at: "") == [])
  }

  /// Where `actual` is not as `expected` says; what `expected` does not name is free.
  private func differences(_ expected: Any, _ actual: Any?, at path: String) -> [String] {
    if let expected = expected as? [String: Any] {
      guard let actual = actual as? [String: Any] else { return ["\(path) is no object"] }
      return expected.flatMap { differences($1, actual[$0], at: "\(path).\($0)") }
    }
    if let expected = expected as? [Any] {
      guard let actual = actual as? [Any], actual.count == expected.count else {
        return ["\(path) has another count"]
      }
      return zip(expected, actual).enumerated().flatMap {
        differences($1.0, $1.1, at: "\(path)[\($0)]")
      }
    }
    let isSame = (expected as? NSObject) == (actual as? NSObject)
    return isSame ? [] : ["\(path) is \(actual ?? "missing"), not \(expected)"]
  }
}

struct WorkedCase: Sendable, CustomTestStringConvertible {
  let id: String
  let json: Data

  var testDescription: String { id }

  /// The entry of the case's service, or of its group, in the report's JSON.
  func reported(_ json: [String: Any]) throws -> [String: Any]? {
    let events = try #require(json["events"] as? [Any])
    let given = try #require(json["options"] as? [String: Any])
    let history = try history(of: events)
    let zone = try ReportZone(given["timezone"] as? String ?? "UTC")
    let options = try options(given, zone)
    let names = events.compactMap { ($0 as? [String: Any])?["serviceName"] as? String }
    let service = given["service"] as? String ?? names.first ?? ""
    let group = (given["group"] as? [String: Any]).map { group in
      ServiceGroup(
        name: group["name"] as? String ?? "",
        rule: GroupRule(rawValue: group["rule"] as? String ?? "") ?? .worst,
        parts: [.init(group["members"] as? [String] ?? [], in: history)]
      ).figures(options)
    }
    let report = UptimeReport(
      title: id, zone: zone, options: options, madeAt: options.asOf, throughPosition: nil,
      services: [history.figures(of: service, options)], groups: group.map { [$0] } ?? [])
    let document = try JSONSerialization.jsonObject(with: Data(report.json().utf8))
    let entries = (document as? [String: Any])?[group == nil ? "services" : "groups"]
    return (entries as? [[String: Any]])?.first
  }

  private func history(of events: [Any]) throws -> StatusHistory {
    var history = StatusHistory()
    let validator = JSONValidator()
    for (arrival, event) in events.enumerated() {
      let line =
        try (event as? String).map { Array($0.utf8) }
        ?? Array(JSONSerialization.data(withJSONObject: event))
      line.withUnsafeBytes {
        history.receive(line: $0, arrival: Int64(arrival), validator: validator)
      }
    }
    return history
  }

  private func options(_ given: [String: Any], _ zone: ReportZone) throws -> UptimeOptions {
    func instant(_ key: String) throws -> Timestamp? {
      try (given[key] as? String).map { try Timestamp(rfc3339: $0) }
    }
    var days: [LocalDay] = []
    if let from = (given["from"] as? String).flatMap({ CivilDate($0) }),
      let to = (given["to"] as? String).flatMap({ CivilDate($0) })
    {
      days = zone.localDays(from: from, to: to)
    }
    var options = UptimeOptions(
      start: try #require(try days.first?.start ?? instant("start")),
      end: try #require(try days.last?.end ?? instant("end")), asOf: try instant("asOf"))
    options.days = days
    options.degradedWeight =
      (given["degradedWeight"] as? String).flatMap { Fraction(decimal: $0) } ?? .zero
    options.sloTarget = (given["sloTarget"] as? String).flatMap { Fraction(percent: $0) }
    options.staleAfterSeconds = given["staleAfterSeconds"] as? Int64
    options.minIncidentSeconds = given["minIncidentSeconds"] as? Int64 ?? 0
    options.throughPosition = (given["throughPosition"] as? Int64).map { Position($0) }
    options.maintenance = try (given["maintenance"] as? [[String: String]] ?? []).map {
      MaintenanceWindow(
        service: $0["service"], start: try Timestamp(rfc3339: $0["start"] ?? ""),
        end: try Timestamp(rfc3339: $0["end"] ?? ""))
    }
    return options
  }
}
