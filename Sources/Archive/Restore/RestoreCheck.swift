public import EventStore
internal import GRDB
public import Segments

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
  /// - Parameter progress: segments done and to do.
  /// - Complexity: O(bytes of these segments).
  public func sources(
    _ numbers: [Int64], progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws -> [VerifiedSource] {
    try numbers.enumerated().compactMap { done, number in
      progress(done, numbers.count)
      guard let entry = try store.read({ try Catalog.entry($0.db, number) }) else { return nil }
      return source(entry, try verify(entry))
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
  public func forEachManifest(
    from first: Int64, to head: String?, _ body: (ChainedManifest) throws -> Void
  ) throws {
    let numbers = try store.read {
      try Int64.fetchAll(
        $0.db, sql: "SELECT archive_seq FROM segments WHERE archive_seq >= ? ORDER BY 1",
        arguments: [first])
    }
    for number in numbers {
      guard let entry = try store.read({ try Catalog.entry($0.db, number) }) else { continue }
      try body(
        ChainedManifest(
          archiveSeq: number, segmentID: entry.segmentID, bytes: entry.manifest,
          signature: signature(of: entry)))
      if entry.manifestSHA256 == head { return }
    }
  }

  /// The keys whose signatures the store trusts, retired ones too.
  public func publicKeys() throws -> [SegmentPublicKey] {
    try store.read { try SigningKeys.entries($0.db).map(\.publicKey) }
  }

  /// Nil for an unsigned segment, and for one whose file is gone.
  private func signature(of entry: CatalogEntry) -> [UInt8]? {
    guard let file = try? SegmentFile(source: folder.source(of: entry.place, at: nil)),
      let signature = try? file.readSignature()
    else { return nil }
    return signature.isEmpty ? nil : signature
  }

  /// - Throws: ``ArchiveError`` `.damaged`; `SegmentError` `.unavailable` when the target that has it
  ///   can't be asked, which says nothing of the segment.
  func verified(_ entry: CatalogEntry) throws -> VerifiedSource {
    let report = try verify(entry)
    if let reason = report.unavailability {
      throw SegmentError.unavailable(segment: entry.file, reason: reason)
    }
    guard report.isSound else {
      throw ArchiveError.damaged(segment: entry.file, damage: report.damage)
    }
    return source(entry, report)
  }

  private func verify(_ entry: CatalogEntry) throws -> VerifyReport {
    folder.verify(entry, try entry.expectation(of: store), level: .full)
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
  /// 64 bytes; nil when the segment is not signed or its file is gone.
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
