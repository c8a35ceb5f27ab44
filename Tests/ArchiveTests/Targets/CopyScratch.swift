import EventStore
import Foundation
import Streams

@testable import Archive

/// Where the copies of a test's segments are.
enum Place: String, CaseIterable, Sendable {
  case folder, s3

  /// The address of a new place, empty.
  func make(in root: String, _ server: ObjectServer) throws -> String {
    switch self {
    case .s3: return server.newPlace()
    case .folder:
      let path = root + "/second disk"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      return path
    }
  }
}

@discardableResult
func runArchive(
  _ store: EventStore, _ folder: ArchiveFolder, _ settings: SegmentSettings, grace: Int64 = 0,
  now: Timestamp = day(200), onStep: @escaping @Sendable (ArchiveStep) -> Void = { _ in }
) throws -> Archiver.Summary {
  try Archiver(store, folder, now: now, onStep: onStep).run(
    [ArchivePolicy(streams: "user-*", coldAfter: days(30), settings: settings)], grace: grace)
}

/// A store with a stream that gets a segment of its own, and some that share one.
struct CopyScratch: ~Copyable {
  let scratch: Scratch
  let folder: ArchiveFolder
  var store: EventStore { scratch.store }
  var root: String { scratch.root }

  @discardableResult
  func run(
    _ settings: SegmentSettings, grace: Int64 = 0, now: Timestamp = day(200)
  ) throws -> Archiver.Summary {
    try runArchive(store, folder, settings, grace: grace, now: now)
  }

  func copies(of entry: CatalogEntry) throws -> [CatalogCopy] {
    try store.read { try Catalog.copies($0.db, of: entry.archiveSeq) }
  }
}

extension Scratch {
  static func withCopies(_ targets: Targets) throws -> CopyScratch {
    let scratch = try Scratch()
    try scratch.store.fill("user-1-activity", days: 5, bytes: 160_000)
    for number in 2...5 { try scratch.store.fill("user-\(number)-loans", days: 5) }
    let folder = ArchiveFolder(path: scratch.root + "/segments", targets: targets)
    return CopyScratch(scratch: scratch, folder: folder)
  }
}
