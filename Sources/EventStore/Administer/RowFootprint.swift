/// How much of the store file the rows of some events take.
///
/// An estimate from the real size of every row: they are put into pages as SQLite's file format
/// says (https://www.sqlite.org/fileformat2.html#b_tree_pages), as if each page were filled before
/// the next. The index over positions is not counted.
public struct RowFootprint: Sendable, Hashable {
  public private(set) var events: Int64 = 0
  /// Data and metadata as they were appended, in bytes.
  public private(set) var payloadBytes: Int64 = 0
  private var pages: Int64 = 0
  private var left: Int64 = 0

  /// Pages of 8 KiB, as ``Schema`` has it.
  private static let page: Int64 = 8192
  private static let pageHeader: Int64 = 8
  /// A record's header, id, type, position and times; its key, length and place in the page.
  private static let rowOverhead: Int64 = 63

  /// Bytes of the store file.
  public var bytes: Int64 { pages * Self.page }

  /// - Parameter stored: what the columns of the payload take, which is more when it is sealed.
  mutating func add(stored: Int64, payload: Int64) {
    events += 1
    payloadBytes += payload
    let (local, overflow) = Self.split(stored + Self.rowOverhead)
    pages += overflow
    if local > left {
      pages += 1
      left = Self.page - Self.pageHeader
    }
    left -= local
  }

  /// What of a cell stays in the leaf, and how many pages the rest takes.
  private static func split(_ cell: Int64) -> (local: Int64, overflowPages: Int64) {
    let most = page - 35
    guard cell > most else { return (cell, 0) }
    let least = (page - 12) * 32 / 255 - 23
    let body = page - 4
    let fitting = least + (cell - least) % body
    let local = fitting <= most ? fitting : least
    return (local + 4, (cell - local + body - 1) / body)
  }
}
