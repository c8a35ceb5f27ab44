internal import Analytics
internal import Streams

extension ActivityReport {
  /// The report for a terminal: every figure but the oldest days of a long period.
  public func text() -> String {
    let words = ActivityWords(report: self)
    let head = [title.printable, words.period, "", words.headline, words.trend].joined(
      separator: "\n")
    let sections = ActivitySection.all(words).map { section in
      var table = TextTable(section.columns.map { ($0.0.uppercased(), $0.1) })
      for row in section.rows { table.append(row) }
      return "\(section.heading)\n\(table.text)\(section.note.map { $0 + "\n" } ?? "")"
    }
    let notes = words.notes.map { "- \($0)\n" }.joined() + words.standing + "\n"
    return ([head + (words.trend.isEmpty ? "" : "\n")] + sections + [notes]).joined(separator: "\n")
      .replacing("\u{A0}", with: " ").replacing("\u{202F}", with: " ")
  }

  /// The report as GitHub Flavored Markdown, with the figures of ``text()``.
  public func markdown() -> String {
    let words = ActivityWords(report: self)
    let head = ["# \(title.markdown)", words.period, "**\(words.headline)** \(words.trend)"]
    let sections = ActivitySection.all(words).map { section in
      var table = MarkdownTable(section.columns)
      for row in section.rows { table.append(row) }
      let note = section.note.map { "\n\($0)\n" } ?? ""
      return "## \(section.heading)\n\n\(table.text)\(note)"
    }
    let notes = words.notes.map { "- \($0.markdown)\n" }.joined() + "\n\(words.standing)\n"
    return (head.map { $0 + "\n" } + sections + [notes]).joined(separator: "\n")
  }
}
