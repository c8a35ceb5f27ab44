internal import EventStore
internal import GRDB
internal import Segments
internal import Streams

/// One run of a reindex, and what it knows so far.
struct ReindexRun {
  let reindexer: Reindexer
  let isDry: Bool
  let now: Timestamp
  private(set) var report: ReindexReport
  private let entries: [String: CatalogEntry]
  private let links: [Int64: ChainChoice.Link]
  private let keys: [TrustedKey]
  /// The manifests that a later segment supersedes, and with which generation.
  private var superseded: [SHA256Sum: Int64] = [:]
  /// What the catalog and the segments taken hold of the streams met so far.
  private var spans: [StreamName: RevisionSpans] = [:]

  var store: EventStore { reindexer.store }
  var folder: ArchiveFolder { reindexer.folder }

  init(_ reindexer: Reindexer, isDry: Bool, now: Timestamp) throws {
    self.reindexer = reindexer
    self.isDry = isDry
    self.now = now
    report = ReindexReport(storeID: reindexer.store.id)
    let (entries, links, trusted) = try reindexer.store.read { snapshot in
      let entries = try Catalog.entries(snapshot.db)
      return (
        entries, try Self.links(entries, snapshot), try SigningKeys.trusted(snapshot.db)
      )
    }
    let given = reindexer.trusting.filter { key in !trusted.contains { $0.publicKey == key } }
    keys = trusted + given.map { TrustedKey($0) }
    self.entries = Dictionary(entries.map { ($0.file, $0) }) { one, _ in one }
    self.links = links
  }

  private static func links(
    _ entries: [CatalogEntry], _ snapshot: Snapshot
  ) throws -> [Int64: ChainChoice.Link] {
    try entries.reduce(into: [:]) { links, entry in
      guard let hash = SHA256Sum(entry.manifestSHA256) else { return }
      let prev = try entry.readableManifest(snapshot.db)?.prev
      links[entry.archiveSeq] = ChainChoice.Link(
        hash: hash, prev: prev?.manifestSHA256, file: entry.file)
    }
  }

  mutating func go(_ progress: (_ done: Int64, _ total: Int64) -> Void) throws {
    let choice = ChainChoice(try scan(), known: links)
    for refusal in choice.refused { refuse(refusal.file, refusal.problem) }
    for segment in choice.chosen {
      for hash in segment.supersedes {
        superseded[hash] = max(superseded[hash] ?? 0, segment.generation)
      }
    }
    for (index, segment) in choice.chosen.enumerated() {
      progress(Int64(index), Int64(choice.chosen.count))
      do {
        try take(segment)
      } catch let problem as ReindexProblem {
        refuse(segment.label, problem)
      }
    }
    try conclude(choice.chosen)
  }

  /// The segments of this store that the catalog does not know, or not wholly.
  private mutating func scan() throws -> [FoundSegment] {
    let (store, entries) = (store, entries)
    let job = try store.read { try ArchiveJob.pending($0.db, storeID: store.id)?.name }
    let scan = try SegmentScan(SegmentSite.all(folder, and: reindexer.targets)) { file in
      guard let entry = entries[file] else { return false }
      return try entry.retired != nil || store.read { try Catalog.isIndexed($0.db, entry) }
    }
    report.files = scan.files
    report.known = scan.skipped
    for failure in scan.failures { refuse(failure.file, failure.problem) }
    return scan.found.filter { segment in
      if segment.storeID != store.id {
        refuse(segment.label, .foreign(store: segment.storeID))
      } else if segment.name == job {
        refuse(segment.label, .job)
      } else {
        return true
      }
      return false
    }
  }

  private mutating func refuse(_ file: String, _ problem: ReindexProblem) {
    report.refused.append(ReindexReport.Refusal(file: file, problem: problem))
  }

  /// Reads the segment whole, holds it against what is known, and takes it.
  private mutating func take(_ segment: FoundSegment) throws {
    let candidate = try Candidate.choose(
      segment, scratch: Folder.parent(of: store.path), trusting: keys, now: now)
    let isReplaced = try checkSupersession(of: segment)
    if !isReplaced { try checkOverlap(candidate) }
    let added = isDry ? 0 : try adopt(candidate, isReplaced: isReplaced)
    if !isReplaced {
      for stream in candidate.segment.manifest.streams {
        spans[stream.info.name]?.insert(stream.first.rawValue...stream.last.rawValue)
      }
    }
    report.taken.append(
      ReindexReport.Item(
        file: segment.file, archiveSeq: segment.archiveSeq,
        streams: candidate.segment.manifest.streams.count, newEvents: added,
        target: candidate.target, isDamaged: candidate.isDamaged))
    for refusal in candidate.refused { refuse(refusal.file, refusal.problem) }
    note(candidate.segment.manifest.signingKey)
    if !isDry { reindexer.onSegment(segment.file) }
  }

  private mutating func note(_ key: SHA256Sum?) {
    guard let key, !keys.contains(where: { $0.publicKey.id == key }),
      !report.untrusted.contains(key.description)
    else { return }
    report.untrusted.append(key.description)
  }

