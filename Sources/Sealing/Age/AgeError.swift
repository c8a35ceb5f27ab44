public import Streams

/// Why an age file can't be opened.
public enum AgeError: CodedError, Equatable {
  /// It is no age file of version 1, or breaks a limit; nothing was allocated for it.
  case malformed(String)
  /// It was sealed to other keys.
  case wrongKey
  /// It was altered or cut after it was sealed.
  case altered

  public var code: ErrorCode { self == .wrongKey ? .keyUnavailable : .segmentCorrupt }

  public var message: String {
    switch self {
    case .malformed(let what): "The age file is malformed: \(what)."
    case .wrongKey: "The age file was sealed to another key."
    case .altered: "The age file was altered or cut."
    }
  }

  public var remedy: String {
    switch self {
    case .malformed, .altered: "Verify the segment in full and restore it from a second copy."
    case .wrongKey: "Check which key database belongs to this archive."
    }
  }
}
