public import EventStore
internal import GRDB
internal import Segments

/// What a restore relies on: segments read whole, from the disk, and the chain they are part of.
public struct RestoreCheck {
  private let store: EventStore
  private let folder: ArchiveFolder

  public init(_ store: EventStore, _ folder: ArchiveFolder) {
    self.store = store
    self.folder = folder
  }

  /// Verifies every segment that holds some of these revisions of these streams.
  ///
  /// Damage is told and not thrown: whatever is read is checked again, chunk by chunk, and what is
  /// sound can be restored.
  ///
  /// - Parameter progress: segments done and to do.
  /// - Complexity: O(bytes of these segments).
  public func sources(
    of parts: [(stream: Int64, revisions: ClosedRange<Int64>)],
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws -> [VerifiedSource] {
    let numbers = try store.read { snapshot in
      try parts.reduce(into: Set<Int64>()) { numbers, part in
        for range in try Catalog.ranges(snapshot.db, of: part.stream)
        where range.first <= part.revisions.upperBound && range.last >= part.revisions.lowerBound {
          numbers.insert(range.archiveSeq)
        }
      }
    }
    return try numbers.sorted().enumerated().compactMap { done, number in
      progress(done, numbers.count)
      guard let entry = try store.read({ try Catalog.entry($0.db, number) }) else { return nil }
      return source(entry, verify(entry))
    }
  }

  /// Whether the manifests of all segments the store ever made follow one another.
  public func chain() throws -> RestoreChain {
    let entries = try store.read { try Catalog.entries($0.db) }
    return RestoreChain(
      segments: entries.count, head: entries.last?.manifestSHA256,
      problems: SegmentCheck.chainProblems(entries))
  }

  /// - Throws: ``ArchiveError`` `.damaged`.
  func verified(_ entry: CatalogEntry) throws -> VerifiedSource {
    let report = verify(entry)
    guard report.isSound else {
      throw ArchiveError.damaged(segment: entry.file, damage: report.damage)
    }
    return source(entry, report)
  }

  private func verify(_ entry: CatalogEntry) -> VerifyReport {
    folder.verify(entry, of: store, level: .full)
  }

  private func source(_ entry: CatalogEntry, _ report: VerifyReport) -> VerifiedSource {
    VerifiedSource(
      archiveSeq: entry.archiveSeq, segmentID: entry.segmentID, file: entry.file,
      manifestSHA256: entry.manifestSHA256, sha256: report.fileSHA256?.description,
      chunks: report.readable.count, events: report.eventsChecked,
      damage: report.damage.map(\.description))
  }
}

/// The chain of manifest hashes, as a restore found it.
public struct RestoreChain: Sendable, Hashable {
  public var segments: Int
  /// The newest manifest's hash; nil when nothing was ever archived.
  public var head: String?
  /// Where it does not close; empty when it does.
  public var problems: [String]
}
