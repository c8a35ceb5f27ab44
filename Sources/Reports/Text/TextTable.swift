/// A table of aligned columns for a terminal.
package struct TextTable {
  package enum Alignment { case left, right }

  private let columns: [(title: String, alignment: Alignment)]
  private var rows: [[String]] = []

  private let widestCell: Int

  /// - Parameter widestCell: what is longer is cut there: one long name must not push the figures
  ///   off the screen. Without it nothing is cut, for tables whose names are copied from.
  package init(_ columns: [(String, Alignment)], widestCell: Int = .max) {
    self.columns = columns.map { (title: $0.0, alignment: $0.1) }
    self.widestCell = widestCell
  }

  /// Cells beyond the last column are dropped, missing ones are empty.
  package mutating func append(_ cells: [String]) {
    rows.append(cells.map { $0.printable.cut(toColumns: widestCell) })
  }

  /// Header, rule, rows; no space at the end of a line.
  package var text: String {
    let lines = [columns.map(\.title)] + rows
    let widths = columns.indices.map { column in
      lines.map { column < $0.count ? $0[column].columnsInTerminal : 0 }.max() ?? 0
    }
    let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ")
    var out = line(lines[0], widths) + "\n" + rule + "\n"
    for row in rows { out += line(row, widths) + "\n" }
    return out
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var out = ""
    for (column, width) in widths.enumerated() {
      let cell = column < cells.count ? cells[column] : ""
      let padding = String(repeating: " ", count: width - cell.columnsInTerminal)
      if column > 0 { out += "  " }
      out += columns[column].alignment == .left ? cell + padding : padding + cell
    }
    while out.last == " " { out.removeLast() }
    return out
  }
}

extension String {
  /// Control and format characters made harmless: a name must not move a terminal's cursor or turn
  /// the direction of its text.
  package var printable: String {
    var out = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
        out.append("\u{FFFD}")
      default: out.append(scalar)
      }
    }
    return String(out)
  }

  /// The text, or its start and `…` when it is wider than `columns`.
  fileprivate func cut(toColumns columns: Int) -> String {
    var out = ""
    var width = 0
    for character in self {
      width += character.columnsInTerminal
      if width > columns { return out.dropLast() + "…" }
      out.append(character)
    }
    return out
  }

  var columnsInTerminal: Int { reduce(0) { $0 + $1.columnsInTerminal } }
}

extension Character {
  /// How many columns a terminal gives it: two for the wide scripts of East Asia and emoji.
  fileprivate var columnsInTerminal: Int {
    guard let scalar = unicodeScalars.first?.value else { return 0 }
    let isWide =
      (0x1100...0x115F).contains(scalar) || (0x2E80...0xA4CF).contains(scalar)
      || (0xAC00...0xD7A3).contains(scalar) || (0xF900...0xFAFF).contains(scalar)
      || (0xFE30...0xFE6F).contains(scalar) || (0xFF00...0xFF60).contains(scalar)
      || (0xFFE0...0xFFE6).contains(scalar) || (0x1F300...0x1FAFF).contains(scalar)
    return isWide ? 2 : 1
  }
}
