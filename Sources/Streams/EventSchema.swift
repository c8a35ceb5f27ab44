/// Checks an event's data against the schema of its type.
///
/// Known types have required and optional fields; an unknown type needs only well-formed data, and
/// may be opaque bytes. A field the schema does not name is always allowed.
public enum EventSchema {
  /// What a field must hold.
  enum Rule {
    case text
    case nonEmptyText
    case timestamp
    case nonNegativeNumber
    case object
    /// One of the five states.
    case state
    /// An address for a browser: http or https.
    case link
    case eventID
  }

  struct Field {
    let name: StaticString
    let rule: Rule
    let isRequired: Bool

    init(_ name: StaticString, _ rule: Rule, required: Bool = false) {
      self.name = name
      self.rule = rule
      isRequired = required
    }

    func violation(_ reason: String, _ code: ErrorCode = .invalidEvent) -> SchemaViolation {
      SchemaViolation(field: "data.\(name)", reason: reason, code: code)
    }
  }

  /// Whether the data of `type` has a schema.
  public static func isKnown(_ type: String) -> Bool { fields(of: type) != nil }

  static func fields(of type: String) -> [Field]? {
    switch type {
    case KnownEventType.serviceStatusChanged: serviceStatusChanged
    case KnownEventType.userDataUpdated: userDataUpdated
    case KnownEventType.streamCreated: streamCreated
    default: correctionFields(of: type)
    }
  }

  private static let serviceStatusChanged = [
    Field("serviceName", .nonEmptyText, required: true),
    Field("status", .nonEmptyText, required: true),
    Field("timestamp", .timestamp, required: true),
    Field("duration", .nonNegativeNumber),
    Field("responseMs", .nonNegativeNumber),
    Field("metadata", .object),
    Field("eventId", .text),
  ]
  private static let userDataUpdated = [
    Field("userId", .nonEmptyText), Field("category", .text), Field("timestamp", .timestamp),
  ]
  private static let streamCreated = [Field("name", .nonEmptyText, required: true)]

  /// The rule for the name of a type: 1 to 255 bytes, without control characters.
  ///
  /// - Throws: ``SchemaViolation`` of the field `type`.
  public static func check(typeName: String) throws(SchemaViolation) {
    guard !typeName.isEmpty, typeName.utf8.count <= EventLimits.maxTypeBytes else {
      throw SchemaViolation(field: "type", reason: "must have 1 to 255 bytes")
    }
    // SQLite ends a text at its first NUL.
    for scalar in typeName.unicodeScalars where scalar.properties.generalCategory == .control {
      throw SchemaViolation(field: "type", reason: "must not contain control characters")
    }
  }

  /// The rules for `type`'s data, which must already be valid JSON if the type is known.
  ///
  /// - Throws: ``SchemaViolation`` naming the first field that breaks its rule.
  /// - Complexity: O(n) in the bytes of `data`.
  public static func validate(
    type: String, data: UnsafeRawBufferPointer
  ) throws(SchemaViolation) {
    guard let fields = fields(of: type) else { return }
    var found: [JSONSlice?] = Array(repeating: nil, count: fields.count)
    let isObject = JSONMembers.forEach(in: data) { key, value in
      // As in every JSON reader of note, the last of several equal keys holds.
      for (index, field) in fields.enumerated() where key.equals(field.name) {
        found[index] = value
      }
    }
    guard isObject else { throw SchemaViolation(field: "data", reason: "must be a JSON object") }
    for (field, value) in zip(fields, found) {
      try check(field, value)
    }
    try checkRange(fields, found)
  }

  private static func check(_ field: Field, _ value: JSONSlice?) throws(SchemaViolation) {
    guard let value, value.kind != .null || field.isRequired else {
      if field.isRequired { throw field.violation("is missing") }
      return
    }
    switch field.rule {
    case .text, .nonEmptyText:
      guard let raw = value.rawString else { throw field.violation("must be a string") }
      if field.rule == .nonEmptyText, raw.isEmpty { throw field.violation("must not be empty") }
    case .timestamp:
      guard let raw = value.rawString else { throw field.violation("must be a string") }
      do { _ = try Timestamp(rfc3339: raw) } catch {
        throw field.violation(error.reason, .invalidTimestamp)
      }
    case .nonNegativeNumber:
      guard let number = value.double, number >= 0 else {
        throw field.violation("must be a number of at least 0")
      }
    case .object:
      guard value.kind == .object else { throw field.violation("must be an object") }
    case .state:
      guard let raw = value.rawString, states.contains(where: { raw.equals($0) }) else {
        throw field.violation("must be up, degraded, down, maintenance or unknown")
      }
    case .link:
      guard let text = value.string, text.hasPrefix("https://") || text.hasPrefix("http://") else {
        throw field.violation("must start with https:// or http://")
      }
    case .eventID:
      guard let raw = value.rawString, EventID(raw) != nil else {
        throw field.violation("must be a UUID")
      }
    }
  }
}

/// What is wrong with an event: the field, and why.
public struct SchemaViolation: CodedError, Equatable {
  public let field: String
  public let reason: String
  public let code: ErrorCode

  public init(field: String, reason: String, code: ErrorCode = .invalidEvent) {
    self.field = field
    self.reason = reason
    self.code = code
  }

  public var message: String { "Field \(field) \(reason)." }
  public var remedy: String { "Correct the field and send the event again." }
}
