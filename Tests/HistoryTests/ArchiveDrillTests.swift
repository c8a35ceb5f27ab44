import Archive
import EventStore
import Foundation
import GRDB
import History
import Streams
import Testing

@Suite struct `A drill` {
  private func run(_ scratch: borrowing Scratch, _ segments: [Int64]) throws -> ArchiveDrill.Report
  {
    let occasion = RestoreReport.Occasion(
      principal: .system, reason: "drill", time: second(0), version: "test")
    return try ArchiveDrill(history: scratch.history, scratchPath: scratch.root + "/drill.db")
      .run(segments: segments, on: occasion)
  }

  private func leftovers(_ scratch: borrowing Scratch) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: scratch.root)
      .filter { $0.hasPrefix("drill.db") }
  }

  @Test func `restores what the segments hold, finds it the same, and leaves nothing`() throws {
    let scratch = try Scratch.withSegments()
    // What a drill that was killed left is no obstacle.
    try Data("not a store".utf8).write(to: URL(filePath: scratch.root + "/drill.db"))
    let report = try run(scratch, [1, 2, 3])
    #expect(report.problem == nil)
    #expect(report.streams == 1)
    #expect(report.events == 61)
    #expect(report.cold == 60)
    #expect(try leftovers(scratch) == [])
    #expect(try run(scratch, []).streams == 0)
  }

  @Test func `says what a restore would trip on`() throws {
    let scratch = try Scratch.withSegments()
    let entry = try scratch.store.read { try Catalog.entries($0.db) }[1]
    try FileManager.default.removeItem(atPath: scratch.folder.file(entry.file))
    let report = try run(scratch, [1])
    #expect(report.problem?.contains("Revisions 20 to 39 of service-uptime-api") == true)
    #expect(try leftovers(scratch) == [])
  }

  @Test func `finds a catalog that does not cover what was released`() throws {
    let scratch = try Scratch.withSegments()
    try scratch.store.write { try $0.execute(sql: "DELETE FROM segment_ranges WHERE first = 20") }
    #expect(try run(scratch, [1]).problem?.contains("are in no segment") == true)
  }
}
