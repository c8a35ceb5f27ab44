internal import EventStore
internal import Segments

/// A segment that a restore reads from, as a whole verification found it.
public struct VerifiedSource: Sendable, Hashable {
  public var archiveSeq: Int64
  public var segmentID: String
  /// Relative to the archive folder.
  public var file: String
  public var manifestSHA256: String
  /// Of the whole file, when it could be read.
  public var sha256: String?
  /// Chunks whose zstd checksum and SHA-256 were compared, and their events.
  public var chunks: Int
  public var events: Int64
  /// What is wrong with it; empty for a sound segment.
  public var damage: [String]
}

/// Reads segments whole, from the disk, before anything is restored from them.
struct RestoreCheck {
  private let store: EventStore
  private let folder: ArchiveFolder

  init(_ store: EventStore, _ folder: ArchiveFolder) {
    self.store = store
    self.folder = folder
  }

  /// - Throws: ``ArchiveError`` `.damaged`.
  func verified(_ entry: CatalogEntry) throws -> VerifiedSource {
    let report = verify(entry)
    guard report.isSound else {
      throw ArchiveError.damaged(segment: entry.file, damage: report.damage)
    }
    return source(entry, report)
  }

  func source(_ entry: CatalogEntry) -> VerifiedSource { source(entry, verify(entry)) }

  private func verify(_ entry: CatalogEntry) -> VerifyReport {
    SegmentVerifier.verify(
      folder.file(entry.file), level: .full, expected: entry.expectation(of: store))
  }

  private func source(_ entry: CatalogEntry, _ report: VerifyReport) -> VerifiedSource {
    VerifiedSource(
      archiveSeq: entry.archiveSeq, segmentID: entry.segmentID, file: entry.file,
      manifestSHA256: entry.manifestSHA256, sha256: report.fileSHA256?.description,
      chunks: report.readable.count, events: report.eventsChecked,
      damage: report.damage.map(\.description))
  }
}
