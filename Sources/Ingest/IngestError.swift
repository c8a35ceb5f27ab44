public import Streams

/// What stops a load as a whole. A bad line never does: see ``Rejection``.
public enum IngestError: CodedError, Equatable {
  /// The file can't be opened.
  case unreadable(file: String, detail: String)
  /// The input broke off or is damaged; the lines before that were taken.
  case damaged(file: String, line: Int, detail: String)
  /// The file is another tool's, or none of a tool that we know.
  case notFrom(tool: String, file: String, detail: String)
  /// A file that nobody had open was written to while it was read.
  case changed(file: String)
  /// The input does not fit what was said of its columns.
  case mapping(MappingError)
  /// The rejects file is the store, the configuration or one of the inputs.
  case rejectsInUse(file: String)
  /// The rejects file can't be written.
  case rejectsUnwritable(file: String, detail: String)

  public var code: ErrorCode {
    switch self {
    case .rejectsInUse, .mapping: .invalidOption
    case .unreadable, .damaged, .notFrom, .changed, .rejectsUnwritable: .ioError
    }
  }

  public var message: String {
    switch self {
    case .unreadable(let file, let detail): "\(file) can't be read: \(detail)."
    case .damaged(let file, let line, let detail):
      "\(file) is damaged or cut short after line \(line): \(detail)."
    case .notFrom(let tool, let file, let detail):
      "\(file) is not from \(tool): \(detail)."
    case .changed(let file): "\(file) was written to while it was read."
    case .mapping(let error): error.message
    case .rejectsInUse(let file):
      "The rejects file \(file) is the store, the configuration or an input."
    case .rejectsUnwritable(let file, let detail):
      "The rejects file \(file) can't be written: \(detail)."
    }
  }

  public var remedy: String {
    switch self {
    case .unreadable: "Check the path and its permissions."
    case .damaged: "Get a whole copy and run the same command: what was stored is not added twice."
    case .notFrom(let tool, _, _): "Give what `rookery import --help` says of \(tool)."
    case .changed: "Run the same command again: what was stored is not added twice."
    case .mapping(let error): error.remedy
    case .rejectsInUse: "Nothing was touched. Give --rejects a file of its own."
    case .rejectsUnwritable: "Give --rejects a path that can be written, and run it again."
    }
  }
}

/// Why one line was not taken.
public struct Rejection: CodedError, Equatable {
  public var code: ErrorCode
  /// The field the reason is about; empty for the line as a whole.
  public var field: String
  public var reason: String
  /// The service a rejected fact was about, as far as the line tells.
  public var service: String?

  public init(_ code: ErrorCode, field: String = "", _ reason: String, service: String? = nil) {
    self.code = code
    self.field = field
    self.reason = reason
    self.service = service
  }

  public var message: String { field.isEmpty ? reason : "\(field): \(reason)" }
  public var remedy: String { "Correct the line and load the file again: no other is added twice." }
}
