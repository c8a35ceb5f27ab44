/// Text as it may stand in an XML document, between tags and inside double quotes.
///
/// What XML 1.0 forbids outright (most control characters, U+FFFE, U+FFFF) becomes U+FFFD: one such
/// character in the name of a service makes the whole document unreadable. Line breaks and tabs
/// become spaces, as a parser reads them in attributes anyway.
enum XMLText {
  static func escape(_ text: String) -> String {
    var out = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { out.append(allowed(scalar)) }
    return HTMLEscape.escape(String(out))
  }

  /// `Char` of XML 1.0, section 2.2.
  private static func allowed(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0x9, 0xA, 0xD: " "
    case 0..<0x20, 0xFFFE, 0xFFFF: "\u{FFFD}"
    default: scalar
    }
  }
}
