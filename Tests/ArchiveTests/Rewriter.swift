import Archive
import EventStore
import Foundation
import GRDB
import Segments
import Streams

/// Somebody who can write the store and the archive, and makes both agree on another past: each
/// segment from a number on is written anew, with its row, its chunks and its place in the chain.
struct Rewriter {
  let store: EventStore
  let folder: ArchiveFolder
  /// Signs what it writes; nobody when nil.
  var signer: SegmentSigner?
  /// When what it writes says that it was made; as before when nil.
  var createdAt: Timestamp?

  /// Every figure that this revision's event holds becomes another.
  func rewrite(from archiveSeq: Int64, changing revision: Int64) throws {
    for entry in try store.entries() where entry.archiveSeq >= archiveSeq {
      let sealed = try write(entry, changing: entry.archiveSeq == archiveSeq ? revision : nil)
      try replace(entry, sealed)
    }
  }

  private func write(_ entry: CatalogEntry, changing revision: Int64?) throws -> SealedSegment {
    let file = try SegmentFile(path: folder.file(entry.file))
    let (old, before) = try store.read { snapshot in
      (try entry.manifest(snapshot.db), try Catalog.entry(snapshot.db, entry.archiveSeq - 1))
    }
    let prev = before.flatMap { before in
      SHA256Sum(before.manifestSHA256).map {
        Manifest.Link(archiveSeq: before.archiveSeq, manifestSHA256: $0)
      }
    }
    let identity = SegmentIdentity(
      storeID: old.storeID, archiveSeq: old.archiveSeq, generation: old.generation,
      createdAt: createdAt ?? old.createdAt, writerVersion: old.writer.version, prev: prev)
    let writer = try SegmentWriter(
      directory: folder.path + ".forged", name: name(old), job: "forger", identity: identity,
      signer: signer)
    for (index, stream) in old.streams.enumerated() {
      try writer.beginStream(stream.info)
      try file.forEachEvent(stream: index) { event in
        var copy = event.copy()
        if copy.revision.rawValue == revision {
          copy.data = copy.data.map { (0x30...0x38).contains($0) ? $0 + 1 : $0 }
        }
        try copy.withView { try writer.append($0) }
        return true
      }
      try writer.endStream()
    }
    return try writer.seal()
  }

  private func name(_ manifest: Manifest) -> SegmentName {
    guard let stream = manifest.streams.first, manifest.streams.count == 1 else {
      return SegmentName(pack: manifest.archiveSeq, generation: manifest.generation)
    }
    return SegmentName(
      streamID: SegmentName.streamID(store: manifest.storeID, stream: stream.info.name),
      first: stream.first, last: stream.last, generation: manifest.generation)
  }

  private func replace(_ entry: CatalogEntry, _ sealed: SealedSegment) throws {
    let path = folder.file(entry.file)
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.moveItem(atPath: sealed.path, toPath: path)
    try store.write { db in
      try db.execute(
        sql: """
          UPDATE segments SET bytes = ?, sha256 = ?, manifest = ?, manifest_sha256 = ?
          WHERE archive_seq = ?
          """,
        arguments: [
          sealed.bytes, sealed.sha256.description, Data(sealed.manifestBytes),
          sealed.manifestSHA256.description, entry.archiveSeq,
        ])
      for (index, chunk) in sealed.chunks.enumerated() {
        try db.execute(
          sql: """
            UPDATE segment_chunks SET offset = ?, compressed = ?, raw = ?, sha256 = ?
            WHERE archive_seq = ? AND chunk = ?
            """,
          arguments: [
            chunk.offset, chunk.compressedBytes, chunk.bytes, chunk.sha256.description,
            entry.archiveSeq, index,
          ])
      }
    }
  }
}
