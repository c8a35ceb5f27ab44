internal import Streams

/// Header text that is not plain ASCII, as RFC 2047 has it: `=?UTF-8?B?…?=`.
enum EncodedWords {
  /// So that a line has at most 76 characters, with the header's name before it: these are 52 digits.
  private static let bytesPerWord = 39
  /// A plain text longer than this would need folding, where it may have no spaces.
  private static let longestPlain = 60

  static func text(_ text: String, alwaysEncoded: Bool = false) -> String {
    let isPlain = text.utf8.allSatisfy { $0 >= 32 && $0 < 127 }
    if isPlain, !alwaysEncoded, text.utf8.count <= longestPlain, !text.contains("=?") {
      return text
    }
    var words: [[UInt8]] = [[]]
    // A word ends between two scalars: each of them is decoded for itself.
    for scalar in text.unicodeScalars {
      let bytes = Array(String(scalar).utf8)
      if words[words.count - 1].count + bytes.count > bytesPerWord { words.append([]) }
      words[words.count - 1] += bytes
    }
    return words.map { "=?UTF-8?B?\(Base64.text($0))?=" }.joined(separator: "\r\n ")
  }
}

extension Base64 {
  static func text(_ bytes: [UInt8]) -> String {
    var digits: [UInt8] = []
    bytes.withUnsafeBytes { append($0, to: &digits) }
    return String(decoding: digits, as: UTF8.self)
  }
}
