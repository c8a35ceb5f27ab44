internal import EventStore
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

  /// What lies in `quarantine/`, and segment files that no row of the catalog names; in the folders
  /// of targets, too.
  func strangers(of storeID: String, _ snapshot: Snapshot) throws -> [Stranger] {
    let entries = try Catalog.entries(snapshot.db)
    let known = Set(entries.map(\.file))
    let targets = try entries.flatMap {
      try Catalog.copies(snapshot.db, of: $0.archiveSeq).map(\.target)
    }
    let here = strangerNames(known).map { Stranger(path: file($0), name: $0, storeID: storeID) }
    let elsewhere = Set(targets.filter { $0.hasPrefix("/") }).sorted().flatMap { path in
      ArchiveFolder(path: path).strangerNames(known).map {
        Stranger(path: path + "/" + $0, name: path + "/" + $0, storeID: storeID)
      }
    }
    return here + elsewhere
  }

  private func strangerNames(_ known: Set<String>) -> [String] {
    Self.names(in: file("quarantine")).map { "quarantine/" + $0 }
      + files().filter { !known.contains($0) }
  }
}
