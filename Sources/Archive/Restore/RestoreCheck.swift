public import EventStore
internal import GRDB
public import Segments
public import Streams

/// What a restore relies on: segments read whole, from the disk, and the chain they are part of.
public struct RestoreCheck {
  private let store: EventStore
  private let folder: ArchiveFolder

  public init(_ store: EventStore, _ folder: ArchiveFolder) {
    self.store = store
    self.folder = folder
  }

  /// The segments that hold some of these revisions of these streams, by their numbers.
  public func segments(
    of parts: [(stream: Int64, revisions: ClosedRange<Int64>)], _ snapshot: Snapshot
  ) throws -> [Int64] {
    try parts.reduce(into: Set<Int64>()) { numbers, part in
      for range in try Catalog.ranges(snapshot.db, of: part.stream)
      where range.first <= part.revisions.upperBound && range.last >= part.revisions.lowerBound {
        numbers.insert(range.archiveSeq)
      }
    }.sorted()
  }

  /// Verifies segments, which are told by their numbers.
  ///
  /// Damage is told and not thrown: whatever is read is checked again, chunk by chunk, and what is
  /// sound can be restored.
  ///
  /// - Parameters:
  ///   - stop: asked between two chunks.
  ///   - progress: segments done and to do.
  /// - Throws: `Stopped`.
  /// - Complexity: O(bytes of these segments).
  public func sources(
    _ numbers: [Int64], stop: StopRequest = .never,
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws -> [VerifiedSource] {
    try numbers.enumerated().compactMap { done, number in
      progress(done, numbers.count)
      guard let entry = try store.read({ try Catalog.entry($0.db, number) }) else { return nil }
      let report = try verify(entry, stop)
      try stop.check(Int64(done), of: Int64(numbers.count), "segments")
      return source(entry, report)
    }
  }

  /// Whether the manifests of all segments the store had made by then follow one another.
  public func chain(_ snapshot: Snapshot) throws -> RestoreChain {
    let entries = try Catalog.entries(snapshot.db)
    return RestoreChain(
      segments: entries.count, head: entries.last?.manifestSHA256,
      problems: try ChainCheck(storeID: store.id, snapshot).problems())
  }

  /// Calls `body` with every manifest from number `first` to the one with the hash `head`, as the
  /// catalog keeps them.
  ///
  /// - Throws: what `body` throws; `Stopped`; `SegmentError` `.unavailable`, `.io` when it can't be
  ///   told whether a segment is signed.
  public func forEachManifest(
    from first: Int64, to head: String?, stop: StopRequest = .never,
    _ body: (ChainedManifest) throws -> Void
  ) throws {
    let numbers = try store.read {
      try Int64.fetchAll(
        $0.db, sql: "SELECT archive_seq FROM segments WHERE archive_seq >= ? ORDER BY 1",
        arguments: [first])
    }
    for (done, number) in numbers.enumerated() {
      try stop.check(Int64(done), of: Int64(numbers.count), "manifests")
      let (found, manifest) = try store.read { snapshot in
        (try Catalog.entry(snapshot.db, number), try Catalog.manifest(snapshot.db, number))
      }
      guard let entry = found, let manifest else { continue }
      try body(
        ChainedManifest(
          archiveSeq: number, segmentID: entry.segmentID, bytes: manifest,
          signature: try signature(of: entry)))
      if entry.manifestSHA256 == head { return }
    }
  }

  /// The keys whose signatures the store trusts, retired ones too.
  public func publicKeys() throws -> [SegmentPublicKey] {
    try store.read { try SigningKeys.entries($0.db).map(\.publicKey) }
  }

  /// As the first copy that gives it has it; nil for an unsigned segment, and for one whose file is
  /// gone or has lost it.
  ///
  /// - Throws: `SegmentError` `.unavailable`, `.io` when no copy gives it and one could not be asked:
  ///   then nobody knows whether it is signed.
  private func signature(of entry: CatalogEntry) throws -> [UInt8]? {
    guard entry.retired == nil else { return nil }
    var failure: SegmentError?
    for copy in try store.read({ try Catalog.places($0.db, of: entry.place) }) {
      do throws(SegmentError) {
        let file = try SegmentFile(source: folder.source(of: entry.place, at: copy))
        let signature = try file.readSignature()
        return signature.isEmpty ? nil : signature
      } catch {
        switch error {
        case .missing, .damaged: continue
        default: failure = failure ?? error
        }
      }
    }
    if let failure { throw failure }
    return nil
  }

  /// - Throws: ``ArchiveError`` `.damaged`; `SegmentError` `.unavailable` when the target that has it
  ///   can't be asked, which says nothing of the segment; `Stopped`.
  func verified(
    _ entry: CatalogEntry, stop: StopRequest = .never
  ) throws -> VerifiedSource {
    let report = try verify(entry, stop)
    try stop.check(0, of: 1, "segments")
    if let reason = report.unavailability {
      throw SegmentError.unavailable(segment: entry.file, reason: reason)
    }
    guard report.isSound else {
      throw ArchiveError.damaged(segment: entry.file, damage: report.damage)
    }
    return source(entry, report)
  }

  private func verify(_ entry: CatalogEntry, _ stop: StopRequest) throws -> VerifyReport {
    folder.verify(entry, try entry.expectation(of: store), level: .full, stop: stop)
  }

  private func source(_ entry: CatalogEntry, _ report: VerifyReport) -> VerifiedSource {
    VerifiedSource(
      archiveSeq: entry.archiveSeq, segmentID: entry.segmentID, file: entry.file,
      manifestSHA256: entry.manifestSHA256, sha256: report.fileSHA256?.description,
      chunks: report.readable.count, events: report.eventsChecked,
      signedBy: report.signedBy?.description, damage: report.damage.map(\.description))
  }
}

/// A manifest as it stands in the chain.
public struct ChainedManifest: Sendable, Hashable {
  public var archiveSeq: Int64
  public var segmentID: String
  public var bytes: [UInt8]
  /// 64 bytes; nil when the segment is not signed, or no file of it has it any more.
  public var signature: [UInt8]?
}

/// The chain of manifest hashes, as a restore found it.
public struct RestoreChain: Sendable, Hashable {
  public var segments: Int
  /// The newest manifest's hash; nil when nothing was ever archived.
  public var head: String?
  /// Where it does not close; empty when it does.
  public var problems: [String]
}
