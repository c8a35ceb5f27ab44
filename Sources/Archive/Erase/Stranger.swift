internal import EventStore
internal import GRDB
internal import Glibc
internal import Segments
internal import Streams

/// A file that may be a segment and that no row of the catalog names: put aside as damaged, left by a
/// run that was killed, or somebody's.
struct Stranger {
  /// What an erasure makes of it.
  enum Exposure: Sendable {
    /// None of the user's events can be read in it.
    case none
    /// It has events of the user that anybody can read, and nothing else that is only here.
    case plain
    /// It can't be told: it is no segment, or damaged beyond reading; or it may be all that is left of
    /// somebody else's events.
    case unknown
  }

  let path: String
  /// What to call it: relative to the archive folder, or a path elsewhere.
  let name: String
  let storeID: String

  /// - Parameter streams: the user's.
  /// - Complexity: O(chunks); O(file) for one that has lost its manifest.
  func exposure(of streams: Set<StreamName>, _ snapshot: Snapshot) throws -> Exposure {
    if let file = try? SegmentFile(path: path), let manifest = file.manifest {
      return try exposure(of: streams, manifest, snapshot)
    }
    guard let file = try? SegmentFile(salvaging: path), !file.chunks.isEmpty else {
      return .unknown
    }
    return try exposure(of: streams, file.chunks, snapshot)
  }

  private func exposure(
    of streams: Set<StreamName>, _ manifest: Manifest, _ snapshot: Snapshot
  ) throws -> Exposure {
    // Another store's users are not ours.
    guard manifest.storeID == storeID else { return .none }
    let isPlain = manifest.chunks.contains { chunk in
      let info = manifest.streams[chunk.stream].info
      return streams.contains(info.name) && info.lifecycle != .deleted && chunk.encryption == .none
    }
    guard isPlain else { return .none }
    let isElsewhere = try manifest.streams.allSatisfy { stream in
      try streams.contains(stream.info.name)
        || has(stream.info.name, through: stream.last.rawValue, snapshot)
    }
    return isElsewhere ? .plain : .unknown
  }

  /// Of a file that was cut only the names of its members tell whose chunks it has.
  private func exposure(
    of streams: Set<StreamName>, _ chunks: [SegmentChunk], _ snapshot: Snapshot
  ) throws -> Exposure {
    let known = Dictionary(
      try snapshot.streams().map {
        (SegmentName.streamID(store: storeID, stream: $0.name), $0.name)
      }, uniquingKeysWith: { first, _ in first })
    var isPlain = false
    for chunk in chunks {
      let id = String(chunk.member.split(separator: "/").dropFirst().first ?? "")
      guard let name = known[id] else { return .unknown }
      if streams.contains(name) {
        isPlain = isPlain || chunk.subject == nil
      } else if try !has(name, through: chunk.last.rawValue, snapshot) {
        return .unknown
      }
    }
    // What was cut off, or can't be read, may be the user's.
    return isPlain ? .plain : .unknown
  }

  /// Whether the store has a stream's events up to a revision in rows, or in segments that no check
  /// found damaged.
  private func has(
    _ name: StreamName, through last: Int64, _ snapshot: Snapshot
  ) throws -> Bool {
    guard let record = try snapshot.stream(name), record.events > last else { return false }
    return try Catalog.ranges(snapshot.db, of: record.id).allSatisfy { range in
      try Catalog.place(snapshot.db, range.archiveSeq)?.isQuarantined == false
    }
  }
}

extension ArchiveFolder {
  /// Deletes a stranger, durably.
  func remove(_ stranger: Stranger) throws {
    guard unlink(stranger.path) == 0 || errno == ENOENT else { throw failure() }
    try Folder.sync(Folder.parent(of: stranger.path))
  }

  /// What lies in `quarantine/`, and segment files that no row of the catalog names; those that were
  /// to be sent to a target, and those in the folders of targets, too.
  func strangers(of storeID: String, _ snapshot: Snapshot) throws -> [Stranger] {
    let known = Set(try Catalog.entries(snapshot.db).map(\.file))
    let here = strangerNames(known) + staging.strangerNames(known).map { "staging/" + $0 }
    let elsewhere = try targetFolders(snapshot).flatMap { folder in
      folder.strangerNames(known).map(folder.file)
    }
    return here.map { Stranger(path: file($0), name: $0, storeID: storeID) }
      + elsewhere.map { Stranger(path: $0, name: $0, storeID: storeID) }
  }

  /// Deletes what killed runs left half-written, here and in the folders of targets: whatever it
  /// holds is somewhere else as well. Only the holder of the lock may call this.
  ///
  /// - Returns: what was deleted, relative to this folder, or paths elsewhere.
  func removeHalfWritten(_ snapshot: Snapshot) throws -> [String] {
    let partials = try [self, staging].flatMap { try SegmentWriter.removePartials(in: $0.path) }
    let copies = try targetFolders(snapshot).flatMap {
      try SegmentCopy.removePartials(in: $0.path)
    }
    for folder in Set((partials + copies).map(Folder.parent)) { try Folder.sync(folder) }
    let start = path + "/"
    return (try removeScratch() ? [".scratch"] : [])
      + (partials + copies).map { $0.hasPrefix(start) ? String($0.dropFirst(start.count)) : $0 }
  }

  /// The targets that are folders: those that have copies, and those of the configuration.
  private func targetFolders(_ snapshot: Snapshot) throws -> [ArchiveFolder] {
    let used = try String.fetchAll(snapshot.db, sql: "SELECT DISTINCT target FROM segment_copies")
    return try Set(used + targets.configured()).filter { $0.hasPrefix("/") }.sorted()
      .map { ArchiveFolder(path: $0) }
  }

  private func strangerNames(_ known: Set<String>) -> [String] {
    Self.names(in: file("quarantine")).map { "quarantine/" + $0 }
      + files().filter { !known.contains($0) }
  }
}
