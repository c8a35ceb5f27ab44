internal import Archive
internal import EventStore
internal import GRDB
internal import Segments
internal import Streams

/// Revisions of one stream in one segment, and all that is needed to read them: a reader of it has
/// no connection to the store.
struct ColdRange {
  let stream: StreamName
  let revisions: ClosedRange<Int64>
  let place: SegmentPlace
  /// The stream's index in the manifest.
  let streamIndex: Int
  /// Those that hold ``revisions``, as the catalog has them.
  let chunks: [SegmentChunk]
  /// Where the segment can be read, the first copy first: nil is the archive folder.
  let copies: [CatalogCopy?]

  /// What the catalog has of a stream from the first of `revisions` on, or from the last when
  /// `backward`: as far as one segment goes.
  ///
  /// - Throws: ``HistoryError`` when that revision is in no segment of the catalog.
  /// - Complexity: O(log n + chunks of the range), whatever else the segment holds.
  init(
    of record: StreamRecord, in revisions: ClosedRange<Int64>, backward: Bool, _ db: Database
  ) throws {
    let next = backward ? revisions.upperBound : revisions.lowerBound
    guard let range = try Catalog.range(db, of: record.id, holding: next),
      let place = try Catalog.place(db, range.archiveSeq)
    else {
      throw HistoryError(
        stream: record.name, revisions: backward ? revisions : next...revisions.upperBound,
        segment: nil, cause: nil)
    }
    stream = record.name
    self.revisions =
      max(range.first, revisions.lowerBound)...min(range.last, revisions.upperBound)
    self.place = place
    streamIndex = range.streamIndex
    copies = try Catalog.places(db, of: place)
    chunks = try Catalog.chunks(
      db, of: range.archiveSeq, stream: range.streamIndex, in: self.revisions)
  }
}
