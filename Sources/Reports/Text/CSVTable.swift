/// Rows of a CSV file: RFC 4180, CRLF, a header row first.
///
/// A text that a spreadsheet would take for a formula gets an apostrophe in front
/// (owasp.org/www-community/attacks/CSV_Injection); numbers stay numbers, also negative ones.
struct CSVTable {
  enum Cell {
    case empty
    /// Digits as they shall stand.
    case number(String)
    case text(String)

    static func int<I: BinaryInteger>(_ value: I) -> Cell { .number(String(value)) }
    static func number(_ digits: String?) -> Cell { digits.map { .number($0) } ?? .empty }
    static func text(_ text: String?) -> Cell { text.map { .text($0) } ?? .empty }
  }

  private(set) var text: String
  private let columns: Int

  init(columns: [String]) {
    self.columns = columns.count
    text = columns.map(Self.quoted).joined(separator: ",") + "\r\n"
  }

  /// - Precondition: as many cells as there are columns.
  mutating func append(_ row: [Cell]) {
    precondition(row.count == columns, "\(row.count) cells for \(columns) columns")
    text += row.map(Self.written).joined(separator: ",") + "\r\n"
  }

  private static func written(_ cell: Cell) -> String {
    switch cell {
    case .empty: ""
    case .number(let digits): digits
    case .text(let text): quoted(startsFormula(text) ? "'" + text : text)
    }
  }

  private static func startsFormula(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first else { return false }
    return "=+-@\t\r\n＝＋－＠".unicodeScalars.contains(first)
  }

  private static func quoted(_ text: String) -> String {
    let needsQuotes = text.unicodeScalars.contains { "\",\r\n".unicodeScalars.contains($0) }
    guard needsQuotes else { return text }
    var out = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" { out += "\"" }
      out.unicodeScalars.append(scalar)
    }
    return out + "\""
  }
}
