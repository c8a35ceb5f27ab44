internal import EventStore
internal import GRDB
internal import Streams

/// Deletes the files of retired segments, in the archive folder and at every target.
struct RetiredFiles {
  let store: EventStore
  let folder: ArchiveFolder
  let now: Timestamp

  /// Deletes every copy; those that a lock keeps stay in the catalog, and go when it ends.
  func remove(_ entry: CatalogEntry) throws {
    let copies = try store.read { try Catalog.copies($0.db, of: entry.archiveSeq) }
    let retained = try folder.delete(entry, copies: copies)
    let gone = copies.filter { !retained.contains($0.target) }
    guard !gone.isEmpty else { return }
    try store.write { db in
      for copy in gone { try Catalog.delete(db, copy, of: entry.archiveSeq) }
    }
  }

  /// What is left to be removed: of processes that died in between, and of locks that have ended.
  func pending() throws -> [CatalogEntry] {
    try store.read { snapshot in
      try Catalog.entries(snapshot.db).filter { entry in
        guard entry.retired != nil else { return false }
        let copies = try Catalog.copies(snapshot.db, of: entry.archiveSeq)
        return folder.has(entry.file) || folder.staging.has(entry.file)
          || copies.contains { $0.lockedUntil.map { $0 <= now } ?? true }
      }
    }
  }
}
