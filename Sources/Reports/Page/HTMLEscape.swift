internal import Mustache

/// Escapes text for HTML, between tags and inside quoted attributes.
///
/// Scalar by scalar: Mustache's own escaping compares whole characters, and a `<` or `"` that a
/// neighbouring scalar has joined (U+0600, U+0301) would pass it as it is.
struct HTMLEscape: MustacheContentType {
  func escapeText(_ text: String) -> String { Self.escape(text) }

  static func escape(_ text: String) -> String {
    var out = ""
    out.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "&": out += "&amp;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }
}
