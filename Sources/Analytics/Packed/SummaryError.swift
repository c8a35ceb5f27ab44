public import Streams

extension ErrorCode {
  public static let summaryCorrupt = ErrorCode(rawValue: "summary-corrupt")
  public static let summaryNewer = ErrorCode(rawValue: "summary-newer")
}

/// Why bytes are not a stored summary.
public enum SummaryError: CodedError, Equatable {
  /// The bytes do not hold what was stored.
  case corrupt(kind: String)
  /// Another version of Rookery stored it.
  case unknownVersion(kind: String, version: UInt8)

  public var code: ErrorCode {
    switch self {
    case .corrupt: .summaryCorrupt
    case .unknownVersion: .summaryNewer
    }
  }

  public var message: String {
    switch self {
    case .corrupt(let kind): "The stored \(kind) is damaged."
    case .unknownVersion(let kind, let version):
      "The stored \(kind) has version \(version), which this program does not know."
    }
  }

  public var remedy: String { "Recompute it from the events." }
}
