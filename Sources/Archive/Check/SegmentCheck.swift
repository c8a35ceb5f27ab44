public import EventStore
internal import GRDB
public import Segments
public import Streams

/// Checks segments against themselves, the catalog, the chain and, when asked, the store.
public struct SegmentCheck: Sendable {
  public let store: EventStore
  public let folder: ArchiveFolder
  /// At level `full`: every event is also compared with what the store has or remembers of it.
  public var isAgainstStore = false
  /// Only a random share of the segments.
  public var sample: SegmentSample?
  /// Leaves out what was verified since: so an interrupted check goes on.
  public var notVerifiedSince: Timestamp?
  /// Whose signatures count, in place of the store's own list.
  public var trustedKeys: [TrustedKey]?
  /// Heads that were kept elsewhere: each must still be in the chain.
  public var published: [ChainHead] = []
  /// The newest segment must carry a trusted signature, which vouches for all before it.
  public var isSignatureRequired = false
  /// How many segments are read at once: one a core.
  public var workers = Processors.others + 1

  public init(store: EventStore, folder: ArchiveFolder) {
    self.store = store
    self.folder = folder
  }

  /// Checks the segments, those not verified for longest first.
  ///
  /// - Parameters:
  ///   - level: only `full` counts as verified, and is recorded as such.
  ///   - budgetBytes: stops before a segment once this many bytes were read; at least one is.
  ///   - only: just these segments, by id or file; all when empty.
  ///   - progress: bytes read and to read; false to stop there.
  /// - Complexity: memory for a few chunks a worker, whatever the size of the archive.
  public func run(
    level: VerifyLevel, budgetBytes: Int64 = .max, only: [String] = [], now: Timestamp,
    progress: (_ done: Int64, _ total: Int64) -> Bool = { _, _ in true }
  ) throws -> Report {
    let (entries, keys) = try store.read { snapshot in
      (try Catalog.entries(snapshot.db), try trustedKeys ?? SigningKeys.trusted(snapshot.db))
    }
    let living = entries.filter { $0.retired == nil }
    var report = Report()
    report.total = living.count
    report.retired = entries.count - living.count
    report.sample = sample
    report.countsSignatures = isSignatureRequired || trustedKeys != nil
    report.head = try store.read { try Catalog.chainHead($0.db) }
    report.chainProblems = try store.read {
      try ChainCheck(storeID: store.id, $0).problems(published: published)
    }
    let known = Set(entries.map(\.file))
    report.orphans = folder.files().filter { !known.contains($0) }
    let chosen = try choose(living, only, budgetBytes)
    try verify(chosen, level, keys, now, &report, progress)
    if isAgainstStore, only.isEmpty {
      report.missing = try store.read { try MissingEvents(snapshot: $0).find() }
    }
    if isSignatureRequired, let newest = living.last {
      try requireSignature(of: newest, keys, &report)
    }
    return report
  }

  private func choose(
    _ entries: [CatalogEntry], _ only: [String], _ budgetBytes: Int64
  ) throws -> [CatalogEntry] {
    for name in only where !entries.contains(where: { $0.isNamed(name) }) {
      throw ArchiveError.noSuchSegment(name)
    }
    var chosen = entries.filter { entry in only.isEmpty || only.contains(where: entry.isNamed) }
    if let notVerifiedSince { chosen.removeAll { $0.verifiedAt >= notVerifiedSince } }
    if let sample { chosen = sample.choose(chosen) }
    chosen.sort { ($0.verifiedAt, $0.archiveSeq) < ($1.verifiedAt, $1.archiveSeq) }
    var bytes: Int64 = 0
    return chosen.enumerated().prefix { index, entry in
      defer { bytes += entry.bytes }
      return index == 0 || bytes < budgetBytes
    }.map(\.element)
  }

