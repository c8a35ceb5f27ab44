public import Streams

/// Why bytes are not a manifest this software reads.
public enum ManifestError: CodedError, Equatable {
  /// The reason names the field, never its content.
  case corrupt(String)
  /// A version or a feature from the future.
  case unsupported(String)

  public var code: ErrorCode { .segmentCorrupt }

  public var message: String {
    switch self {
    case .corrupt(let reason): "The manifest is not valid: \(reason)."
    case .unsupported(let what): "The manifest can't be read: \(what)."
    }
  }

  public var remedy: String {
    switch self {
    case .corrupt: "Verify the segment in full; the catalog keeps a copy of each manifest."
    case .unsupported: "Read the segment with the version of Rookery that wrote it, or with tar."
    }
  }
}
