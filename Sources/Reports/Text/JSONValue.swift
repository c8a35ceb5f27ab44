package import Analytics
package import Streams

/// A JSON text in the making. Members keep the order they are written in, numbers the digits they
/// are given: the same report is always the same bytes.
package indirect enum JSONValue: Sendable {
  case null
  case bool(Bool)
  /// Digits as they shall stand.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([(String, JSONValue)])

  package static func int<I: BinaryInteger>(_ value: I) -> JSONValue { .number(String(value)) }

  package static func seconds(milliseconds: Int64) -> JSONValue {
    .number(Fraction.seconds(milliseconds: milliseconds).shortest())
  }

  package static func seconds(_ value: Fraction) -> JSONValue { .number(value.shortest()) }

  package static func percent(_ share: Fraction?, decimals: Int) -> JSONValue {
    optional(share) { .string($0.percent(decimals: decimals)) }
  }

  package static func time(_ instant: Timestamp) -> JSONValue { .string(instant.rfc3339) }

  package static func optional<T>(_ value: T?, _ write: (T) -> JSONValue) -> JSONValue {
    value.map(write) ?? .null
  }

  /// The shortest digits that read back as the same number; null for what JSON cannot hold.
  package static func double(_ value: Double) -> JSONValue {
    guard value.isFinite else { return .null }
    if let whole = Int64(exactly: value) { return .int(whole) }
    return .number(value.description)
  }
}

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral {
  package init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(elements) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
}

extension JSONValue {
  /// Compact JSON with a newline at the end.
  package var document: String { text + "\n" }

  /// Compact JSON.
  package var text: String {
    var out = ""
    write(into: &out)
    return out
  }

  private func write(into out: inout String) {
    switch self {
    case .null: out += "null"
    case .bool(let value): out += value ? "true" : "false"
    case .number(let digits): out += digits
    case .string(let text): out += JSONEscapes.quote(text)
    case .array(let elements):
      out += "["
      for (index, element) in elements.enumerated() {
        if index > 0 { out += "," }
        element.write(into: &out)
      }
      out += "]"
    case .object(let members):
      out += "{"
      for (index, (key, value)) in members.enumerated() {
        if index > 0 { out += "," }
        out += JSONEscapes.quote(key) + ":"
        value.write(into: &out)
      }
      out += "}"
    }
  }
}
