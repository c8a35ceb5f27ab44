import Foundation
import Pipelines
import Reports
import Streams
import Testing

/// One worked case of `uptime-cases.json`, its parts as they stand there.
struct WorkedCase: Sendable, CustomTestStringConvertible {
  var id = ""
  var title = ""
  /// In order of arrival, each on one line, some of them broken.
  var lines: [String] = []
  var options = ""
  var service: String?
  /// What is expected: the digits and texts as written, by their path.
  var expected: [String: String] = [:]

  var testDescription: String { "\(id): \(title)" }

  static let all: [WorkedCase] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "AnalyticsTests/uptime-cases.json")
    // An empty table fails the test that counts its cases.
    guard let data = try? Data(contentsOf: file) else { return [] }
    var cases: [WorkedCase] = []
    Array(data).withUnsafeBytes { bytes in
      _ = JSONMembers.forEach(in: bytes) { key, value in
        guard key.equals("cases") else { return }
        JSONMembers.forEachElement(in: value.bytes) { cases.append(WorkedCase($0.bytes)) }
      }
    }
    return cases
  }()

  private init(_ json: UnsafeRawBufferPointer) {
    JSONMembers.forEach(in: json) { key, value in
      switch String(decoding: key, as: UTF8.self) {
      case "id": id = value.string ?? ""
      case "title": title = value.string ?? ""
      case "options": options = String(decoding: value.bytes, as: UTF8.self)
      case "expect": expected = leaves(of: value)
      case "events": JSONMembers.forEachElement(in: value.bytes) { lines.append(Self.line($0)) }
      default: break
      }
    }
  }

  /// An event on one line; a text is a line that no monitor should have written.
  private static func line(_ value: JSONSlice) -> String {
    value.string
      ?? String(decoding: value.bytes, as: UTF8.self).replacing("\n", with: " ")
  }

  func query() throws -> UptimeQuery { try UptimeQuery(json: Array(options.utf8)) }

  /// Where a report's JSON is not as the table says.
  func differences(_ report: UptimeReport) throws -> [String] {
    let leaves = leaves(ofText: report.json())
    let entry = try place(leaves)
    return expected.sorted { $0.key < $1.key }.compactMap { path, value in
      let found = leaves["\(entry).\(path)"]
      return found == value ? nil : "\(path) is \(found ?? "missing"), not \(value)"
    }
  }

  /// The case is about its group, or else about the service of the options or of the first line.
  private func place(_ leaves: [String: String]) throws -> String {
    if leaves["groups.0.service"] != nil { return "groups.0" }
    var service = lines.first.flatMap { member("serviceName", of: $0) }
    service = member("service", of: options) ?? service
    let index = try #require(
      (0..<10).first { leaves["services.\($0).service"] == service }, "\(id) has no service")
    return "services.\(index)"
  }

  private func member(_ name: String, of json: String) -> String? { leaves(ofText: json)[name] }
}

/// Every leaf of a JSON text, as it is written, by its path: `days.0.seconds.up` is `86400`.
func leaves(ofText json: String) -> [String: String] {
  var found: [String: String] = [:]
  Array("[\(json)]".utf8).withUnsafeBytes { bytes in
    _ = JSONMembers.forEachElement(in: bytes) { found = leaves(of: $0) }
  }
  return found
}

private func leaves(of value: JSONSlice) -> [String: String] {
  var found: [String: String] = [:]
  collect(value, at: "", &found)
  return found
}

private func collect(_ value: JSONSlice, at path: String, _ found: inout [String: String]) {
  func below(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
  switch value.kind {
  case .object:
    JSONMembers.forEach(in: value.bytes) { key, member in
      collect(member, at: below(String(decoding: key, as: UTF8.self)), &found)
    }
  case .array:
    var index = 0
    JSONMembers.forEachElement(in: value.bytes) { element in
      collect(element, at: below("\(index)"), &found)
      index += 1
    }
  default: found[path] = String(decoding: value.bytes, as: UTF8.self)
  }
}
