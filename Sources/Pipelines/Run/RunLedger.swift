public import EventStore
internal import GRDB
internal import Reports
public import Streams

/// One execution of a pipeline for one date, as the ledger in the store has it.
public struct RunRecord: Sendable, Hashable {
  public enum Result: String, Sendable {
    case running, done, failed
    /// It was stopped, or its process died; the rest of the date is run the next time.
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
  /// What it had to do with last of what is delivered.
  public var deliveries: [Delivery] = []
}

/// The run ledger: what ran, on what, how long, with what result.
public struct RunLedger: Sendable {
  let store: EventStore

  public init(_ store: EventStore) { self.store = store }

  /// The newest runs first.
  public func runs(limit: Int, pipeline: String? = nil) throws -> [RunRecord] {
    let runs = try store.read { snapshot in
      let rows = try Row.fetchAll(
        snapshot.db,
        sql: """
          SELECT * FROM runs WHERE ?1 IS NULL OR pipeline = ?1 ORDER BY id DESC LIMIT ?2
          """, arguments: [pipeline, limit])
      return try rows.map { try Self.record(snapshot.db, $0) }
    }
    let ledger = DeliveryLedger(store)
    return try runs.map { run in
      var run = run
      run.deliveries = try ledger.deliveries(of: run.id)
      return run
    }
  }

  /// The dates that `pipeline` was done for, once they were over.
  func doneDates(of pipeline: String, in zone: ReportZone) throws -> Set<CivilDate> {
    try store.read { snapshot in
      let rows = try Row.fetchCursor(
        snapshot.db,
        sql: "SELECT date, started_at FROM runs WHERE pipeline = ? AND result = 'done'",
        arguments: [pipeline])
      var dates: Set<CivilDate> = []
      while let row = try rows.next() {
        guard let date = CivilDate(row[0] as String) else { continue }
        if zone.startOfDay(date.adding(days: 1)).microseconds <= row[1] { dates.insert(date) }
      }
      return dates
    }
  }

  /// The steps that any run of `pipeline` did for `date`, at `start` or later, by their place in it:
  /// a pipeline may have two of one name.
  func stepsDone(
    of pipeline: String, _ date: CivilDate, since start: Timestamp
  ) throws -> [Int: String] {
    try store.read { snapshot in
      let rows = try Row.fetchAll(
        snapshot.db,
        sql: """
          SELECT ordinal, step FROM run_steps JOIN runs ON runs.id = run
          WHERE pipeline = ? AND date = ? AND run_steps.result = 'done'
            AND run_steps.started_at >= ?
          ORDER BY run
          """, arguments: [pipeline, date.description, start.microseconds])
      return Dictionary(rows.map { ($0[0], $0[1]) }, uniquingKeysWith: { $1 })
    }
  }

  /// Starts a run. Runs of any pipeline that still say `running` died with their process: the caller
  /// has the lock.
  func begin(_ pipeline: String, _ date: CivilDate, now: Timestamp) throws -> Int64 {
    try store.write { db in
      try db.execute(
        sql: """
          UPDATE runs SET result = 'interrupted', ended_at = ? WHERE result = 'running'
          """, arguments: [now.microseconds])
      try db.execute(
        sql: """
          INSERT INTO runs (pipeline, date, started_at, result, through_position)
          SELECT ?, ?, ?, 'running', next - 1 FROM sequences WHERE name = 'position'
          """, arguments: [pipeline, date.description, now.microseconds])
      return db.lastInsertedRowID
    }
  }

  /// Ends a run, and gives it as it is now in the ledger.
  func end(_ run: Int64, _ result: RunRecord.Result, now: Timestamp) throws -> RunRecord {
    try store.write { db in
      try db.execute(
        sql: "UPDATE runs SET result = ?, ended_at = ? WHERE id = ?",
        arguments: [result.rawValue, now.microseconds, run])
      guard let row = try Row.fetchOne(db, sql: "SELECT * FROM runs WHERE id = ?", arguments: [run])
      else { throw StoreError.corrupt(detail: "run \(run) is not in the ledger") }
      return try Self.record(db, row)
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

  private static func record(_ db: Database, _ row: Row) throws -> RunRecord {
    let date: String = row["date"]
    return RunRecord(
      id: row["id"], pipeline: row["pipeline"],
      date: CivilDate(date) ?? CivilDate(utcDay: 0),
      startedAt: Timestamp(microseconds: row["started_at"]),
      endedAt: (row["ended_at"] as Int64?).map(Timestamp.init(microseconds:)),
      result: RunRecord.Result(rawValue: row["result"]) ?? .failed,
      throughPosition: row["through_position"], steps: try steps(db, of: row["id"]))
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
