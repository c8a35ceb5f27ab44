import Foundation
import GRDB
import Streams
import Testing

@testable import EventStore

@Suite struct `A store of an earlier version` {
  /// Two packs, the manifest of the second of which is damaged.
  private func make(_ path: String, version: Int) throws {
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
      for migration in Schema.migrations[1..<version] { try db.execute(sql: migration) }
      try db.execute(sql: "PRAGMA user_version = \(version)")
    }
    try queue.close()
  }

  @Test(arguments: 1..<Schema.version)
  func `has the tables of a new one`(version: Int) throws {
    func tables(_ store: EventStore) throws -> [String] {
      try store.read { snapshot in
        try String.fetchAll(
          snapshot.db, sql: "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
      }
    }
    let old = try ScratchStore()
    let new = try ScratchStore()
    try make(old.path, version: version)
    #expect(try tables(old.open(.readWrite)) == tables(new.open(.createIfMissing)))
  }

  @Test(arguments: [1, 2])
  func `learns the positions of its segments from their manifests, where they tell`(
    version: Int
  ) throws {
    let scratch = try ScratchStore()
    try make(scratch.path, version: version)
    let store = try scratch.open(.readWrite)
    let rows = try store.read { snapshot in
      try Row.fetchAll(
        snapshot.db,
        sql: "SELECT first_position, last_position FROM segment_ranges ORDER BY stream"
      ).map { [$0[0] as Int64, $0[1]] }
    }
    #expect(rows == [[3, 9], [4, 11], [0, .max]])
  }

  @Test func `learns which segments there were when a key was retired`() throws {
    let scratch = try ScratchStore()
    try make(scratch.path, version: 2)
    let queue = try DatabaseQueue(path: scratch.path)
    try queue.write { db in
      try db.execute(
        sql: """
          UPDATE segments SET archived_at = archive_seq * 10, manifest_sha256 = 'hash';
          INSERT INTO signing_keys VALUES ('before', x'', 0, 9), ('between', x'', 0, 10),
            ('after', x'', 0, 99), ('in use', x'', 0, NULL);
          """)
    }
    try queue.close()
    let heads = try scratch.open(.readWrite).read { snapshot in
      try Row.fetchAll(snapshot.db, sql: "SELECT id, retired_head FROM signing_keys").map {
        [$0[0], $0[1]] as [String?]
      }
    }
    #expect(
      Set(heads) == [
        ["before", nil], ["between", "1:hash"], ["after", "2:hash"], ["in use", nil],
      ])
  }
}
