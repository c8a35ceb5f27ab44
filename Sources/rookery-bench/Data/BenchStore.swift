internal import Archive
internal import Demo
internal import EventStore
internal import History
internal import Ingest
internal import Streams

/// A store filled for a measurement, and its archive folder.
struct BenchStore {
  let path: String
  let store: EventStore
  let history: History
  let folder: ArchiveFolder

  /// The instant that the generated events begin: 2025-01-01T00:00:00Z.
  static let start = Timestamp(microseconds: 1_735_689_600_000_000)

  init(_ path: String) throws {
    self.path = path
    store = try EventStore(path: path, mode: .createIfMissing)
    folder = ArchiveFolder(path: path + ".segments")
    history = History(store: store, folder: folder)
  }

  /// Creates the file with its schema, and closes it.
  static func create(_ path: String) throws {
    _ = try EventStore(path: path, mode: .createIfMissing)
  }

  func ingest(_ lines: String, expecting count: Int) async throws {
    let summary = try await Ingest(into: store, format: .events).load(
      lines, reject: { _ in }, progress: { _ in true })
    guard summary.appended == count else {
      throw BenchError.disagreement("\(summary.appended) of \(count) events were ingested")
    }
  }

  /// A store with `events`, by way of a file that is deleted again.
  static func filled(
    _ events: some GeneratedEvents, in scratch: Scratch, name: String = "store"
  ) async throws -> BenchStore {
    say("making \(events.count) events")
    try events.writeLines(to: scratch.file("fill.ndjson"))
    say("ingesting them")
    let store = try BenchStore(scratch.file(name))
    try await store.ingest(scratch.file("fill.ndjson"), expecting: events.count)
    scratch.delete("fill.ndjson")
    return store
  }

  /// Archives streams as a whole, and releases their rows.
  func archive(_ names: [StreamName]) throws {
    say("archiving them")
    let archiver = Archiver(store: store, folder: folder, now: .now(), version: "bench")
    for name in names {
      _ = try archiver.run(
        grace: 0,
        plan: { snapshot in
          try Planner.plan(
            wholeStream: try snapshot.readableStream(name), reason: "bench", snapshot)
        })
    }
  }

  var segments: [String] { folder.files().map { folder.file($0) } }
}
