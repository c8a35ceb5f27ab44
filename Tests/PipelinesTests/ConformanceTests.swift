import EventStore
import Foundation
import History
import Ingest
import Pipelines
import Streams
import Testing

/// The conformance table, from the lines a monitor wrote to the JSON that a reader gets.
@Suite struct `Each worked case of uptime` {
  @Test func `is there to be run`() {
    #expect(WorkedCase.all.count >= 36)
    #expect(WorkedCase.all.allSatisfy { !$0.expected.isEmpty && !$0.options.isEmpty })
  }

  @Test(arguments: WorkedCase.all)
  func `has its figures from a file of facts`(worked: WorkedCase) throws {
    let scratch = try Scratch()
    let report = try worked.query().report(
      factsFile: try file(of: worked, in: scratch.root), now: .now())
    #expect(try worked.differences(report) == [])
  }

  @Test(arguments: WorkedCase.all)
  func `has its figures from the store, from its segments and from its rollups`(
    worked: WorkedCase
  ) async throws {
    let scratch = try Scratch()
    let summary = try await Ingest(into: scratch.store, format: .facts).load(
      try file(of: worked, in: scratch.root), reject: { _ in }, progress: { _ in true })
    #expect(summary.lines == worked.lines.count)
    try expect(worked, scratch, "hot")

    try scratch.archiveUptimeStreams()
    try expect(worked, scratch, "archived")

    try scratch.run("steps:\n- step: rollup", date: "2025-01-11", now: .now())
    let pieces = try scratch.store.rollups()
    #expect(
      pieces == (try scratch.store.read { try $0.streams(matching: "service-uptime-*") }).count)
    try expect(worked, scratch, "rolled up")
  }

  private func expect(
    _ worked: WorkedCase, _ scratch: borrowing Scratch, _ state: String
  ) throws {
    for full in [true, false] {
      let report = try scratch.history.read {
        try worked.query().report($0, full: full, now: .now())
      }
      #expect(try worked.differences(report) == [], "\(state), full: \(full)")
    }
  }

  private func file(of worked: WorkedCase, in root: String) throws -> String {
    let path = root + "/facts.ndjson"
    let text = worked.lines.map { $0 + "\n" }.joined()
    try Data(text.utf8).write(to: URL(filePath: path))
    return path
  }
}
