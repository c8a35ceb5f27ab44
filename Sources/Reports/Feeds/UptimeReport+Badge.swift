public import Analytics

extension UptimeReport {
  /// An SVG badge with the availability of all services together, or of the only one.
  public func badge() -> String { badge(of: overall ?? services.first) }

  /// An SVG badge with one availability: a word and a figure, never a colour alone.
  ///
  /// It is green where the target is met and red where it is not; grey without a target, and where
  /// there is no data.
  public func badge(of figures: UptimeFigures?) -> String {
    let share = figures?.availability
    return Badge(
      label: Wording.short(figures?.service ?? "uptime"),
      value: Wording.percent(share, decimals: decimals),
      verdict: options.sloTarget.flatMap { target in share.map { $0 >= target } }
    ).svg
  }
}

/// A label and a figure on two fields of a small picture.
struct Badge {
  let label: String
  let value: String
  /// Whether it is good; nil says nothing.
  let verdict: Bool?

  /// Each field bears white text with a contrast above 4.5.
  private var color: String {
    switch verdict {
    case true?: "#1a7f37"
    case false?: "#b3261e"
    case nil: "#57606a"
    }
  }

  var svg: String {
    let left = Self.width(label)
    let right = Self.width(value)
    let name = XMLText.escape("\(label): \(value)")
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(left + right)" height="20" role="img" \
      aria-label="\(name)"><title>\(name)</title>\
      <clipPath id="r"><rect width="\(left + right)" height="20" rx="3"/></clipPath>\
      <g clip-path="url(#r)"><rect width="\(left)" height="20" fill="#32383f"/>\
      <rect x="\(left)" width="\(right)" height="20" fill="\(color)"/></g>\
      <g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">\
      \(field(label, at: 0, width: left))\(field(value, at: left, width: right))</g></svg>

      """
  }

  private static let padding = 6

  /// The text is stretched or pressed to its field: every viewer has another font.
  private func field(_ text: String, at x: Int, width: Int) -> String {
    """
    <text x="\(x + Self.padding)" y="14" textLength="\(width - 2 * Self.padding)" \
    lengthAdjust="spacingAndGlyphs">\(XMLText.escape(text))</text>
    """
  }

  /// Seven pixels a column are Verdana's at 11 px.
  private static func width(_ text: String) -> Int {
    max(1, text.columnsInTerminal) * 7 + 2 * padding
  }
}
