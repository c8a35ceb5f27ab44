/// A stream's name: 1…255 bytes of UTF-8, without control characters, `/`, or a leading dot.
///
/// Names are kept, compared and ordered by their bytes: they are not normalised.
public struct StreamName: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let rawValue: String

  public static let maxBytes = 255

  public init(_ text: String) throws(StreamNameError) {
    guard !text.isEmpty else { throw .empty }
    guard text.utf8.count <= Self.maxBytes else { throw .tooLong(bytes: text.utf8.count) }
    guard text.utf8.first != UInt8(ascii: ".") else { throw .leadingDot }
    for scalar in text.unicodeScalars {
      if scalar == "/" { throw .slash }
      if scalar.properties.generalCategory == .control { throw .controlCharacter }
    }
    rawValue = text
  }

  public var description: String { rawValue }

  public static func == (a: StreamName, b: StreamName) -> Bool {
    ExactText(a.rawValue) == ExactText(b.rawValue)
  }

  public static func < (a: StreamName, b: StreamName) -> Bool {
    ExactText(a.rawValue) < ExactText(b.rawValue)
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(ExactText(rawValue)) }

  /// Whether the name belongs to the store itself.
  public var isReserved: Bool { rawValue.utf8.first == UInt8(ascii: "$") }
}

/// Why a text is not a stream name.
public enum StreamNameError: CodedError, Equatable {
  case empty
  case tooLong(bytes: Int)
  case leadingDot
  case slash
  case controlCharacter

  public var code: ErrorCode { .invalidStreamName }

  public var message: String {
    switch self {
    case .empty: "The stream name is empty."
    case .tooLong(let bytes):
      "The stream name has \(bytes) bytes; \(StreamName.maxBytes) are allowed."
    case .leadingDot: "The stream name starts with a dot."
    case .slash: "The stream name contains a slash."
    case .controlCharacter: "The stream name contains a control character."
    }
  }

  public var remedy: String {
    "Use 1 to 255 bytes of UTF-8 without '/', control characters or a leading dot."
  }
}
