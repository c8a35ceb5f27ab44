public import EventStore
public import Streams

/// A segment that the catalog has and that owes a copy, as its target did not do its part. Its rows
/// stay until the next run has made the copy.
public struct PendingJob: Sendable, Hashable {
  public var archiveSeq: Int64
  /// Relative to the archive folder.
  public var file: String
  public var bytes: Int64
  /// The addresses where a copy is owed.
  public var targets: [String]
  public var startedAt: Timestamp

  /// Oldest first.
  ///
  /// - Parameter targets: what the names in policies mean; one that means nothing any more stays.
  public static func all(_ snapshot: Snapshot, _ targets: Targets) throws -> [PendingJob] {
    try ArchiveJob.owing(snapshot.db).compactMap { job in
      guard let entry = try Catalog.entry(snapshot.db, job.archiveSeq), entry.retired == nil else {
        return nil
      }
      let there = try Catalog.copies(snapshot.db, of: job.archiveSeq).map(\.target)
      let owed = job.settings.places.map { (try? targets.address($0)) ?? $0 }
        .filter { !there.contains($0) }
      return PendingJob(
        archiveSeq: job.archiveSeq, file: entry.file, bytes: entry.bytes, targets: owed,
        startedAt: job.startedAt)
    }
  }
}
