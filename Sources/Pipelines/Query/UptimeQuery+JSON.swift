internal import Analytics
internal import Streams

extension UptimeQuery {
  /// Reads an options object: `{"start","end","from","to","period","timezone","asOf","service",
  /// "degradedWeight","staleAfterSeconds","maintenance","mergeGapSeconds","minIncidentSeconds",
  /// "skewSeconds","throughPosition","publishedAt","withoutCorrections","sloTarget","decimals",
  /// "group"|"groups","details","title"}`.
  ///
  /// - Throws: ``QueryError`` for anything else.
  public init(json: [UInt8]) throws {
    self.init()
    try apply(json)
  }

  /// Lays the members of another options object over these.
  public mutating func apply(_ json: [UInt8]) throws {
    try json.withUnsafeBytes { bytes in
      guard JSONValidator().problem(in: bytes) == nil, JSONMembers.kind(of: bytes) == .object
      else { throw QueryError.notAnObject }
      try JSONMembers.forEach(in: bytes) { key, value in
        guard value.kind != .null else { return }
        try set(String(decoding: key, as: UTF8.self), value)
      }
    }
  }

  private mutating func set(_ field: String, _ value: JSONSlice) throws {
    let option = JSONOption(field: field, value: value)
    switch field {
    case "start": start = try option.time()
    case "end": end = try option.time()
    case "from": from = try option.date()
    case "to": to = try option.date()
    case "period": period = try PeriodChoice(try option.text(), field: field)
    case "timezone": timezone = try option.text()
    case "asOf": asOf = try option.time()
    case "service": service = try option.text()
    case "degradedWeight": degradedWeight = try option.weight()
    case "staleAfterSeconds": staleAfterSeconds = try option.count()
    case "maintenance": maintenance = try option.windows()
    case "mergeGapSeconds": mergeGapSeconds = try option.count()
    case "minIncidentSeconds": minIncidentSeconds = try option.count()
    case "skewSeconds": skewSeconds = try option.count()
    case "throughPosition": throughPosition = Position(try option.count())
    case "publishedAt": publishedAt = Position(try option.count())
    case "withoutCorrections": withoutCorrections = try option.flag()
    case "sloTarget": sloTarget = try option.target()
    case "decimals": decimals = Int(try option.count(atMost: 9))
    case "group": groups.append(try option.group())
    case "groups": groups += try option.list { try $0.group() }
    case "details": details = try option.list { try $0.text() }
    case "title": title = try option.text()
    default: throw QueryError.unknownField(field)
    }
  }
}

/// One member of an options object, read as what it must be.
private struct JSONOption {
  let field: String
  let value: JSONSlice

  func wrong(_ expected: String) -> QueryError { .wrongValue(field: field, expected: expected) }

  func text() throws -> String {
    guard let text = value.string else { throw wrong("a text") }
    return text
  }

  func time() throws -> Timestamp {
    guard let raw = value.rawString, let time = try? Timestamp(rfc3339: raw) else {
      throw wrong("a time with a zone, as 2026-01-31T08:30:00Z")
    }
    return time
  }

  func date() throws -> CivilDate {
    guard let date = value.string.flatMap({ CivilDate($0) }) else {
      throw wrong("a date, as 2026-01-31")
    }
    return date
  }

  func count(atMost limit: Int64 = .max) throws -> Int64 {
    guard value.kind == .number,
      let count = Int64(String(decoding: value.bytes, as: UTF8.self)), (0...limit).contains(count)
    else { throw wrong("a whole number from 0" + (limit == .max ? "" : " to \(limit)")) }
    return count
  }

  func flag() throws -> Bool {
    guard value.kind == .bool else { throw wrong("true or false") }
    return value.bytes.first == UInt8(ascii: "t")
  }

  /// A decimal number, as a text or a number: exact either way.
  private func decimalText() -> String? {
    value.kind == .number ? String(decoding: value.bytes, as: UTF8.self) : value.string
  }

  func weight() throws -> Fraction {
    guard let weight = decimalText().flatMap({ Fraction(decimal: $0) }),
      weight >= .zero, weight <= .one
    else { throw wrong("a decimal number from 0 to 1") }
    return weight
  }

  func target() throws -> Fraction {
    guard let target = decimalText().flatMap({ Fraction(percent: $0) }),
      target >= .zero, target <= .one
    else { throw wrong("a percentage from 0 to 100") }
    return target
  }

  func list<T>(_ read: (JSONOption) throws -> T) throws -> [T] {
    var values: [T] = []
    let isArray = try JSONMembers.forEachElement(in: value.bytes) { element in
      values.append(try read(JSONOption(field: field, value: element)))
    }
    guard isArray else { throw wrong("a list") }
    return values
  }

  private func members() throws -> [String: JSONOption] {
    var members: [String: JSONOption] = [:]
    let isObject = JSONMembers.forEach(in: value.bytes) { key, value in
      let name = String(decoding: key, as: UTF8.self)
      members[name] = JSONOption(field: "\(field).\(name)", value: value)
    }
    guard isObject else { throw wrong("an object") }
    return members
  }

  func windows() throws -> [MaintenanceWindow] {
    try list { element in
      let members = try element.members()
      guard let start = try members["start"]?.time(), let end = try members["end"]?.time() else {
        throw wrong("a list of {service?, start, end}")
      }
      return MaintenanceWindow(
        service: try members["service"]?.text(), start: start, end: end)
    }
  }

  func group() throws -> UptimeQuery.Group {
    let members = try members()
    guard let name = try members["name"]?.text(),
      let services = try members["members"]?.list({ try $0.text() }),
      let rule = GroupRule(rawValue: try members["rule"]?.text() ?? "worst")
    else { throw wrong("{name, members, rule: worst or best}") }
    return UptimeQuery.Group(name: name, members: services, rule: rule)
  }
}
