internal import EventStore
internal import GRDB
internal import Segments
public import Streams

/// A copy of a segment that was replaced or deleted, which is at a target still: what was erased can be
/// read there.
public struct RetainedCopy: Sendable, Hashable {
  /// Relative to the target, as the catalog called it.
  public var file: String
  /// The target's address.
  public var address: String
  /// Until when a lock keeps it, as the target said when it was written; nil when nobody can tell
  /// whether it is there.
  public var until: Timestamp?
}

extension Catalog {
  /// The copies, of segments that have no file any more, in which events of these streams can be read
  /// without a key.
  static func retainedCopies(
    of streams: Set<Int64>, _ snapshot: Snapshot
  ) throws -> [RetainedCopy] {
    try predecessors(of: streams, snapshot).flatMap { predecessor in
      try copies(snapshot.db, of: predecessor.entry.archiveSeq).map { copy in
        RetainedCopy(
          file: predecessor.entry.file, address: copy.target, until: copy.lockedUntil)
      }
    }
  }

  /// A segment without a file that had events of erased streams, unencrypted.
  fileprivate struct Predecessor {
    var entry: CatalogEntry
    /// The segment in its place; nil when all of it was deleted.
    var successor: Int64?
  }

  fileprivate static func predecessors(
    of streams: Set<Int64>, _ snapshot: Snapshot
  ) throws -> [Predecessor] {
    let numbers = try streams.flatMap { try ranges(snapshot.db, of: $0).map(\.archiveSeq) }
    return try Set(numbers).sorted().flatMap { number -> [Predecessor] in
      guard let entry = try entry(snapshot.db, number),
        let manifest = try entry.readableManifest(snapshot.db),
        try isPlain(streams, in: entry, manifest, snapshot)
      else { return [] }
      let isGone = entry.retired != nil
      // What stood in its place before had the same events.
      let before = try (manifest.supersedes?.generations ?? []).compactMap {
        try Catalog.entry(snapshot.db, $0.archiveSeq)
      }
      return (before + (isGone ? [entry] : [])).map {
        Predecessor(entry: $0, successor: isGone ? nil : number)
      }
    }
  }

  private static func isPlain(
    _ streams: Set<Int64>, in entry: CatalogEntry, _ manifest: Manifest, _ snapshot: Snapshot
  ) throws -> Bool {
    let indexes = Set(
      try ranges(snapshot.db, in: entry.archiveSeq).filter { streams.contains($0.stream) }
        .map(\.streamIndex))
    return manifest.chunks.contains { indexes.contains($0.stream) && $0.encryption == .none }
  }
}

extension Archiver {
  /// Looks for copies of segments that were replaced, wherever one of what took their place is or is
  /// owed: also for those that a process made, and did not record before it died. They are deleted.
  ///
  /// - Returns: those that are there still, with those that the catalog knows to be under lock.
  func removePredecessors(of streams: Set<Int64>) throws -> [RetainedCopy] {
    let (known, places) = try store.read { snapshot in
      (
        try Catalog.retainedCopies(of: streams, snapshot),
        try Catalog.predecessors(of: streams, snapshot).map { ($0, try targets(of: $0, snapshot)) }
      )
    }
    return try known
      + places.flatMap { predecessor, addresses in
        try addresses.compactMap { address in
          let isKnown = known.contains {
            $0.file == predecessor.entry.file && $0.address == address
          }
          return try isKnown ? nil : remove(predecessor.entry, from: address)
        }
      }
  }

  private func targets(
    of predecessor: Catalog.Predecessor, _ snapshot: Snapshot
  ) throws -> [String] {
    guard let successor = predecessor.successor else { return [] }
    let owed = try PendingJob.all(snapshot, folder.targets).filter { $0.archiveSeq == successor }
    return try Catalog.copies(snapshot.db, of: successor).map(\.target) + owed.flatMap(\.targets)
  }

  /// - Returns: nil when it is not there, for certain.
  private func remove(_ entry: CatalogEntry, from address: String) throws -> RetainedCopy? {
    do {
      try folder.targets.target(address).delete(entry.file) { file in
        file.manifestSHA256?.description == entry.manifestSHA256
      }
      return nil
    } catch is any CodedError {
      return RetainedCopy(file: entry.file, address: address, until: nil)
    }
  }

  /// Ends the erasures that only waited for copies at targets, where the last one is gone.
  ///
  /// - Returns: whose.
  func endErasures() throws -> [String] {
    try store.pendingErasures().filter { $0.waitingSince != nil }.compactMap { erasure in
      let streams = try store.read { try $0.streams(ofUser: erasure.user).map(\.id) }
      guard try removePredecessors(of: Set(streams)).isEmpty else { return nil }
      try store.endErasure(
        of: erasure.user, fields: [("reason", erasure.reason)], by: principal, now: now)
      return erasure.user
    }
  }
}
