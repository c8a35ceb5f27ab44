internal import Streams

/// Why reports did not reach somebody.
enum DeliveryError: CodedError, Equatable {
  /// A destination, and what it said.
  struct Undelivered: Equatable {
    var destination: String
    var reason: String
  }

  case undelivered([Undelivered], redeliver: String)
  case noReports(folder: String)
  case noFile(pattern: String, folder: String)
  case unreadable(path: String)
  case tooLarge(bytes: Int64, limit: Int64, files: [String])
  case noSecret(variable: String)
  case noSuchCommand(path: String, reason: String)

  var code: ErrorCode {
    switch self {
    case .undelivered: .deliveryFailed
    case .unreadable: .ioError
    default: .invalidOption
    }
  }

  var message: String {
    switch self {
    case .undelivered(let all, _):
      all.map { "\($0.destination): \($0.reason)" }.joined(separator: "; ") + "."
    case .noReports(let folder): "There are no reports in \(folder)."
    case .noFile(let pattern, let folder): "No file of \(folder) matches \(pattern)."
    case .unreadable(let path): "\(path) can't be read."
    case .tooLarge(let bytes, let limit, let files):
      "\(files.joined(separator: ", ")) have \(bytes) bytes together, and \(limit) is the most."
    case .noSecret(let variable): "$\(variable) is not set."
    case .noSuchCommand(let path, let reason): "\(path) can't be started: \(reason)."
    }
  }

  var remedy: String {
    switch self {
    case .undelivered(_, let redeliver): redeliver
    case .noReports: "Let the step need those that write reports, and run them for this date."
    case .noFile: "Correct the pattern, or let the step need the one that writes the file."
    case .unreadable: "Check the file and its permissions."
    case .tooLarge: "Attach less, or give a larger 'attachLimit'."
    case .noSecret: "Set it in the environment of the process."
    case .noSuchCommand: "Check the path and its permissions."
    }
  }
}
