/// Who sends or gets a message: `boss@example.net`, or `The Boss <boss@example.net>`.
package struct Mailbox: Hashable, Sendable {
  package let name: String
  package let address: String

  /// Nil for what is none. Addresses are ASCII: not every server knows others (RFC 6531).
  package init?(_ text: String) {
    guard text.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 }) else { return nil }
    var (name, address) = ("", text[...])
    if let open = text.lastIndex(of: "<"), text.hasSuffix(">") {
      name = String(text[..<open]).trimmed(" \"")
      address = text[text.index(after: open)...].dropLast()
    }
    let parts = address.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), address.utf8.count <= 254,
      address.utf8.allSatisfy({ $0 > 32 && $0 < 127 && !#"<>()[]\,;:""#.utf8.contains($0) })
    else { return nil }
    self.name = name
    self.address = String(address)
  }

  /// As it stands in a header.
  var header: String {
    name.isEmpty ? address : "\(EncodedWords.text(name, alwaysEncoded: true)) <\(address)>"
  }
}

extension String {
  fileprivate func trimmed(_ characters: String) -> String {
    String(drop { characters.contains($0) }.reversed().drop { characters.contains($0) }.reversed())
  }
}
