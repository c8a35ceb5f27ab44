internal import Glibc

/// Where a target is, as it is written in policies and in the catalog.
public enum TargetAddress: Hashable, Sendable, CustomStringConvertible {
  /// An absolute path.
  case folder(String)
  case s3(bucket: String, prefix: String)

  /// - Throws: ``TargetError/invalidAddress(_:reason:)``.
  public init(_ text: String) throws(TargetError) {
    if text.hasPrefix("/") {
      self = .folder(Self.withoutEndingSlash(text))
      return
    }
    guard text.hasPrefix("s3://") else {
      throw .invalidAddress(text, reason: "it starts with neither '/' nor 's3://'")
    }
    let parts = text.dropFirst(5).split(separator: "/", omittingEmptySubsequences: false)
    guard let bucket = parts.first, Self.isBucket(bucket) else {
      throw .invalidAddress(text, reason: "its bucket's name is not one")
    }
    let prefix = Self.withoutEndingSlash(parts.dropFirst().joined(separator: "/"))
    guard Self.isPrefix(prefix) else {
      throw .invalidAddress(
        text, reason: "its prefix has other characters than letters, digits and '-', '_', '.'")
    }
    self = .s3(bucket: String(bucket), prefix: prefix)
  }

  public var description: String {
    switch self {
    case .folder(let path): path
    case .s3(let bucket, ""): "s3://\(bucket)"
    case .s3(let bucket, let prefix): "s3://\(bucket)/\(prefix)"
    }
  }

  /// The same text for all ways to write one place: links, mounts and relative parts lead to one
  /// folder, which has one number on its device. A folder that is not there is its path.
  var identity: String {
    guard case .folder(let path) = self else { return description }
    var status = Glibc.stat()
    guard stat(path, &status) == 0 else { return description }
    return "\(status.st_dev):\(status.st_ino)"
  }

  private static func withoutEndingSlash(_ text: String) -> String {
    var text = text
    while text.utf8.count > 1, text.hasSuffix("/") { text.removeLast() }
    return text == "/" ? "" : text
  }

  /// 3 to 63 lower-case letters, digits, dots and hyphens, as Amazon's naming rules say.
  private static func isBucket(_ text: Substring) -> Bool {
    (3...63).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "-")
          || byte == UInt8(ascii: ".")
      }
  }

  /// Characters that stand for themselves in a URL: a key then needs no escapes, and has one form.
  private static func isPrefix(_ text: String) -> Bool {
    text.isEmpty
      || text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
        !part.isEmpty && part != "." && part != ".."
          && part.utf8.allSatisfy { byte in
            (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte)
              || "-_.".utf8.contains(byte)
          }
      }
  }
}
