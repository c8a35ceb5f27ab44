public import Streams

/// Why an event has no line, or a line no event.
public enum EventLineError: CodedError, Equatable {
  /// The line is not canonical at this field.
  case malformed(field: String)
  /// The event's field has no canonical form.
  case unrepresentable(field: String)

  public var code: ErrorCode {
    switch self {
    case .malformed: .segmentCorrupt
    case .unrepresentable: .invalidEvent
    }
  }

  public var message: String {
    switch self {
    case .malformed(let field): "The event line is malformed at '\(field)'."
    case .unrepresentable(let field): "The event's '\(field)' is out of range."
    }
  }

  public var remedy: String {
    switch self {
    case .malformed: "Verify the segment in full and restore it from a second copy."
    case .unrepresentable: "Check how the event was imported."
    }
  }
}
