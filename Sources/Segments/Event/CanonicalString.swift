internal import Streams

/// The inside of a JSON string as `JSONEscapes.quote` writes it.
enum CanonicalString {
  /// The text of `raw`; nil when `raw` is not UTF-8 or another spelling of its text.
  static func resolve(_ raw: UnsafeRawBufferPointer) -> String? {
    if !raw.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) {
      return String(validating: raw, as: UTF8.self)
    }
    let array = Array("[\"".utf8) + Array(raw) + Array("\"]".utf8)
    var text: String?
    array.withUnsafeBytes { bytes in
      guard JSONValidator().problem(in: bytes) == nil else { return }
      JSONMembers.forEachElement(in: bytes) { text = $0.string }
    }
    guard let text, JSONEscapes.quote(text).utf8.dropFirst().dropLast().elementsEqual(raw) else {
      return nil
    }
    return text
  }
}
