public import EventStore
internal import GRDB
public import Streams

/// What became of the reports of one date at one destination, as the ledger in the store has it.
public struct Delivery: Sendable, Hashable {
  public enum State: String, Sendable {
    /// It was tried and is to be tried again.
    case pending
    /// It is being handed over; without a run at work nobody can know whether it was.
    case sending
    case sent, failed
    /// It may have arrived or not: it is not sent again unless somebody says so.
    case unknown
    /// A later night of the same run was delivered instead.
    case skipped

    /// Whether the receiver may still be without it.
    public var isOpen: Bool { self != .sent && self != .skipped }
  }

  public var pipeline: String
  public var date: CivilDate
  /// Which of the pipeline's deliver steps it is, from 0.
  public var step: Int
  /// What it is called, without any secret.
  public var destination: String
  public var state: State
  /// How often it was sent again on purpose.
  public var round: Int
  /// How often it was tried, in all runs.
  public var attempts: Int
  /// The run that had to do with it last.
  public var run: Int64
  /// What the receiver said, or why it was not delivered.
  public var detail: String
  public var changedAt: Timestamp
}

/// The part of the run ledger that keeps anything from being sent twice.
public struct DeliveryLedger: Sendable {
  /// What all destinations of a step share.
  struct Slot {
    var pipeline: String
    var date: CivilDate
    var step: Int
  }

  let store: EventStore

  public init(_ store: EventStore) { self.store = store }

  /// Those that `run` had to do with last, in the order of steps and names.
  public func deliveries(of run: Int64) throws -> [Delivery] {
    try fetch("run = ?", [run])
  }

  /// Those that were not delivered, or of which nobody knows, changed since `time`; the newest first.
  public func open(since time: Timestamp) throws -> [Delivery] {
    try fetch("changed_at >= ?", [time.microseconds]).filter(\.state.isOpen)
      .sorted { ($1.date, $0.destination) < ($0.date, $1.destination) }
  }

  func entry(_ slot: Slot, _ destination: String) throws -> Delivery? {
    try fetch(
      "pipeline = ? AND date = ? AND step = ? AND destination = ?",
      [slot.pipeline, slot.date.description, slot.step, destination]
    ).first
  }

  /// Durable when it returns.
  func write(_ delivery: Delivery) throws {
    try store.write { db in
      try db.execute(
        sql: "INSERT OR REPLACE INTO deliveries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          delivery.pipeline, delivery.date.description, delivery.step, delivery.destination,
          delivery.state.rawValue, delivery.round, delivery.attempts, delivery.run,
          delivery.detail, delivery.changedAt.microseconds,
        ])
    }
  }

  private func fetch(_ condition: String, _ arguments: StatementArguments) throws -> [Delivery] {
    try store.read { snapshot in
      try Row.fetchAll(
        snapshot.db,
        sql: "SELECT * FROM deliveries WHERE \(condition) ORDER BY date, step, destination",
        arguments: arguments
      ).map { row in
        Delivery(
          pipeline: row["pipeline"], date: CivilDate(row["date"]) ?? CivilDate(utcDay: 0),
          step: row["step"], destination: row["destination"],
          state: Delivery.State(rawValue: row["state"]) ?? .unknown, round: row["round"],
          attempts: row["attempts"], run: row["run"], detail: row["detail"],
          changedAt: Timestamp(microseconds: row["changed_at"]))
      }
    }
  }
}
