public import EventStore
internal import Glibc
internal import Streams

/// What a load did.
public struct IngestSummary: Hashable, Sendable {
  public var lines = 0
  public var appended = 0
  /// In the store already, from an earlier load.
  public var duplicates = 0
  public var rejected = 0
  /// Compressed bytes read, and the size of the file (0 for a pipe).
  public var bytesRead: Int64 = 0
  public var totalBytes: Int64 = 0
  /// It was asked to stop before the end; loading again goes on.
  public var wasInterrupted = false

  public init() {}
}

/// Bulk loads of NDJSON.
///
/// One transaction a batch: a batch is durable or absent, and a load that was killed goes on where
/// it stopped when it is run again, because every line has a stable id.
public struct Ingest: Sendable {
  let store: EventStore
  let format: LineFormat
  let source: String

  /// - Parameter source: tells inputs apart whose lines carry no ids and are alike.
  public init(into store: EventStore, format: LineFormat, source: String = "") {
    self.store = store
    self.format = format
    self.source = source
  }

  /// Makes sure that each file is there and can be read, before anything is made or emptied for its
  /// sake. Nothing is opened: what comes through a pipe comes once.
  ///
  /// - Throws: ``IngestError`` `.unreadable`.
  public static func check(_ paths: [String]) throws(IngestError) {
    for path in paths where path != "-" {
      guard access(path, R_OK) == 0 else {
        throw .unreadable(file: path, detail: String(cString: strerror(errno)))
      }
    }
  }

  /// Loads one file (`-` is standard input).
  ///
  /// - Parameters:
  ///   - reject: called with the lines not taken, in order, after their batch was committed.
  ///   - progress: called after each batch, also before an error is thrown of what follows it;
  ///     false stops the load cleanly.
  /// - Throws: ``IngestError``, `StoreError`; what was committed before stays.
  public func load(
    _ path: String, reject: ([RejectedLine]) throws -> Void,
    progress: (IngestSummary) -> Bool
  ) async throws -> IngestSummary {
    let reader = try BatchReader(
      path: path, format: format, source: source, maxEventBytes: store.maxEventBytes)
    var summary = IngestSummary()
    summary.totalBytes = reader.totalBytes
    var batch = await reader.next()
    while true {
      // Reading ahead is what the second core does while this one stores.
      let isLast = batch.isLast
      async let following: ParsedBatch = isLast ? ParsedBatch() : reader.next()
      try write(batch, reject, &summary)
      if let failure = batch.failure {
        _ = progress(summary)
        throw failure
      }
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

  private func write(
    _ batch: ParsedBatch, _ reject: ([RejectedLine]) throws -> Void,
    _ summary: inout IngestSummary
  ) throws {
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
      rejects.sort { $0.line < $1.line }
      if format == .facts { try record(rejects, &transaction) }
    }
    try reject(rejects)
    summary.lines += batch.lines
    summary.appended += appended
    summary.duplicates += duplicates
    summary.rejected += rejects.count
    summary.bytesRead = batch.bytesRead
  }
}