  /// Several at once, one a thread: nothing is shared, so that it scales with the cores. A single
  /// one is decompressed by several threads instead.
  private func verify(
    _ chosen: [CatalogEntry], _ level: VerifyLevel, _ keys: [TrustedKey], _ now: Timestamp,
    _ report: inout Report, _ progress: (Int64, Int64) -> Bool
  ) throws {
    let total = chosen.reduce(0) { $0 + $1.bytes }
    let workers = max(1, min(workers, chosen.count))
    // This thread works, too.
    var pipeline = try Pipeline(lanes: 2 * workers, threads: workers - 1) { CheckSlot() }
    var (started, done, goesOn) = (0, Int64(0), true)
    for (index, entry) in chosen.enumerated() {
      while goesOn, started < chosen.count, !pipeline.isFull {
        let next = chosen[started]
        pipeline.start(prepare: { _ in }) { slot in
          slot.result = Result {
            try check(next, level, keys, threads: workers > 1 ? 0 : Processors.others)
          }
        }
        started += 1
      }
      guard index < started else { break }
      guard let item = try pipeline.collect({ $0.result })?.get() else { break }
      report.checked.append(item)
      if level == .full, !store.isReadOnly { try record(item, of: entry, now) }
      done += entry.bytes
      goesOn = progress(done, total) && goesOn
    }
  }

  private func check(
    _ entry: CatalogEntry, _ level: VerifyLevel, _ keys: [TrustedKey], threads: Int
  ) throws -> Item {
    let keyring = store.subjectKeys.lenientKeyring
    let verified = folder.verify(
      entry, entry.expectation(of: store, trusting: keys), level: level, threads: threads,
      keys: keyring)
    var item = Item(
      file: entry.file, segmentID: entry.segmentID, archiveSeq: entry.archiveSeq,
      damage: verified.damage, lost: [], events: verified.eventsChecked, readableEvents: 0,
      totalEvents: 0, signedBy: verified.signedBy, untrustedKey: verified.untrustedKey)
    if level >= .index { try addLost(to: &item, entry, verified) }
    if isAgainstStore, level == .full,
      let source = try? folder.source(of: entry.place, at: nil, isWhole: true),
      let file = try? SegmentFile(source: source, keys: keyring)
    {
      item.differences = try store.read { snapshot in
        var comparison = try StoreComparison(entry, file, snapshot)
        return try comparison.run()
      }
    }
    return item
  }

  /// The chunks the catalog's manifest names that could not be read.
  private func addLost(
    to item: inout Item, _ entry: CatalogEntry, _ verified: VerifyReport
  ) throws {
    guard let manifest = try? Manifest(decoding: entry.manifest) else { return }
    let readable = Set(verified.readable)
    for (index, chunk) in manifest.chunks.enumerated() {
      item.totalEvents += chunk.count
      let range = ChunkRange(
        chunk: index, stream: chunk.stream, first: chunk.first, last: chunk.last)
      guard !readable.contains(range) else {
        item.readableEvents += chunk.count
        continue
      }
      let name = manifest.streams[chunk.stream].info.name
      let record = try store.read { try $0.stream(name) }
      item.lost.append(
        Lost(
          stream: name, first: chunk.first.rawValue, last: chunk.last.rawValue,
          isInStore: record.map { $0.prunedTo < chunk.first.rawValue } ?? false))
    }
  }

  private func requireSignature(
    of newest: CatalogEntry, _ keys: [TrustedKey], _ report: inout Report
  ) throws {
    let item =
      try report.checked.first { $0.archiveSeq == newest.archiveSeq && $0.signedBy != nil }
      ?? check(newest, .index, keys, threads: 0)
    guard item.signedBy == nil else { return }
    report.chainProblems.append(
      "segment \(newest.archiveSeq), the newest, carries no signature of a trusted key")
  }

  /// A damaged segment is quarantined: nothing of it is released, and the doctor knows. One whose
  /// file was put back is in use again.
  private func record(_ item: Item, of entry: CatalogEntry, _ now: Timestamp) throws {
    // A target that is away says nothing of the segment.
    guard item.differences.isEmpty, !item.damage.contains(where: \.isUnavailability) else { return }
    try store.write { db in
      guard item.damage.isEmpty else {
        return try Catalog.quarantine(db, entry.archiveSeq)
      }
      // Without a hash on record there is nothing to hold a sound file against.
      guard !entry.sha256.isEmpty else { return }
      try Catalog.settle(db, entry.archiveSeq, verifiedAt: now)
    }
  }
}

/// What a thread that checks a segment came to.
private struct CheckSlot {
  var result: Result<SegmentCheck.Item, any Error>?
}

extension CatalogEntry {
  fileprivate func isNamed(_ name: String) -> Bool { segmentID == name || file == name }
}
