import Foundation
import GRDB
import Streams
import Testing

@testable import EventStore

@Suite struct `A store of the first version` {
  /// Two packs, the manifest of the second of which is damaged.
  private func make(_ path: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.write { db in
      try db.execute(sql: Schema.version1)
      for (id, name) in [(1, "a"), (2, "b"), (3, "c")] {
        try db.execute(
          sql: """
            INSERT INTO streams (id, name, status, created_at, events, pruned_to)
            VALUES (?, ?, 'active', 0, 10, 4)
            """, arguments: [id, name])
      }
      let told = #"{"streams":[{"seq_first":3,"seq_last":9},{"seq_first":4,"seq_last":11}]}"#
      for (number, manifest) in [(1, Data(told.utf8)), (2, Data([0, 255, 123]))] {
        try db.execute(
          sql: """
            INSERT INTO segments VALUES (?1, ?1, ?1, 1, 1, 1, '', ?2, '', 'pruned', 0, 0)
            """, arguments: [number, manifest])
      }
      try db.execute(
        sql: "INSERT INTO segment_ranges VALUES (1, 0, 4, 1, 0), (2, 0, 4, 1, 1), (3, 0, 4, 2, 0)")
      try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
      try db.execute(sql: "PRAGMA user_version = 1")
    }
    try queue.close()
  }

  @Test func `learns the positions of its segments from their manifests, where they tell`() throws {
    let scratch = try ScratchStore()
    try make(scratch.path)
    let store = try scratch.open(.readWrite)
    let rows = try store.read { snapshot in
      try Row.fetchAll(
        snapshot.db,
        sql: "SELECT first_position, last_position FROM segment_ranges ORDER BY stream"
      ).map { [$0[0] as Int64, $0[1]] }
    }
    #expect(rows == [[3, 9], [4, 11], [0, .max]])
  }
}
