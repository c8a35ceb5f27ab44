public import Streams

/// The page of all past reports, the newest first, by month: what `index.mustache` shows.
public struct IndexPage {
  /// One date, and what lies in its folder.
  public struct Night: Sendable, Hashable {
    public var date: CivilDate
    /// The sentence to remember; nil where none is known.
    public var headline: String?
    /// File names, as they are to be listed.
    public var files: [String]

    public init(date: CivilDate, headline: String?, files: [String]) {
      self.date = date
      self.headline = headline
      self.files = files
    }
  }

  let title = "Reports"
  let period: String
  let latest: [Row]
  let months: [Month]
  var style = ""

  struct Month {
    let monthID: String
    let heading: String
    let count: String
    /// `open`, or nothing.
    let isOpen: Bool
    let rows: [Row]
  }

  struct Row {
    let date: String
    let weekday: String
    let headline: String
    let pages: [Link]
    /// How many there are, in words; a list of none or one.
    let dataCount: [String]
    let data: [Link]
  }

  struct Link {
    let href: String
    let name: String
  }

  /// Months that are shown opened.
  private static let openMonths = 3

  /// - Parameter nights: the newest first.
  public init(nights: [Night]) {
    let rows = nights.map(Self.row)
    latest = Array(rows.prefix(1))
    let parts = Dictionary(grouping: zip(nights, rows)) { night, _ in
      [night.date.year, night.date.month]
    }
    months = parts.sorted { ($1.key[0], $1.key[1]) < ($0.key[0], $0.key[1]) }.enumerated().map {
      index, part in
      Month(
        monthID: "month-\(part.key[0])-\(part.key[1])",
        heading: "\(Self.monthNames[part.key[1] - 1]) \(part.key[0])",
        count: Wording.count(part.value.count, "night"), isOpen: index < Self.openMonths,
        rows: part.value.map(\.1))
    }
    guard let newest = nights.first, let oldest = nights.last else {
      period = "none yet"
      return
    }
    period = newest.date == oldest.date ? "\(newest.date)" : "\(oldest.date) to \(newest.date)"
  }

  /// The page: self-contained, with links that are relative to its folder.
  ///
  /// - Throws: ``ReportTemplateError``.
  public func html(_ templates: ReportTemplates) throws -> String {
    var page = self
    page.style = templates.style
    return try templates.render(page, with: "index")
  }

  private static func row(_ night: Night) -> Row {
    let links = night.files.map { file in
      Link(href: "\(night.date)/\(escaped(file))", name: file)
    }
    let data = links.filter { !$0.name.hasSuffix(".html") }
    return Row(
      date: night.date.description, weekday: weekdays[night.date.isoWeekday - 1],
      headline: night.headline?.printable ?? "–",
      pages: links.filter { $0.name.hasSuffix(".html") }.map {
        Link(href: $0.href, name: String($0.name.dropLast(5)))
      },
      dataCount: data.isEmpty ? [] : [Wording.count(data.count, "file")], data: data)
  }

  private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
  private static let monthNames = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]

  /// A file name as a part of a URL's path (RFC 3986).
  private static func escaped(_ name: String) -> String {
    name.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        String(Unicode.Scalar(byte))
      default: (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
      }
    }.joined()
  }
}
