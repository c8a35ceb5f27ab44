public import EventStore
public import Streams

/// What a load did.
public struct IngestSummary: Hashable, Sendable {
  public var lines = 0
  public var appended = 0
  /// In the store already, from an earlier load.
  public var duplicates = 0
  public var rejected = 0
  /// Records that say nothing of a status or an action, such as announcements.
  public var passedOver = 0
  /// When the earliest and the latest event that was taken or already there happened.
  public var earliest: Timestamp?
  public var latest: Timestamp?
  /// How many were rejected for what, by `code` and `field`.
  public var reasons: [String: Int] = [:]
  /// Compressed bytes read, and the size of the file (0 for a pipe); of a database, rows.
  public var bytesRead: Int64 = 0
  public var totalBytes: Int64 = 0
  /// It was asked to stop before the end; loading again goes on.
  public var wasInterrupted = false

  public init() {}
}

/// Bulk loads: NDJSON in Rookery's own keys, and the histories of other tools.
///
/// One transaction a batch: a batch is durable or absent, and a load that was killed goes on where
/// it stopped when it is run again, because every record has a stable id.
public struct Ingest: Sendable {
  let store: EventStore
  let format: LineFormat
  let source: String
  private let foreign: ImportFormat?

  /// - Parameter source: tells inputs apart whose lines carry no ids and are alike.
  public init(into store: EventStore, format: LineFormat, source: String = "") {
    self.store = store
    self.format = format
    self.source = source
    foreign = nil
  }

  /// - Parameter source: tells instances of the same tool apart; kept in each event's metadata.
  public init(into store: EventStore, importing foreign: ImportFormat, source: String = "") {
    self.store = store
    format = foreign.lineFormat
    self.source = source
    self.foreign = foreign
  }

  /// Loads one file (`-` is standard input, but for a database or a repository).
  ///
  /// - Parameters:
  ///   - reject: called with the records not taken, in order, after their batch was committed.
  ///   - progress: called after each batch; false stops the load cleanly.
  /// - Throws: ``IngestError``, `StoreError`; what was committed before stays.
  public func load(
    _ path: String, reject: ([RejectedLine]) throws -> Void,
    progress: (IngestSummary) -> Bool
  ) async throws -> IngestSummary {
    // A line is an event and its envelope; escapes may double the payload.
    let maxRecordBytes = 2 * store.maxEventBytes + 65_536
    guard let foreign else {
      return try await load(
        try LineSource(path: path, maxLineBytes: maxRecordBytes), path, reject, progress)
    }
    return try await load(
      try foreign.source(path, instance: source, maxRecordBytes: maxRecordBytes), path, reject,
      progress)
  }

  private func load(
    _ source: sending some RecordSource, _ path: String, _ reject: ([RejectedLine]) throws -> Void,
    _ progress: (IngestSummary) -> Bool
  ) async throws -> IngestSummary {
    let reader = BatchReader(source, of: path, for: self)
    var summary = IngestSummary()
    summary.totalBytes = reader.totalBytes
    var batch = await reader.next()
    try checkMapping(batch, path)
    while true {
      // Reading ahead is what the second core does while this one stores.
      let isLast = batch.isLast
      async let following: ParsedBatch = isLast ? ParsedBatch() : reader.next()
      try write(batch, reject, &summary)
      if let failure = batch.failure { throw failure }
      guard !batch.isLast else { break }
      guard progress(summary) else {
        summary.wasInterrupted = true
        break
      }
      batch = await following
    }
    _ = progress(summary)
    return summary
  }

  /// A wrong mapping refuses every record, and the store would remember each as a fact it missed.
  private func checkMapping(_ batch: ParsedBatch, _ path: String) throws {
    guard let foreign, foreign.isMapped, batch.events.isEmpty, let first = batch.rejects.first
    else { return }
    throw IngestError.mapping(
      .nothingFits(file: path, records: batch.lines, first: first.rejection))
  }

  private func write(
    _ batch: ParsedBatch, _ reject: ([RejectedLine]) throws -> Void,
    _ summary: inout IngestSummary
  ) throws {
    summary.passedOver = batch.passedOver
    summary.bytesRead = batch.bytesRead
    guard batch.lines > 0 else { return }
    var rejects = batch.rejects
    var appended = 0
    var duplicates = 0
    try store.transaction { transaction in
      try batch.payloads.withUnsafeBytes { payloads in
        for event in batch.events {
          do {
            let outcome = try transaction.append(event.draft(in: payloads), to: event.stream)
            if outcome == .appended { appended += 1 } else { duplicates += 1 }
          } catch let error as StoreError where error.isAboutOneEvent {
            rejects.append(event.rejected(error, in: payloads))
          }
        }
      }
      if rejects.count > batch.rejects.count { rejects.sort { $0.line < $1.line } }
      if format == .facts { try record(rejects, &transaction) }
    }
    try reject(rejects)
    summary.lines += batch.lines
    summary.appended += appended
    summary.duplicates += duplicates
    summary.note(batch.events.lazy.compactMap(\.timestamp))
    summary.note(rejects)
  }
}

extension IngestSummary {
  fileprivate mutating func note(_ times: some Sequence<Timestamp>) {
    for time in times {
      earliest = min(earliest ?? time, time)
      latest = max(latest ?? time, time)
    }
  }

  fileprivate mutating func note(_ rejects: [RejectedLine]) {
    rejected += rejects.count
    for reject in rejects {
      let (code, field) = (reject.rejection.code.rawValue, reject.rejection.field)
      let reason = field.isEmpty ? code : "\(code) (\(field))"
      // A field's name may be the input's own; there are few of ours.
      if reasons.count < 100 || reasons[reason] != nil { reasons[reason, default: 0] += 1 }
    }
  }

  /// This and what another file gave.
  public mutating func add(_ other: IngestSummary) {
    lines += other.lines
    appended += other.appended
    duplicates += other.duplicates
    rejected += other.rejected
    passedOver += other.passedOver
    note([other.earliest, other.latest].compactMap(\.self))
    reasons.merge(other.reasons, uniquingKeysWith: +)
    wasInterrupted = wasInterrupted || other.wasInterrupted
  }
}
