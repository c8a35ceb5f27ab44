internal import EventStore
internal import Foundation
internal import GRDB
internal import History
internal import Streams

/// Stored summaries, so that a night folds only what came since the night before.
///
/// A stream's rollups are summaries of adjacent ranges of revisions, from 0 on. They are never
/// wrong, only late: whoever reads them folds the events after the last one. They can be deleted at
/// any time, and are made anew from the events, hot and cold.
struct Rollups {
  private let snapshot: HistorySnapshot

  /// Beyond this many pieces a stream's rollups are merged into one.
  static let maxPieces = 32

  init(_ snapshot: HistorySnapshot) { self.snapshot = snapshot }

  /// The summary of all events of a stream.
  ///
  /// - Parameter full: folds every event, hot and cold, and looks at no rollup.
  func summary<S: StreamSummary>(_: S.Type, of record: StreamRecord, full: Bool) throws -> S {
    var summary = S()
    var next: Int64 = 0
    if !full {
      for piece in try pieces(S.self, of: record) {
        summary.merge(piece.summary)
        next = piece.last + 1
      }
    }
    try fold(&summary, record, from: next)
    return summary
  }

  /// What was stored of a stream whose events are gone; empty when nothing was.
  func stored<S: StreamSummary>(_: S.Type, of record: StreamRecord) throws -> S {
    var summary = S()
    for piece in try pieces(S.self, of: record) { summary.merge(piece.summary) }
    return summary
  }

  /// What is missing of a stream's rollups; nil when nothing is.
  ///
  /// - Complexity: O(events since the last one): a night must not read all of history. Where there
  ///   are too many pieces, once in ``maxPieces`` nights, they are read and merged; until then one
  ///   that is damaged stays, and whoever reads it uses the events.
  func update<S: StreamSummary>(_: S.Type, of record: StreamRecord) throws -> RollupPiece? {
    let (count, next) = try extent(of: record)
    guard next < record.events else { return nil }
    guard count >= Self.maxPieces else { return try piece(S(), record, from: next) }
    var merged = S()
    var last: Int64 = -1
    for piece in try pieces(S.self, of: record) {
      merged.merge(piece.summary)
      last = piece.last
    }
    return try piece(merged, record, from: last + 1, first: 0)
  }

  /// `summary` and the events from `next` on.
  private func piece<S: StreamSummary>(
    _ summary: S, _ record: StreamRecord, from next: Int64, first: Int64? = nil
  ) throws -> RollupPiece {
    var summary = summary
    try fold(&summary, record, from: next)
    return RollupPiece(
      stream: record.id, first: first ?? next, last: record.events - 1,
      summary: summary.encoded())
  }

  /// How many pieces a stream has, and the revision after them; none when they do not join.
  private func extent(of record: StreamRecord) throws -> (count: Int, next: Int64) {
    let rows = try Row.fetchAll(
      snapshot.hot.db.cachedStatement(
        sql: "SELECT first, last FROM rollups WHERE stream = ? ORDER BY first"),
      arguments: [record.id])
    var next: Int64 = 0
    for row in rows {
      let (first, last): (Int64, Int64) = (row[0], row[1])
      guard first == next, last >= first else { return (0, 0) }
      next = last + 1
    }
    return next <= record.events ? (rows.count, next) : (0, 0)
  }

  private func fold<S: StreamSummary>(
    _ summary: inout S, _ record: StreamRecord, from first: Int64
  ) throws {
    guard first < record.events else { return }
    let range = first...(record.events - 1)
    if let parallel = ParallelFold(range, of: record.name) {
      for part in try parallel.summaries(S.self, snapshot) { summary.merge(part) }
      return
    }
    try snapshot.forEachEvent(of: record, in: range) { event in
      summary.receive(event, of: record.name)
      return true
    }
  }

  /// A stream's pieces; none when they do not join, or one is damaged or of another version: the
  /// events are used then.
  private func pieces<S: StreamSummary>(
    _: S.Type, of record: StreamRecord
  ) throws -> [(last: Int64, summary: S)] {
    let rows = try Row.fetchAll(
      snapshot.hot.db.cachedStatement(
        sql: "SELECT first, last, summary FROM rollups WHERE stream = ? ORDER BY first"),
      arguments: [record.id])
    var next: Int64 = 0
    var pieces: [(last: Int64, summary: S)] = []
    for row in rows {
      let (first, last): (Int64, Int64) = (row[0], row[1])
      guard first == next, last >= first, let summary = try? S(decoding: Array(row[2] as Data))
      else { return [] }
      pieces.append((last, summary))
      next = last + 1
    }
    return next <= record.events ? pieces : []
  }
}

/// The stored summary of one range of a stream.
struct RollupPiece {
  var stream: Int64
  var first: Int64
  var last: Int64
  var summary: [UInt8]

  /// Replaces whatever pieces the range covers.
  ///
  /// Nothing of a stream that was deleted while it was folded: it has no rollups, or those that an
  /// erasure left, which nothing could make again.
  func store(_ db: Database) throws {
    let isLiving = try Bool.fetchOne(
      db.cachedStatement(
        sql: "SELECT EXISTS (SELECT * FROM streams WHERE id = ? AND deleted_at IS NULL)"),
      arguments: [stream])
    guard isLiving == true else { return }
    try db.cachedStatement(sql: "DELETE FROM rollups WHERE stream = ? AND first >= ?")
      .execute(arguments: [stream, first])
    try db.cachedStatement(sql: "INSERT INTO rollups VALUES (?, ?, ?, ?)")
      .execute(arguments: [stream, first, last, Data(summary)])
  }
}
