/// A text told apart by its bytes.
///
/// `String`'s own `==`, `<` and hash hold canonically equivalent texts for the same ("é" as one
/// scalar or as two). A file name, a key of SQLite and an account of an identity provider do not:
/// whatever decides identity or rights compares these instead.
public struct ExactText: Hashable, Comparable, Sendable {
  public let text: String

  public init(_ text: String) { self.text = text }

  public static func == (a: ExactText, b: ExactText) -> Bool {
    var (a, b) = (a.text, b.text)
    return a.withUTF8 { a in b.withUTF8 { b in a.count == b.count && a.elementsEqual(b) } }
  }

  /// The order of the bytes, which is the order of the code points and of SQLite's `BINARY`.
  public static func < (a: ExactText, b: ExactText) -> Bool {
    a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
  }

  public func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    hasher.combine(UInt8(0xFF))
  }
}

extension String {
  /// What follows the ASCII `prefix`, byte for byte; nil if nothing does.
  ///
  /// `hasPrefix` compares characters: it overlooks a prefix whose last one a combining mark joins.
  func suffix(after prefix: StaticString) -> String? {
    let prefix = UnsafeBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount)
    guard utf8.starts(with: prefix), utf8.count > prefix.count else { return nil }
    return String(unicodeScalars.dropFirst(prefix.count))
  }
}
