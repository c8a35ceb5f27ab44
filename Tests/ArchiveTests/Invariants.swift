import Archive
import EventStore
import Foundation
import GRDB
import Segments
import Streams
import Testing

/// No row is gone that the watermark does not cover, and no watermark is past the catalog.
func expectRowsCovered(_ store: EventStore, _ comment: Comment? = nil) throws {
  let uncovered = try store.read { snapshot in
    try snapshot.streams().filter { record in
      let covered = try Catalog.ranges(snapshot.db, of: record.id).reduce(into: Int64(0)) {
        if $1.first == $0 { $0 = $1.last + 1 }
      }
      return try snapshot.hotCount(of: record.id) != record.hotEvents
        || record.prunedTo >= covered
    }
  }
  #expect(uncovered.map(\.name.rawValue) == [], comment)
}

/// No job, no partial file, no orphan, and every byte of every segment is sound.
func expectSettled(
  _ store: EventStore, _ folder: ArchiveFolder, _ comment: Comment? = nil
) throws {
  let jobs = try store.read { try Int.fetchOne($0.db, sql: "SELECT count(*) FROM archive_jobs") }
  #expect(jobs == 0, comment)
  #expect(try fileSums(folder).keys.filter { $0.hasSuffix(".partial") } == [], comment)
  let report = try SegmentCheck(store: store, folder: folder).run(level: .full, now: day(200))
  #expect(report.isSound, comment)
  #expect(report.checked.count == report.total, comment)
  #expect(report.orphans == [], comment)
  #expect(try store.integrityProblems() == [], comment)
}

/// A final name is only ever that of a whole, read-only file, whether a catalog knows it or not.
func expectFilesWhole(_ folder: ArchiveFolder, _ comment: Comment? = nil) {
  let broken = folder.files().filter { file in
    !SegmentVerifier.verify(folder.file(file), level: .full, threads: 0).isSound
  }
  #expect(broken == [], comment)
}
