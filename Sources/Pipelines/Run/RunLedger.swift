public import EventStore
internal import GRDB
public import Streams

/// One execution of a pipeline for one date, as the ledger in the store has it.
public struct RunRecord: Sendable, Hashable {
  public enum Result: String, Sendable {
    case running, done, failed
    /// Its process died; the date is run again.
    case interrupted
  }

  public struct Step: Sendable, Hashable {
    public enum Result: String, Sendable { case running, done, failed, skipped }

    public var name: String
    public var result: Result
    public var startedAt: Timestamp
    public var endedAt: Timestamp?
    /// What it did, or why it failed.
    public var detail: String
  }

  public var id: Int64
  public var pipeline: String
  public var date: CivilDate
  public var startedAt: Timestamp
  public var endedAt: Timestamp?
  public var result: Result
  /// The store's last position when it started; -1 when the store was empty.
  public var throughPosition: Int64
  public var steps: [Step] = []
}

/// The run ledger: what ran, on what, how long, with what result.
public struct RunLedger: Sendable {
  let store: EventStore

  public init(_ store: EventStore) { self.store = store }

  /// The newest runs first.
  public func runs(limit: Int, pipeline: String? = nil) throws -> [RunRecord] {
    try store.read { snapshot in
      let rows = try Row.fetchAll(
        snapshot.db,
        sql: """
          SELECT * FROM runs WHERE ?1 IS NULL OR pipeline = ?1 ORDER BY id DESC LIMIT ?2
          """, arguments: [pipeline, limit])
      return try rows.map { row in
        var record = try Self.record(row)
        record.steps = try Self.steps(snapshot.db, of: record.id)
        return record
      }
    }
  }

  /// The latest date that `pipeline` was done for; nil when it never was.
  func lastDate(of pipeline: String) throws -> CivilDate? {
    try store.read { snapshot in
      try String.fetchOne(
        snapshot.db,
        sql: "SELECT max(date) FROM runs WHERE pipeline = ? AND result = 'done'",
        arguments: [pipeline]
      ).flatMap { CivilDate($0) }
    }
  }

  /// Starts a run. Runs that still say `running` died with their process: the caller has the lock.
  func begin(_ pipeline: String, _ date: CivilDate, now: Timestamp) throws -> Int64 {
    try store.write { db in
      try db.execute(
        sql: """
          UPDATE runs SET result = 'interrupted', ended_at = ?
          WHERE pipeline = ? AND result = 'running'
          """, arguments: [now.microseconds, pipeline])
      try db.execute(
        sql: """
          INSERT INTO runs (pipeline, date, started_at, result, through_position)
          SELECT ?, ?, ?, 'running', next - 1 FROM sequences WHERE name = 'position'
          """, arguments: [pipeline, date.description, now.microseconds])
      return db.lastInsertedRowID
    }
  }

  func end(_ run: Int64, _ result: RunRecord.Result, now: Timestamp) throws {
    try store.write { db in
      try db.execute(
        sql: "UPDATE runs SET result = ?, ended_at = ? WHERE id = ?",
        arguments: [result.rawValue, now.microseconds, run])
    }
  }

  func record(
    _ step: RunRecord.Step, ordinal: Int, of run: Int64
  ) throws {
    try store.write { db in
      try db.execute(
        sql: "INSERT OR REPLACE INTO run_steps VALUES (?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          run, step.name, ordinal, step.startedAt.microseconds, step.endedAt?.microseconds,
          step.result.rawValue, step.detail,
        ])
    }
  }

  private static func record(_ row: Row) throws -> RunRecord {
    let date: String = row["date"]
    return RunRecord(
      id: row["id"], pipeline: row["pipeline"],
      date: CivilDate(date) ?? CivilDate(utcDay: 0),
      startedAt: Timestamp(microseconds: row["started_at"]),
      endedAt: (row["ended_at"] as Int64?).map(Timestamp.init(microseconds:)),
      result: RunRecord.Result(rawValue: row["result"]) ?? .failed,
      throughPosition: row["through_position"])
  }

  private static func steps(_ db: Database, of run: Int64) throws -> [RunRecord.Step] {
    try Row.fetchAll(
      db, sql: "SELECT * FROM run_steps WHERE run = ? ORDER BY ordinal", arguments: [run]
    ).map { row in
      RunRecord.Step(
        name: row["step"], result: RunRecord.Step.Result(rawValue: row["result"]) ?? .failed,
        startedAt: Timestamp(microseconds: row["started_at"]),
        endedAt: (row["ended_at"] as Int64?).map(Timestamp.init(microseconds:)),
        detail: row["detail"])
    }
  }
}
