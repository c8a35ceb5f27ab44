internal import Streams

/// Which column, or key, of a foreign record holds which field of a fact or an action.
public struct FieldMap: Sendable {
  public enum Field: String, CaseIterable, Sendable {
    case service, status, responseMs, duration
    case user, category, action, kind
    case timestamp, eventId, recordedAt

    /// The key of `import facts` and `import activity`.
    var key: StaticString {
      switch self {
      case .service: "serviceName"
      case .status: "status"
      case .responseMs: "responseMs"
      case .duration: "duration"
      case .user: "user"
      case .category: "category"
      case .action: "action"
      case .kind: "kind"
      case .timestamp: "timestamp"
      case .eventId: "eventId"
      case .recordedAt: "recordedAt"
      }
    }

    var isTime: Bool { self == .timestamp || self == .recordedAt }
    var isNumber: Bool { self == .responseMs || self == .duration }

    /// The one kind of record that has it; nil for both.
    var format: LineFormat? {
      switch self {
      case .service, .status, .responseMs, .duration: .facts
      case .user, .category, .action, .kind: .activity
      case .timestamp, .eventId, .recordedAt: nil
      }
    }
  }

  /// `.facts` or `.activity`, by whether a service or a user is mapped.
  public let format: LineFormat
  /// In the order of `Field`.
  let columns: [(field: Field, column: String)]
  let times: TimeReading
  /// Words of the source for a status, and the word to store.
  let words: [String: String]

  /// - Parameters:
  ///   - options: each `FIELD=COLUMN[,FIELD=COLUMN…]`.
  ///   - words: each `WORD=STATUS[,…]`, such as `1=up,0=down`.
  public init(
    _ options: [String], times: TimeReading, words: [String] = []
  ) throws(MappingError) {
    var found: [Field: String] = [:]
    for (name, column) in try Self.pairs(options) {
      guard let field = Field(rawValue: name) else { throw .unknownField(name) }
      guard found.updateValue(column, forKey: field) == nil else { throw .repeatedField(name) }
    }
    guard (found[.service] != nil) != (found[.user] != nil) else { throw .undecided }
    let format: LineFormat = found[.user] == nil ? .facts : .activity
    self.format = format
    for field in format == .facts ? [Field.status, .timestamp] : [.timestamp]
    where found[field] == nil {
      throw .missingField(field.rawValue)
    }
    for field in Field.allCases where found[field] != nil {
      if let only = field.format, only != format { throw .foreignField(field.rawValue, of: format) }
    }
    columns = Field.allCases.compactMap { field in found[field].map { (field, $0) } }
    self.times = times
    self.words = Dictionary(try Self.pairs(words)) { $1 }
  }

  /// A comma that no `FIELD=` follows is a part of the column's name.
  private static func pairs(_ options: [String]) throws(MappingError) -> [(String, String)] {
    var pairs: [(String, String)] = []
    for option in options {
      for (index, part) in option.split(separator: ",", omittingEmptySubsequences: false)
        .enumerated()
      {
        let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty {
          pairs.append((String(sides[0]), String(sides[1])))
        } else if index > 0, sides.count == 1 {
          pairs[pairs.count - 1].1 += "," + part
        } else {
          throw .notAPair(String(part))
        }
      }
    }
    return pairs
  }

  func column(_ name: String) -> Field? { columns.first { $0.column == name }?.field }

  /// Writes `value`, the text of a column, as `field`. An empty value is none.
  func write(
    _ value: UnsafeRawBufferPointer, as field: Field, to line: inout LineDraft
  ) throws(Rejection) {
    guard !value.isEmpty else { return }
    guard !value.contains(0) else {
      throw Rejection(.invalidEvent, field: field.rawValue, "holds a NUL byte")
    }
    if field.isTime {
      line.text(field.key, try times.read(value, field: field.rawValue).rfc3339)
    } else if field.isNumber {
      guard let number = LineDraft.number(value.trimmed) else {
        throw Rejection(.invalidEvent, field: field.rawValue, "must be a number of at least 0")
      }
      line.verbatim(field.key, number)
    } else if field == .status, !words.isEmpty,
      let word = words[String(decoding: value, as: UTF8.self)]
    {
      line.text(field.key, word)
    } else {
      line.text(field.key, value)
    }
  }
}
