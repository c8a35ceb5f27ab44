/// A table as GitHub Flavored Markdown writes it (github.github.com/gfm/#tables-extension-).
///
/// Cells and titles are plain texts: whatever they hold is shown, none of it is read as markup.
package struct MarkdownTable {
  private let columns: [(title: String, alignment: TextTable.Alignment)]
  private var rows: [[String]] = []

  package init(_ columns: [(String, TextTable.Alignment)]) {
    self.columns = columns.map { (title: $0.0, alignment: $0.1) }
  }

  /// Cells beyond the last column are dropped, missing ones are empty.
  package mutating func append(_ cells: [String]) { rows.append(cells) }

  /// Header, delimiter row, rows; each line ends with a newline.
  package var text: String {
    let rule = columns.map { $0.alignment == .left ? "---" : "--:" }
    return ([line(columns.map(\.title)), "|\(rule.joined(separator: "|"))|\n"] + rows.map(line))
      .joined()
  }

  private func line(_ cells: [String]) -> String {
    let shown = columns.indices.map { $0 < cells.count ? cells[$0].markdown : "" }
    return "| \(shown.joined(separator: " | ")) |\n"
  }
}

extension String {
  /// The text as Markdown that shows just it, in a paragraph, heading or table cell: no emphasis,
  /// link, image, HTML, formula or mention, and one line.
  package var markdown: String {
    var out = ""
    for scalar in printable.unicodeScalars {
      if "\\`*_[]<>|~&@$#".unicodeScalars.contains(scalar) { out += "\\" }
      out.unicodeScalars.append(scalar)
    }
    // What looks like an address would become a link of itself.
    return out.replacing("://", with: "\\://").replacing("www.", with: "www\\.")
  }
}
