import Testing

@testable import Streams

@Suite struct `An exact text` {
  @Test(arguments: [
    ("\u{E9}", "e\u{301}"), ("\u{212B}", "\u{C5}"), ("\u{1E0B}\u{323}", "d\u{307}\u{323}"),
    ("\u{AC00}", "\u{1100}\u{1161}"), ("a\u{315}\u{300}", "a\u{300}\u{315}"),
  ])
  func `differs where only Unicode holds it for equal`(a: String, b: String) {
    #expect(a == b, "String holds them for equal")
    #expect(ExactText(a) != ExactText(b))
    #expect(Set([ExactText(a), ExactText(b), ExactText(a)]).count == 2)
  }

  @Test(arguments: ["", "a", "a longer text that does not fit in a small string", "é🚀"])
  func `equals itself`(text: String) {
    #expect(ExactText(text) == ExactText(String(decoding: Array(text.utf8), as: UTF8.self)))
    #expect(ExactText(text) != ExactText(text + "x"))
    #expect(ExactText(text) < ExactText(text + "x"))
  }

  @Test(arguments: [
    ("user-42", "42"), ("user-", nil), ("user", nil), ("", nil),
    ("user-\u{301}a", "\u{301}a"), ("User-1", nil),
  ])
  func `has what follows a prefix`(text: String, suffix: String?) {
    #expect(text.suffix(after: "user-") == suffix)
  }
}
