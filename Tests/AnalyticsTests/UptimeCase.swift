import Analytics
import Foundation
import Streams
import Testing

/// One worked case of `uptime-cases.json`.
struct UptimeCase: Sendable, CustomTestStringConvertible {
  let id: String
  let title: String
  /// In order of arrival: JSON lines, some of them broken.
  let lines: [[UInt8]]
  /// When each line was recorded, where it says so.
  let recordedAt: [Timestamp?]
  let options: UptimeOptions
  let service: String
  let group: Group?
  /// What is expected, flattened: `seconds.up` is `85800`, `days.0.date` is `2025-01-09`.
  let expected: [String: String]

  struct Group: Sendable {
    let name: String
    let members: [String]
    let rule: GroupRule
  }

  var testDescription: String { "\(id): \(title)" }

  static let all: [UptimeCase] = {
    do {
      let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("uptime-cases.json")
      let root = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
      let cases = (root as? [String: Any])?["cases"] as? [[String: Any]]
      return try (cases ?? []).map(UptimeCase.init)
    } catch {
      // An empty table fails the test that counts its cases.
      return []
    }
  }()

  private init(_ json: [String: Any]) throws {
    id = json["id"] as? String ?? ""
    title = json["title"] as? String ?? ""
    let events = json["events"] as? [Any] ?? []
    lines = try events.map { event in
      if let broken = event as? String { return Array(broken.utf8) }
      return Array(try JSONSerialization.data(withJSONObject: event))
    }
    recordedAt = try events.map { event in
      let text = (event as? [String: Any])?["recordedAt"] as? String
      return try text.map { try Timestamp(rfc3339: $0) }
    }
    let given = json["options"] as? [String: Any] ?? [:]
    options = try UptimeOptions(json: given)
    let firstService = events.lazy.compactMap { ($0 as? [String: Any])?["serviceName"] as? String }
    service = given["service"] as? String ?? firstService.first ?? ""
    group = (given["group"] as? [String: Any]).map { group in
      Group(
        name: group["name"] as? String ?? "", members: group["members"] as? [String] ?? [],
        rule: GroupRule(rawValue: group["rule"] as? String ?? "") ?? .worst)
    }
    expected = flattened(json["expect"] ?? [:])
  }

  /// The case's figures from a history of its facts.
  func figures(of history: StatusHistory) -> UptimeFigures {
    guard let group else { return history.figures(of: service, options) }
    return ServiceGroup(
      name: group.name, rule: group.rule, parts: [.init(group.members, in: history)]
    ).figures(options)
  }

  /// The history of some of the lines, read as a file of facts.
  func historyOfLines(_ range: Range<Int>) -> StatusHistory {
    var history = StatusHistory()
    let validator = JSONValidator()
    for index in range {
      lines[index].withUnsafeBytes {
        history.receive(line: $0, arrival: Int64(index), validator: validator)
      }
    }
    return history
  }

  /// The history of some of the lines, read as events of a stream.
  func historyOfEvents(_ range: Range<Int>) -> StatusHistory {
    var history = StatusHistory()
    for index in range {
      let event = statusEvent(
        lines[index], number: Int64(index), recordedAt: recordedAt[index] ?? .latest)
      event.withView { history.receive($0) }
    }
    return history
  }
}

extension UptimeOptions {
  fileprivate init(json: [String: Any]) throws {
    func instant(_ key: String) throws -> Timestamp? {
      try (json[key] as? String).map { try Timestamp(rfc3339: $0) }
    }
    if let from = json["from"] as? String, let to = json["to"] as? String {
      let days = localDays(from: from, to: to, zone: json["timezone"] as? String ?? "UTC")
      self.init(
        start: days.first?.start ?? .earliest, end: days.last?.end ?? .earliest,
        asOf: try instant("asOf"))
      self.days = days
    } else {
      self.init(
        start: try instant("start") ?? .earliest, end: try instant("end") ?? .earliest,
        asOf: try instant("asOf"))
    }
    if let weight = json["degradedWeight"] as? String {
      degradedWeight = Fraction(decimal: weight) ?? .one
    }
    sloTarget = (json["sloTarget"] as? String).flatMap { Fraction(percent: $0) }
    staleAfterSeconds = json["staleAfterSeconds"] as? Int64
    mergeGapSeconds = json["mergeGapSeconds"] as? Int64 ?? 0
    minIncidentSeconds = json["minIncidentSeconds"] as? Int64 ?? 0
    skewSeconds = json["skewSeconds"] as? Int64 ?? 300
    throughPosition = (json["throughPosition"] as? Int64).map { Position($0) }
    maintenance = try (json["maintenance"] as? [[String: String]] ?? []).map { window in
      MaintenanceWindow(
        service: window["service"], start: try Timestamp(rfc3339: window["start"] ?? ""),
        end: try Timestamp(rfc3339: window["end"] ?? ""))
    }
  }
}

/// The days from `from` to before `to` in a zone, each from its first instant.
func localDays(from: String, to: String, zone: String) -> [LocalDay] {
  var calendar = Calendar(identifier: .gregorian)
  calendar.timeZone = TimeZone(identifier: zone) ?? .gmt
  guard var date = CivilDate(from), let end = CivilDate(to) else { return [] }
  func firstInstant(of date: CivilDate) -> Timestamp {
    let noon = calendar.date(
      from: DateComponents(year: date.year, month: date.month, day: date.day, hour: 12))
    let start = calendar.startOfDay(for: noon ?? .distantPast)
    return Timestamp(microseconds: Int64(start.timeIntervalSince1970) * 1_000_000)
  }
  var days: [LocalDay] = []
  while date < end {
    let next = date.adding(days: 1)
    days.append(
      LocalDay(date: date, start: firstInstant(of: date), end: firstInstant(of: next)))
    date = next
  }
  return days
}

/// Every leaf of a JSON value as text under its path.
func flattened(_ value: Any, at path: String = "") -> [String: String] {
  func below(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
  switch value {
  case let object as [String: Any]:
    return object.reduce(into: [:]) { result, member in
      result.merge(flattened(member.value, at: below(member.key))) { first, _ in first }
    }
  case let array as [Any]:
    return array.enumerated().reduce(into: [:]) { result, element in
      result.merge(flattened(element.element, at: below("\(element.offset)"))) { first, _ in first }
    }
  case let text as String: return [path: text]
  case let number as NSNumber:
    let double = number.doubleValue
    return [path: double == double.rounded() ? "\(Int64(double))" : "\(double)"]
  default: return [path: "null"]
  }
}
