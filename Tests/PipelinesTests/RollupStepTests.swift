import Analytics
import Archive
import EventStore
import Foundation
import History
import Streams
import Testing

@testable import Pipelines

@Suite struct `The rollup step` {
  @Test func `folds every stream that can be read, and names those that can't`() throws {
    let scratch = try Scratch()
    for service in ["api", "db", "web"] {
      try scratch.store.append(
        "service-uptime-\(service)", fact(service, "up", at: try time("2025-01-03T18:00:00Z")))
    }
    try scratch.archiveUptimeStreams()
    let entry = try #require(
      try scratch.store.read { try Catalog.entries($0.db) }.dropFirst().first)
    try FileManager.default.removeItem(atPath: scratch.folder.file(entry.file))
    let yaml = """
      steps:
      - step: rollup
      - step: activity-report
        needs: rollup
      """
    let outcome = try scratch.run(yaml, date: "2025-01-03", now: .now())
    let steps = try #require(outcome.runs.first).steps
    #expect(steps.map(\.result) == [.failed, .skipped])
    #expect(steps[0].detail.hasPrefix("segment-missing: Not rolled up: service-uptime-db. "))
    #expect(steps[1].detail.hasPrefix("rollup was not done: segment-missing: Not rolled up: "))
    #expect(outcome.foundDamage)
    #expect(try scratch.store.rollups(of: "service-uptime-api") == 1)
    #expect(try scratch.store.rollups(of: "service-uptime-db") == 0)
    #expect(try scratch.store.rollups(of: "service-uptime-web") == 1)
  }

  /// The night folds on a snapshot; the user is forgotten before it stores what it has folded.
  @Test func `leaves the figures of a user who was erased meanwhile`() throws {
    let scratch = try Scratch()
    try scratch.store.append("user-7-activity", action("7", at: try time("2025-01-03T18:00:00Z")))
    let name = try StreamName("user-7-activity")
    let piece = try #require(
      try scratch.history.read { snapshot in
        try Rollups(snapshot).update(
          ActivityHistory.self, of: try snapshot.hot.readableStream(name))
      })
    let archiver = Archiver(
      store: scratch.store, folder: scratch.folder, now: .now(), version: "test")
    _ = try Eraser(archiver).erase(user: "7", reason: "asked", keepingFiguresOf: scratch.history)
    try #require(try scratch.store.rollups(of: name.rawValue) == 1)
    try scratch.store.write { try piece.store($0) }
    #expect(try scratch.store.rollups(of: name.rawValue) == 1)
  }

  @Test func `and an erasure never run at once, however the store is named`() throws {
    let scratch = try Scratch()
    try scratch.store.append("user-7-activity", action("7", at: try time("2025-01-03T18:00:00Z")))
    let link = scratch.root + "/link.db"
    try FileManager.default.createSymbolicLink(
      atPath: link, withDestinationPath: scratch.store.path)
    let archiver = Archiver(
      store: scratch.store, folder: scratch.folder, now: .now(), version: "test")
    try PipelineLock.hold(link) {
      #expect(!PipelineLock.isFree(scratch.store.path))
      #expect(throws: PipelineError.running(scratch.store.path)) {
        try Eraser(archiver).erase(user: "7", reason: "asked", keepingFiguresOf: scratch.history)
      }
    }
    #expect(
      try scratch.store.read { try $0.readableStream(StreamName("user-7-activity")) }.events == 1)
  }
}
