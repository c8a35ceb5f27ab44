internal import EventStore
internal import Segments
internal import Streams

/// The chunks of a damaged segment that still have the recorded hash, wherever they are in it.
struct SoundChunks {
  private let files: [SegmentFile]

  init(_ entry: CatalogEntry, in folder: ArchiveFolder, _ snapshot: Snapshot) throws {
    let path = folder.file(entry.file)
    let chunks = try Catalog.chunks(snapshot.db, of: entry.archiveSeq)
    let manifest = try Catalog.manifest(snapshot.db, entry.archiveSeq)
    // By the catalog's offsets; and, where frames have moved, by the names in the file itself.
    let indexed = try? SegmentFile(path: path, chunks: chunks)
    let named = try? SegmentFile(path: path, standInManifest: manifest)
    files = [indexed, named].compactMap { $0 }.filter { file in
      file.manifestSHA256.map { $0.description == entry.manifestSHA256 } ?? true
    }
  }

  /// Loads chunk `number` of the manifest.
  ///
  /// - Returns: false when it can't be read, or is not what it should be.
  func load(_ number: Int, into buffer: inout ChunkBuffer) -> Bool {
    for file in files where file.chunks.indices.contains(number) {
      do throws(SegmentError) {
        try file.readChunk(number, into: &buffer)
        return true
      } catch {
        continue
      }
    }
    return false
  }
}
