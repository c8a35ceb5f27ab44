import Archive
import EventStore
import Foundation
import Glibc
import History
import Segments
import Streams
import Testing

/// A read must not take its reader's own failure, as of a disk that fills, for damage of a segment.
@Suite struct `An error of who reads cold events` {
  private let name: StreamName

  init() throws { name = try StreamName("service-uptime-api") }

  /// Those of another segment, and of another history.
  private func errors() throws -> [any CodedError] {
    let other = try Scratch.withSegments()
    try FileManager.default.removeItem(atPath: other.folder.path)
    return [
      SegmentError.io(operation: "write", path: "elsewhere", errno: ENOSPC),
      SegmentError.damaged(segment: "elsewhere", .trailingBytes(at: 7, count: 7)),
      try #require(try other.history.partly(name).error as? HistoryError),
    ]
  }

  @Test(arguments: [false, true], [false, true])
  func `comes out as it was, and the reader is called no more`(
    hasSnapshot: Bool, backward: Bool
  ) throws {
    let scratch = try Scratch.withSegments()
    for thrown in try errors() {
      var calls = 0
      let body = { (_: EventView) throws -> Bool in
        calls += 1
        if calls == 30 { throw thrown }
        return true
      }
      let caught = #expect(throws: (any Error).self) {
        if hasSnapshot {
          try scratch.history.read { snapshot in
            _ = try snapshot.forEachEvent(
              of: try snapshot.hot.readableStream(name), backward: backward, body)
          }
        } else {
          try scratch.history.forEachEvent(of: name, backward: backward, body)
        }
      }
      #expect(calls == 30)
      #expect((caught as? any CodedError)?.message == thrown.message)
    }
  }
}