  /// - Returns: whether a newer generation of this segment is to be taken, too.
  private func checkSupersession(of segment: FoundSegment) throws -> Bool {
    guard let generation = superseded[segment.manifestSHA256] else { return false }
    guard generation > segment.generation else {
      throw ReindexProblem.generation(segment.generation)
    }
    return true
  }

  private mutating func checkOverlap(_ candidate: Candidate) throws {
    for stream in candidate.segment.manifest.streams {
      let range = stream.first.rawValue...stream.last.rawValue
      let known = try spans[stream.info.name] ?? loadSpans(of: stream.info.name, candidate)
      spans[stream.info.name] = known
      if let revision = known.firstOverlap(with: range) {
        throw ReindexProblem.overlap(stream.info.name, Revision(revision))
      }
    }
  }

  /// What the catalog has of a stream, but for what is taken anew or replaced.
  private func loadSpans(of name: StreamName, _ candidate: Candidate) throws -> RevisionSpans {
    try store.read { snapshot in
      var spans = RevisionSpans()
      guard let record = try snapshot.stream(name) else { return spans }
      for range in try Catalog.ranges(snapshot.db, of: record.id) {
        guard let link = links[range.archiveSeq], superseded[link.hash] == nil,
          range.archiveSeq != candidate.segment.manifest.archiveSeq
        else { continue }
        spans.insert(range.first...range.last)
      }
      return spans
    }
  }

  /// One transaction: the events, the catalog's rows, the state.
  private func adopt(_ candidate: Candidate, isReplaced: Bool) throws -> Int64 {
    try store.write { db in
      let adoption = Adoption(
        candidate, isKnown: entries[candidate.file] != nil, in: store)
      return try adoption.run(db, isReplaced: isReplaced, now: now)
    }
  }

  private mutating func conclude(_ chosen: [FoundSegment]) throws {
    if !isDry {
      try trust()
      try audit()
      try store.write { try Catalog.insertSuperseded($0) }
    }
    let taken = Set(report.taken.map(\.archiveSeq))
    let (known, gaps) = try store.read { snapshot in
      (try Catalog.entries(snapshot.db), try Catalog.gaps(snapshot.db))
    }
    let numbers = taken.union(known.map(\.archiveSeq))
    report.missing = zip([0] + numbers.sorted(), numbers.sorted())
      .filter { $0 + 1 < $1 }.map { $0 + 1...$1 - 1 }
    report.lost =
      isDry
      ? dryLosses() : gaps.map { ReindexReport.Loss(stream: $0.0, revisions: $0.1) }
    let hashes = Dictionary(
      known.map { ($0.archiveSeq, $0.manifestSHA256) }
        + chosen.filter { taken.contains($0.archiveSeq) }
        .map { ($0.archiveSeq, $0.manifestSHA256.description) }
    ) { one, _ in one }
    report.head = numbers.max().flatMap { newest in hashes[newest].map { (newest, $0) } }
  }

  /// As far as the streams of the segments to be taken tell.
  private func dryLosses() -> [ReindexReport.Loss] {
    spans.sorted { $0.key.rawValue < $1.key.rawValue }.flatMap { name, spans in
      spans.gaps(through: spans.spans.last?.upperBound ?? -1)
        .map { ReindexReport.Loss(stream: name, revisions: $0) }
    }
  }

  /// Last, as the audit: see ``ReindexTally``.
  private func trust() throws {
    for key in reindexer.trusting {
      try SigningKeys(store).trust(
        key, by: reindexer.principal, reason: reindexer.reason, now: now)
    }
  }

  /// Who reindexed, and why; also for what a run took that was killed before it could say so.
  private func audit() throws {
    try store.transaction(now: now) { transaction in
      guard let taken = try ReindexTally.take(transaction.db) else { return }
      try transaction.audit(
        "ArchiveReindexed",
        fields: [
          ("segments", String(taken.segments)), ("newEvents", String(taken.newEvents)),
          ("reason", reindexer.reason),
        ], by: reindexer.principal)
    }
  }
}

/// What was taken and is not in `$audit` yet. The entry comes last: only then are the positions of
/// all archived events known, and it must be behind them.
enum ReindexTally {
  static func add(_ db: Database, newEvents: Int64) throws {
    for (key, count) in [("reindexed_segments", 1), ("reindexed_events", newEvents)] {
      try db.execute(
        sql: """
          INSERT INTO store VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value
          """, arguments: [key, String(count)])
    }
  }

  static func take(_ db: Database) throws -> (segments: Int64, newEvents: Int64)? {
    func value(_ key: String) throws -> Int64? {
      try String.fetchOne(
        db, sql: "DELETE FROM store WHERE key = ? RETURNING value", arguments: [key]
      )
      .flatMap { Int64($0) }
    }
    guard let segments = try value("reindexed_segments") else { return nil }
    return (segments, try value("reindexed_events") ?? 0)
  }
}
