import Testing

@testable import Reports

@Suite struct `A Markdown table` {
  @Test func `has a header, a rule that aligns, and its rows`() {
    var table = MarkdownTable([("Name", .left), ("Count", .right)])
    table.append(["ann", "12"])
    table.append(["bob"])
    table.append(["cleo", "3", "lost"])
    #expect(
      table.text == "| Name | Count |\n|---|--:|\n| ann | 12 |\n| bob |  |\n| cleo | 3 |\n")
  }

  @Test(arguments: [
    ("a|b", #"a\|b"#), ("two\nlines", "two\u{FFFD}lines"), ("<b>&amp;", #"\<b\>\&amp;"#),
    ("![x](http://a.b)", #"!\[x\](http\://a.b)"#), ("*_~`", #"\*\_\~\`"#), ("\\|", #"\\\|"#),
    ("www.example.com", #"www\.example.com"#), ("$x$ @all #1", ##"\$x\$ \@all \#1"##),
    ("\u{202E}gnp", "\u{FFFD}gnp"), ("2026-01-31 08:30", "2026-01-31 08:30"), ("🦉", "🦉"),
  ])
  func `shows a text and reads no markup in it`(text: String, shown: String) {
    #expect(text.markdown == shown)
    var table = MarkdownTable([(text, .left)])
    table.append([text])
    #expect(table.text == "| \(shown) |\n|---|\n| \(shown) |\n")
  }
}
