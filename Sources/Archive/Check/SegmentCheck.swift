public import EventStore
internal import GRDB
public import Segments
public import Streams

/// Checks segments against themselves, the catalog and the chain.
public struct SegmentCheck: Sendable {
  public let store: EventStore
  public let folder: ArchiveFolder

  public init(store: EventStore, folder: ArchiveFolder) {
    self.store = store
    self.folder = folder
  }

  /// What a check found.
  public struct Report: Sendable {
    public struct Item: Sendable {
      public var file: String
      public var archiveSeq: Int64
      public var damage: [SegmentDamage]
      /// Streams with revisions that can't be read, and which.
      public var lost: [String]
      public var events: Int64
    }

    public var checked: [Item] = []
    /// Segments in the catalog.
    public var total = 0
    /// Files in the archive folder that the catalog does not know: left alone.
    public var orphans: [String] = []
    /// Where the chain of manifest hashes does not close.
    public var chainProblems: [String] = []

    public var damaged: [Item] { checked.filter { !$0.damage.isEmpty } }
    public var isSound: Bool { damaged.isEmpty && chainProblems.isEmpty }
  }

  /// Checks the segments, those not verified for longest first.
  ///
  /// - Parameters:
  ///   - level: only `full` counts as verified, and is recorded as such.
  ///   - budgetBytes: stops before a segment once this many bytes were read; at least one is.
  ///   - only: just this segment, by id or file.
  ///   - progress: bytes read and to read.
  public func run(
    level: VerifyLevel, budgetBytes: Int64 = .max, only: String? = nil, now: Timestamp,
    progress: (_ done: Int64, _ total: Int64) -> Bool = { _, _ in true }
  ) throws -> Report {
    let entries = try store.read { try Catalog.entries($0.db) }
    var report = Report()
    report.total = entries.count
    report.chainProblems = Self.chainProblems(entries)
    let known = Set(entries.map(\.file))
    report.orphans = folder.files().filter { !known.contains($0) }
    let chosen = entries.filter { only == nil || $0.segmentID == only || $0.file == only }
    if let only, chosen.isEmpty {
      throw ArchiveError.noSuchSegment(only)
    }
    let bytes = chosen.reduce(0) { $0 + $1.bytes }
    var done: Int64 = 0
    for entry in chosen.sorted(by: { $0.verifiedAt < $1.verifiedAt }) {
      guard report.checked.isEmpty || done < budgetBytes else { break }
      let item = try check(entry, level)
      report.checked.append(item)
      if level == .full, !store.isReadOnly { try record(item, of: entry, now) }
      done += entry.bytes
      guard progress(done, bytes) else { break }
    }
    return report
  }

  private func check(_ entry: CatalogEntry, _ level: VerifyLevel) throws -> Report.Item {
    let verified = folder.verify(entry, of: store, level: level)
    return Report.Item(
      file: entry.file, archiveSeq: entry.archiveSeq, damage: verified.damage,
      lost: level >= .index ? lost(entry, verified) : [], events: verified.eventsChecked)
  }

  /// The chain: each manifest names the one before by its hash, and numbers have no gap.
  static func chainProblems(_ entries: [CatalogEntry]) -> [String] {
    var problems: [String] = []
    var before: CatalogEntry?
    for entry in entries {
      if SHA256Sum(of: entry.manifest).description != entry.manifestSHA256 {
        problems.append("the catalog's manifest of \(entry.file) does not match its hash")
      }
      let prev = (try? Manifest(decoding: entry.manifest))?.prev
      let expected = (before?.archiveSeq ?? 0) + 1
      if entry.archiveSeq != expected {
        problems.append("segment \(expected) is missing from the catalog")
      } else if prev?.manifestSHA256.description != before?.manifestSHA256 {
        problems.append("\(entry.file) does not follow the segment before it")
      }
      before = entry
    }
    return problems
  }

  /// The chunks the catalog's manifest names that could not be read.
  private func lost(_ entry: CatalogEntry, _ verified: VerifyReport) -> [String] {
    guard let manifest = try? Manifest(decoding: entry.manifest) else { return [] }
    let readable = Set(verified.readable)
    return manifest.chunks.enumerated().compactMap { index, chunk in
      let range = ChunkRange(
        chunk: index, stream: chunk.stream, first: chunk.first, last: chunk.last)
      guard !readable.contains(range), manifest.streams.indices.contains(chunk.stream) else {
        return nil
      }
      return "\(manifest.streams[chunk.stream].info.name) revisions \(range.first) to \(range.last)"
    }
  }

  /// A damaged segment is quarantined: nothing of it is released, and the doctor knows. One whose
  /// file was put back is in use again.
  private func record(_ item: Report.Item, of entry: CatalogEntry, _ now: Timestamp) throws {
    // A target that is away says nothing of the segment.
    if item.damage.contains(where: \.isUnavailability) { return }
    try store.write { db in
      guard item.damage.isEmpty else {
        return try db.execute(
          sql: "UPDATE segments SET state = 'quarantined' WHERE archive_seq = ?",
          arguments: [entry.archiveSeq])
      }
      try db.execute(
        sql: """
          UPDATE segments SET verified_at = ?, state = replace(state, 'quarantined', 'archived')
          WHERE archive_seq = ?
          """, arguments: [now.microseconds, entry.archiveSeq])
    }
  }
}
