public import GRDB
public import Streams

/// Puts rows back that were released, inside a transaction of the layer that has read them from
/// their segment.
///
/// Only rows change, and the watermark: ids, counts and day totals were never taken away. Rows of a
/// stream that is sealed, or was, come back sealed.
public struct RowImport {
  private let db: Database
  private let sealer: StreamSealer?
  private let stream: Int64
  private let watermark: Int64
  private let rows: EventRows
  private var typeIDs: [ExactText: Int64] = [:]
  /// The lowest and the next revision of the slice.
  private var bounds: (first: Int64, next: Int64)?

  /// - Parameter record: the stream, as this transaction sees it.
  public init(_ db: Database, into record: StreamRecord, of store: EventStore) throws {
    self.db = db
    sealer =
      record.staysSealed
      ? try StreamSealer(record.name, numbered: record.id, store.subjectKeys, db) : nil
    stream = record.id
    watermark = record.prunedTo
    rows = try EventRows(db)
  }

  /// Inserts the row of `event`, which follows the one inserted before.
  public mutating func insert(_ event: EventView) throws {
    let revision = event.revision.rawValue
    guard revision == bounds?.next ?? revision, revision <= watermark else {
      throw StoreError.corrupt(detail: "rows of stream \(stream) would come back out of order")
    }
    try rows.insertAgain(event, stream: stream, type: try typeID(event.type), sealedBy: sealer)
    bounds = (bounds?.first ?? revision, revision + 1)
  }

  /// Takes the watermark back before the slice, which must reach up to it.
  ///
  /// - Returns: how many rows came back.
  public func finish() throws -> Int64 {
    guard let bounds else { return 0 }
    try db.execute(
      sql: "UPDATE streams SET pruned_to = ? WHERE id = ? AND pruned_to = ?",
      arguments: [bounds.first - 1, stream, bounds.next - 1])
    guard db.changesCount == 1 else {
      throw StoreError.corrupt(detail: "rows of stream \(stream) would come back out of order")
    }
    return bounds.next - bounds.first
  }

  private mutating func typeID(_ name: String) throws -> Int64 {
    if let id = typeIDs[ExactText(name)] { return id }
    let id = try EventTypes.id(of: name, in: db)
    typeIDs[ExactText(name)] = id
    return id
  }
}
