import Testing

@testable import Streams

@Suite struct `An event's schema` {
  private static func check(_ type: String, _ json: String) throws(SchemaViolation) {
    let bytes = Array(json.utf8)
    let result: Result<Void, SchemaViolation> = bytes.withUnsafeBytes { data in
      do throws(SchemaViolation) {
        return .success(try EventSchema.validate(type: type, data: data))
      } catch {
        return .failure(error)
      }
    }
    try result.get()
  }

  private static func violation(_ type: String, _ json: String) -> SchemaViolation? {
    do throws(SchemaViolation) {
      try check(type, json)
      return nil
    } catch {
      return error
    }
  }

  /// A valid object of the type with `field` replaced by `value`, or left out.
  private static func object(_ type: String, _ field: String, _ value: String?) -> String {
    var members: [(String, String)]
    switch type {
    case "ServiceStatusChanged":
      members = [
        ("serviceName", #""api""#), ("status", #""up""#), ("timestamp", #""2026-01-01T00:00:00Z""#),
      ]
    case "StreamCreated": members = [("name", #""a""#)]
    default: members = []
    }
    members.removeAll { $0.0 == field }
    if let value { members.append((field, value)) }
    return "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
  }

  private static let required = [
    ("ServiceStatusChanged", "serviceName"), ("ServiceStatusChanged", "status"),
    ("ServiceStatusChanged", "timestamp"), ("StreamCreated", "name"),
  ]
  private static let optional = [
    ("ServiceStatusChanged", "duration"), ("ServiceStatusChanged", "responseMs"),
    ("ServiceStatusChanged", "metadata"), ("ServiceStatusChanged", "eventId"),
    ("UserDataUpdated", "userId"), ("UserDataUpdated", "category"),
    ("UserDataUpdated", "timestamp"),
  ]

  @Test(arguments: required)
  func `names a required field that is missing`(type: String, field: String) {
    #expect(
      Self.violation(type, Self.object(type, field, nil))
        == SchemaViolation(field: "data.\(field)", reason: "is missing"))
  }

  @Test(arguments: required)
  func `does not take null for a required field`(type: String, field: String) {
    let violation = Self.violation(type, Self.object(type, field, "null"))
    #expect(violation?.field == "data.\(field)")
    #expect(violation?.reason == "must be a string")
  }

  @Test(arguments: optional)
  func `takes an optional field that is missing or null`(type: String, field: String) {
    #expect(Self.violation(type, Self.object(type, field, nil)) == nil)
    #expect(Self.violation(type, Self.object(type, field, "null")) == nil)
  }

  @Test(arguments: required + optional, ["true", "[]", "[1]", "-1"])
  func `names a field of the wrong kind`(field: (type: String, name: String), value: String) {
    #expect(
      Self.violation(field.type, Self.object(field.type, field.name, value))?.field
        == "data.\(field.name)")
  }

  @Test(arguments: [
    ("ServiceStatusChanged", "serviceName"), ("ServiceStatusChanged", "status"),
    ("StreamCreated", "name"), ("UserDataUpdated", "userId"),
  ])
  func `does not take an empty name`(type: String, field: String) {
    let violation = Self.violation(type, Self.object(type, field, #""""#))
    #expect(violation == SchemaViolation(field: "data.\(field)", reason: "must not be empty"))
  }

  @Test(arguments: [
    ("ServiceStatusChanged", "eventId", #""""#), ("UserDataUpdated", "category", #""""#),
    ("ServiceStatusChanged", "duration", "0"), ("ServiceStatusChanged", "duration", "-0"),
    ("ServiceStatusChanged", "duration", "0.5"), ("ServiceStatusChanged", "duration", "1e3"),
    ("ServiceStatusChanged", "responseMs", "18446744073709551616"),
    ("ServiceStatusChanged", "metadata", "{}"), ("ServiceStatusChanged", "metadata", #"{"a":[1]}"#),
    ("ServiceStatusChanged", "status", #""a word nobody knows""#),
    ("ServiceStatusChanged", "timestamp", #""2199-12-31T23:59:59.999999Z""#),
    ("ServiceStatusChanged", "region", "null"), ("ServiceStatusChanged", "region", "[{}]"),
    ("StreamCreated", "by", "7"),
  ])
  func `takes whatever else is in range or not named`(type: String, field: String, value: String) {
    #expect(Self.violation(type, Self.object(type, field, value)) == nil)
  }

  @Test(arguments: [
    ("ServiceStatusChanged", "duration", "-1"), ("ServiceStatusChanged", "duration", "-0.001"),
    ("ServiceStatusChanged", "duration", #""5""#), ("ServiceStatusChanged", "responseMs", "-1e-9"),
    ("ServiceStatusChanged", "metadata", #""{}""#), ("ServiceStatusChanged", "metadata", "[]"),
    ("ServiceStatusChanged", "eventId", "7"),
  ])
  func `does not take what is out of range or of another kind`(
    type: String, field: String, value: String
  ) {
    let violation = Self.violation(type, Self.object(type, field, value))
    #expect(violation?.field == "data.\(field)")
    #expect(violation?.code == .invalidEvent)
  }

  @Test(
    arguments: ["ServiceStatusChanged", "UserDataUpdated"],
    [
      ("2026-01-01T00:00:00", TimestampError.missingZone), ("9999-01-01T00:00:00Z", .outOfRange),
      ("1969-12-31T23:59:59Z", .outOfRange), ("", .malformed), ("yesterday", .malformed),
    ])
  func `says what is wrong with a timestamp`(type: String, time: (String, TimestampError)) {
    #expect(
      Self.violation(type, Self.object(type, "timestamp", "\"\(time.0)\""))
        == SchemaViolation(
          field: "data.timestamp", reason: time.1.reason, code: .invalidTimestamp))
  }

  @Test(
    arguments: ["ServiceStatusChanged", "UserDataUpdated", "StreamCreated"],
    [
      "[]", #""text""#, "7", "null", "true", #"[{"name":"a"}]"#,
    ])
  func `of a known type takes only an object`(type: String, json: String) {
    #expect(
      Self.violation(type, json)
        == SchemaViolation(field: "data", reason: "must be a JSON object"))
  }

  @Test(
    arguments: ["OrderPlaced", "serviceStatusChanged", "", "$metadata"],
    [
      "{}", "[]", "null", "7", "", "\u{0}binary", #"{"timestamp":"never"}"#,
    ])
  func `of an unknown type takes anything`(type: String, data: String) {
    #expect(Self.violation(type, data) == nil)
  }

  @Test(arguments: [(#""up""#, "7", false), ("7", #""up""#, true)])
  func `judges the last of several equal keys`(first: String, last: String, isTaken: Bool) {
    let json =
      #"{"serviceName":"a","timestamp":"2026-01-01T00:00:00Z","status":\#(first),"status":\#(last)}"#
    #expect((Self.violation("ServiceStatusChanged", json) == nil) == isTaken)
  }

  @Test(arguments: [
    ("A", true), (String(repeating: "x", count: 255), true), ("a b", true), ("日本", true),
    ("", false), (String(repeating: "x", count: 256), false), ("a\u{0}b", false), ("a\nb", false),
    ("\u{85}", false),
  ])
  func `bounds the name of a type`(name: String, isTaken: Bool) {
    #expect(((try? EventSchema.check(typeName: name)) != nil) == isTaken)
  }

  @Test func `gives a status change its own time`() throws {
    let json = Array(#"{"timestamp":"2026-01-31T08:30:00.25Z","x":{"timestamp":"no"}}"#.utf8)
    json.withUnsafeBytes { data in
      #expect(
        KnownEventType.time(of: "ServiceStatusChanged", data: data)?.rfc3339
          == "2026-01-31T08:30:00.250Z")
      #expect(KnownEventType.time(of: "UserDataUpdated", data: data) == nil)
    }
    Array(#"{"timestamp":"soon"}"#.utf8).withUnsafeBytes { data in
      #expect(KnownEventType.time(of: "ServiceStatusChanged", data: data) == nil)
    }
  }
}
