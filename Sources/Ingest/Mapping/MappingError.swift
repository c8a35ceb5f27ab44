public import Streams

/// What is wrong with how the columns of an input are said to map onto fields.
public enum MappingError: CodedError, Equatable {
  /// Not `FIELD=COLUMN`.
  case notAPair(String)
  case unknownField(String)
  case repeatedField(String)
  /// Both a service and a user, or neither.
  case undecided
  case missingField(String)
  /// A field that only the other kind of record has.
  case foreignField(String, of: LineFormat)
  case timeFormat(String)
  case delimiter(String)
  /// The input has no such column, or has it twice.
  case noColumn(file: String, field: String, column: String, columns: [String])
  case repeatedColumn(file: String, column: String)
  /// Of the first records of an input not one could be read; nothing was stored.
  case nothingFits(file: String, records: Int, first: Rejection)

  public var code: ErrorCode { .invalidOption }

  public var message: String {
    switch self {
    case .notAPair(let text): "--map: '\(text)' is not FIELD=COLUMN."
    case .unknownField(let field): "--map: there is no field '\(field)'."
    case .repeatedField(let field): "--map gives '\(field)' twice."
    case .undecided: "--map must give either 'service' or 'user'."
    case .missingField(let field): "--map does not give '\(field)'."
    case .foreignField(let field, let format):
      "--map: '\(field)' is no field of \(format.rawValue)."
    case .timeFormat(let text):
      "--time-format '\(text)' is no known name, and no pattern with a date."
    case .delimiter(let text): "--delimiter '\(text)' is not one character."
    case .noColumn(let file, let field, let column, let columns):
      "\(file) has no column '\(column)', which --map gives for '\(field)'. There "
        + (columns.count == 1 ? "is: " : "are: ") + Self.list(columns) + "."
    case .repeatedColumn(let file, let column): "\(file) has the column '\(column)' twice."
    case .nothingFits(let file, let records, let first):
      "Not one of the first \(records) records of \(file) could be read; the first: \(first.message)."
    }
  }

  public var remedy: String {
    switch self {
    case .notAPair, .unknownField, .repeatedField, .undecided, .missingField, .foreignField:
      "Service status: service, status, timestamp, and if there are any responseMs, duration, "
        + "eventId, recordedAt. What users did: user, timestamp, and if there are any category, "
        + "action, kind, eventId, recordedAt. For example: "
        + "--map service=host,status=state,timestamp=time."
    case .timeFormat:
      "Give rfc3339, clf, epoch, epoch-ms, epoch-us, or a pattern such as '%d.%m.%Y %H:%M:%S.%f'."
    case .delimiter: "Give one ASCII character, or 'tab'."
    case .noColumn: "Nothing was stored. Correct --map, or --delimiter."
    case .repeatedColumn: "Give --no-header and the numbers of the columns."
    case .nothingFits: "Nothing was stored. Check --map, --time-format and --tz."
    }
  }

  private static func list(_ columns: [String]) -> String {
    let shown = columns.prefix(40).map { JSONEscapes.quote(String($0.prefix(60))) }.joined(
      separator: ", ")
    return columns.count > 40 ? shown + " and \(columns.count - 40) more" : shown
  }
}
