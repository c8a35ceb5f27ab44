import Foundation
import Glibc
import Ingest
import Streams
import Testing

@testable import EventStore

@Suite struct `A load that is broken off` {
  static let count = 100_000

  private func isWhole(_ store: EventStore, count: Int = Self.count) throws -> Bool {
    let found = try store.read { snapshot in
      let record = try snapshot.readableStream(try StreamName("orders-1"))
      var ids: Set<EventID> = []
      var revision: Int64 = 0
      let isOrdered = try snapshot.forEachHotEvent(of: record.id, in: 0...Int64.max) { event in
        ids.insert(event.id)
        defer { revision += 1 }
        return event.revision.rawValue == revision && event.id.low == UInt64(revision)
      }
      return (ids.count, isOrdered, record.events)
    }
    let isSound = try store.integrityProblems().isEmpty
    return isSound && found == (count, true, Int64(count))
  }

  @Test func `between batches goes on where it stopped`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let count = 50_000
    let path = try scratch.file("f", lines(0..<count))
    var batches = 0
    let first = try await Ingest(into: store, format: .events).load(path, reject: { _ in }) { _ in
      batches += 1
      return batches < 3
    }
    #expect(first.wasInterrupted)
    #expect(first.appended > 0 && first.appended < count)
    #expect(try events(of: "orders-1", in: store).count == first.appended)
    let second = try await load(path, into: store)
    #expect(second.summary.duplicates == first.appended)
    #expect(second.summary.appended == count - first.appended)
    #expect(!second.summary.wasInterrupted)
    #expect(try isWhole(store, count: count))
  }

  @Test func `by a kill loses nothing and adds nothing twice`() async throws {
    let scratch = try Scratch()
    let path = try scratch.file("f", lines(0..<Self.count))
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [store = scratch.storePath as String, path = path as String] in
      let store = try EventStore(path: store, mode: .createIfMissing)
      var batches = 0
      _ = try await Ingest(into: store, format: .events).load(path, reject: { _ in }) { _ in
        batches += 1
        if batches == 3 { raise(SIGKILL) }
        return true
      }
    }
    let store = try scratch.store()
    let stored = try events(of: "orders-1", in: store).count
    #expect(stored == 1024 + 2 * 16_384)
    let last = try await load(path, into: store)
    #expect(last.summary.duplicates == stored)
    #expect(last.summary.appended == Self.count - stored)
    #expect(try isWhole(store))
  }

  @Test func `by a full disk says so, can still be read, and is completed when there is room`()
    async throws
  {
    let scratch = try Scratch()
    let count = 50_000
    let padding = String(repeating: "x", count: 400)
    let path = try scratch.file(
      "f", (0..<count).map { line($0, data: "\"\(padding)\"") + "\n" }.joined())
    let disk = try SmallDisk(megabytes: 128)
    let stored: Int
    do {
      let store = try EventStore(path: disk.folder + "/store.db", mode: .createIfMissing)
      try disk.fill(leaving: 24, for: store)
      await #expect(throws: StoreError.full) { _ = try await load(path, into: store) }
      stored = try events(of: "orders-1", in: store).count
      #expect(stored > 0 && (stored - 1024) % 16_384 == 0 && stored < count)
    }
    let reader = try EventStore(path: disk.folder + "/store.db", mode: .readOnly)
    #expect(try events(of: "orders-1", in: reader).count == stored)
    try disk.empty()
    let store = try EventStore(path: disk.folder + "/store.db")
    let last = try await load(path, into: store)
    #expect(last.summary.duplicates == stored)
    #expect(last.summary.appended == count - stored)
    #expect(try isWhole(store, count: count))
  }
}

/// A disk that is soon full: a small file system, where one may be mounted; elsewhere a bound on
/// the pages of the store, at which SQLite fails in the same way.
struct SmallDisk: ~Copyable {
  let folder: String
  private let megabytes: Int
  private let isMounted: Bool

  init(megabytes: Int) throws {
    self.megabytes = megabytes
    folder = NSTemporaryDirectory() + "rookery-disk-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    isMounted = mount("tmpfs", folder, "tmpfs", 0, "size=\(megabytes)m") == 0
  }

  deinit {
    if isMounted { umount2(folder, Int32(MNT_DETACH)) }
    try? FileManager.default.removeItem(atPath: folder)
  }

  func fill(leaving room: Int, for store: EventStore) throws {
    guard isMounted else {
      _ = try store.write {
        try RawStatement($0, "PRAGMA max_page_count = \(room * 64)").step()
      }
      return
    }
    let ballast = Data(count: (megabytes - room) << 20)
    try ballast.write(to: URL(fileURLWithPath: folder + "/ballast"))
  }

  /// Makes room again, for the stores opened from now on.
  func empty() throws {
    if isMounted { try FileManager.default.removeItem(atPath: folder + "/ballast") }
  }
}
