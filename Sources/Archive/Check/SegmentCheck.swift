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

  /// Checks every copy of the segments, those not verified for longest first.
  ///
  /// - Parameters:
  ///   - level: only `full` counts as verified, and is recorded as such.
  ///   - budgetBytes: stops before a segment once this many bytes were read; at least one is.
  ///   - only: just these segments, by id or file; all when empty.
  ///   - stop: asked between two chunks; segments that were not read to their end do not count.
  ///   - progress: bytes read and to read.
  /// - Complexity: memory for a few chunks a worker, whatever the size of the archive.
  public func run(
    level: VerifyLevel, budgetBytes: Int64 = .max, only: [String] = [], now: Timestamp,
    stop: StopRequest = .never, progress: (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
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
    let absences = Absences()
    let tasks = try choose(living, only).map { entry in
      Task(
        entry: entry, places: try store.read { try Catalog.places($0.db, of: entry.place) },
        level: level, keys: keys, absences: absences, stop: stop)
    }
    try verify(Self.first(tasks, within: budgetBytes), now, &report, progress)
    if isAgainstStore, only.isEmpty, !stop.isMade {
      report.missing = try store.read { try MissingEvents(snapshot: $0).find(stop) }
    }
    if isSignatureRequired, !stop.isMade { try requireSignature(keys, &report) }
    return report
  }

  /// A segment that is to be checked.
  fileprivate struct Task {
    var entry: CatalogEntry
    /// Where its copies are, the first copy first.
    var places: [CatalogCopy?]
    var level: VerifyLevel
    var keys: [TrustedKey]
    /// What all of a run share.
    var absences: Absences
    var stop: StopRequest

    /// To be read.
    var bytes: Int64 { entry.bytes * Int64(places.count) }
  }

  private func choose(
    _ entries: [CatalogEntry], _ only: [String]
  ) throws -> [CatalogEntry] {
    for name in only where !entries.contains(where: { $0.isNamed(name) }) {
      throw ArchiveError.noSuchSegment(name)
    }
    var chosen = entries.filter { entry in only.isEmpty || only.contains(where: entry.isNamed) }
    if let notVerifiedSince { chosen.removeAll { $0.verifiedAt >= notVerifiedSince } }
    if let sample { chosen = sample.choose(chosen) }
    chosen.sort { ($0.verifiedAt, $0.archiveSeq) < ($1.verifiedAt, $1.archiveSeq) }
    return chosen
  }

  private static func first(_ tasks: [Task], within budgetBytes: Int64) -> [Task] {
    var bytes: Int64 = 0
    return tasks.enumerated().prefix { index, task in
      defer { bytes += task.bytes }
      return index == 0 || bytes < budgetBytes
    }.map(\.element)
  }

  /// Several at once, one a thread: nothing is shared, so that it scales with the cores. A single
  /// one is decompressed by several threads instead.
  private func verify(
    _ tasks: [Task], _ now: Timestamp, _ report: inout Report, _ progress: (Int64, Int64) -> Void
  ) throws {
    let total = tasks.reduce(0) { $0 + $1.bytes }
    var retired = 0
    let workers = max(1, min(workers, tasks.count))
    // This thread works, too.
    var pipeline = try Pipeline(lanes: 2 * workers, threads: workers - 1) { CheckSlot() }
    var (started, done) = (0, Int64(0))
    for (index, task) in tasks.enumerated() {
      while !task.stop.isMade, started < tasks.count, !pipeline.isFull {
        let next = tasks[started]
        pipeline.start(prepare: { _ in }) { slot in
          slot.result = Result {
            try check(next, threads: workers > 1 ? 0 : Processors.others)
          }
        }
        started += 1
      }
      guard index < started else { break }
      switch try pipeline.collect({ $0.result })?.get() {
      case .checked(let item, let task):
        report.checked.append(item)
        if task.level == .full, !store.isReadOnly { try record(item, of: task, now) }
      case .retired: retired += 1
      // One that was stopped on the way is as if it had not been begun.
      case .stopped, nil: continue
      }
      done += task.bytes
      progress(done, total)
    }
    report.total -= retired
    report.retired += retired
    report.notReached = tasks.count - report.checked.count - retired
  }

  /// What became of a task.
  fileprivate enum Outcome {
    /// As the catalog had it at the end, which may be otherwise than when the check began.
    case checked(Item, Task)
    /// Another process took its file away meanwhile, rightly.
    case retired
    case stopped
  }

  /// What looks damaged may have been rewritten, removed or repaired by another process since the
  /// catalog was read: then that is read again, and the segment once more.
  private func check(_ task: Task, threads: Int) throws -> Outcome {
    guard let item = try examine(task, threads: threads) else { return .stopped }
    guard item.isDamaged else { return .checked(item, task) }
    guard let now = try renewed(task) else { return .retired }
    guard now.entry.place != task.entry.place || now.places != task.places else {
      return .checked(item, task)
    }
    guard let item = try examine(now, threads: threads) else { return .stopped }
    return .checked(item, now)
  }

  /// The task as the catalog has it now; nil when the segment has no file any more.
  private func renewed(_ task: Task) throws -> Task? {
    try store.read { snapshot in
      guard let entry = try Catalog.entry(snapshot.db, task.entry.archiveSeq), entry.retired == nil
      else { return nil }
      var task = task
      task.entry = entry
      task.places = try Catalog.places(snapshot.db, of: entry.place)
      return task
    }
  }

  /// - Returns: nil when it was asked to stop.
  private func examine(_ task: Task, threads: Int) throws -> Item? {
    let entry = task.entry
    let keyring = store.subjectKeys.lenientKeyring
    var item = Item(file: entry.file, segmentID: entry.segmentID, archiveSeq: entry.archiveSeq)
    var readable: Set<ChunkRange> = []
    for place in task.places {
      let report = folder.verify(
        entry, try entry.expectation(of: store, trusting: task.keys), at: place, level: task.level,
        threads: threads, keys: keyring, absences: task.absences, stop: task.stop)
      guard !task.stop.isMade else { return nil }
      item.copies.append(Copy(folder.address(of: entry.place, at: place), report))
      item.events = max(item.events, report.eventsChecked)
      item.signedBy = item.signedBy ?? report.signedBy
      item.untrustedKey = item.untrustedKey ?? report.untrustedKey
      readable.formUnion(report.readable)
    }
    if task.level >= .index { try addLost(to: &item, entry, readable) }
    if isAgainstStore, task.level == .full {
      try addDifferences(to: &item, task, keyring)
    }
    return task.stop.isMade ? nil : item
  }

  /// Holds a sound copy against the store, or what there is of a damaged one.
  private func addDifferences(to item: inout Item, _ task: Task, _ keyring: Keyring) throws {
    let sound = item.copies.firstIndex(where: \.isSound) ?? 0
    guard
      let source = try? folder.source(
        of: task.entry.place, at: task.places[sound], isWhole: true),
      let file = try? SegmentFile(source: StoppableSource(source, task.stop), keys: keyring)
    else { return }
    item.differences = try store.read { snapshot in
      var comparison = try StoreComparison(task.entry, file, snapshot)
      return try comparison.run()
    }
  }

  /// The chunks the catalog's manifest names that no copy gives.
  private func addLost(
    to item: inout Item, _ entry: CatalogEntry, _ readable: Set<ChunkRange>
  ) throws {
    guard let manifest = try store.read({ try entry.readableManifest($0.db) }) else { return }
    for (index, chunk) in manifest.chunks.enumerated() {
      item.totalEvents += chunk.count
      let range = ChunkRange(
        chunk: index, stream: chunk.stream, first: chunk.first, last: chunk.last)
      guard !readable.contains(range) else {
        item.readableEvents += chunk.count
        continue
      }
      guard !item.isUnavailable else { continue }
      let name = manifest.streams[chunk.stream].info.name
      let record = try store.read { try $0.stream(name) }
      item.lost.append(
        Lost(
          stream: name, first: chunk.first.rawValue, last: chunk.last.rawValue,
          isInStore: record.map { $0.prunedTo < chunk.first.rawValue } ?? false))
    }
  }

  private func requireSignature(_ keys: [TrustedKey], _ report: inout Report) throws {
    let (living, places) = try store.read { snapshot in
      let newest = try Catalog.living(snapshot.db).last
      return (newest, try newest.map { try Catalog.places(snapshot.db, of: $0.place) } ?? [])
    }
    guard let newest = living else { return }
    let checked = report.checked.first {
      $0.archiveSeq == newest.archiveSeq && ($0.signedBy != nil || $0.isUnavailable)
    }
    let item =
      try checked
      ?? examine(
        Task(
          entry: newest, places: places, level: .index, keys: keys, absences: Absences(),
          stop: .never), threads: 0)
    guard let item, item.signedBy == nil, !item.isUnavailable else { return }
    report.chainProblems.append(
      "segment \(newest.archiveSeq), the newest, carries no signature of a trusted key")
  }

  /// A damaged segment is quarantined: nothing of it is released, and the doctor knows. One whose
  /// file was put back is in use again. A target that is away says nothing of its copy.
  private func record(_ item: Item, of task: Task, _ now: Timestamp) throws {
    guard item.differences.isEmpty else { return }
    let entry = task.entry
    try store.write { db in
      guard try Catalog.entry(db, entry.archiveSeq)?.retired == nil else { return }
      for (place, copy) in zip(task.places, item.copies) where copy.isSound {
        guard let place else { continue }
        try Catalog.setVerified(db, place, of: entry.archiveSeq, at: now)
      }
      guard item.damage.isEmpty else {
        return try Catalog.quarantine(db, entry.archiveSeq)
      }
      // Without a hash on record there is nothing to hold a sound file against; and what was found
      // damaged before may be what can't be asked now.
      guard !entry.sha256.isEmpty, item.copies.first?.isSound == true,
        entry.state != .quarantined || !item.isUnavailable
      else { return }
      try Catalog.settle(db, entry.archiveSeq, verifiedAt: now)
    }
  }
}

/// What a thread that checks a segment came to.
private struct CheckSlot {
  var result: Result<SegmentCheck.Outcome, any Error>?
}

extension CatalogEntry {
  fileprivate func isNamed(_ name: String) -> Bool { segmentID == name || file == name }
}
