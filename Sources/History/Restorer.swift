internal import Crypto
public import EventStore
internal import Segments
public import Streams

/// Puts a stream, hot and cold, into a fresh store for an audit.
///
/// The copy has the same ids, revisions, positions, times and bytes. The segments stay the record
/// of truth; nothing of the source is changed.
public struct Restorer: Sendable {
  public let history: History

  /// Bytes of payload in one transaction.
  private static let sliceBytes = 8 * 1024 * 1024

  public init(history: History) { self.history = history }

  /// What was restored and how it was checked.
  public struct Report: Sendable, Hashable {
    public var stream: StreamName
    public var events: Int64
    /// Events that came from segments; each chunk passed its SHA-256.
    public var cold: Int64
    public var bytes: Int64
    /// SHA-256 over the event lines, as read from the source and again from the copy.
    public var digest: String
  }

  /// Restores `name` into `target`, which must not have the stream yet, and reads it back.
  ///
  /// - Parameter progress: events done and to do.
  /// - Throws: `StoreError`, ``HistoryError``; ``RestoreError`` when the copy differs.
  public func restore(
    _ name: StreamName, into target: EventStore, progress: (_ done: Int64, _ total: Int64) -> Void
  ) throws -> Report {
    try history.read { snapshot in
      let record = try snapshot.hot.readableStream(name)
      // A restore that was killed goes on after the slice it committed last.
      var next = try target.prepareRestore(of: record)
      var digest = try Self.digest(of: record, below: next, snapshot)
      if next > 0, try Self.digest(of: name, in: target) != digest.finish() {
        throw RestoreError(stream: name)
      }
      while next < record.events {
        next = try copySlice(record, from: next, snapshot, target, &digest)
        progress(next, record.events)
      }
      let source = digest.finish()
      guard try Self.digest(of: name, in: target) == source else {
        throw RestoreError(stream: name)
      }
      return Report(
        stream: name, events: record.events, cold: record.prunedTo + 1, bytes: record.bytes,
        digest: source)
    }
  }

  /// Copies events from `first` on, up to a slice's bytes, in one transaction.
  ///
  /// - Returns: the next revision to copy.
  private func copySlice(
    _ record: StreamRecord, from first: Int64, _ snapshot: HistorySnapshot, _ target: EventStore,
    _ digest: inout LineDigest
  ) throws -> Int64 {
    var next = first
    var bytes = 0
    return try target.restore(into: record.name) { transaction in
      try snapshot.forEachEvent(of: record, in: first...(record.events - 1)) { event in
        try transaction.append(event)
        try digest.add(event)
        next += 1
        bytes += event.data.count + event.metadata.count
        return bytes < Self.sliceBytes
      }
      return next
    }
  }

  private static func digest(
    of record: StreamRecord, below end: Int64, _ snapshot: HistorySnapshot
  ) throws -> LineDigest {
    var digest = LineDigest()
    guard end > 0 else { return digest }
    try snapshot.forEachEvent(of: record, in: 0...(end - 1)) { event in
      try digest.add(event)
      return true
    }
    return digest
  }

  private static func digest(of name: StreamName, in store: EventStore) throws -> String {
    try store.read { snapshot in
      let record = try snapshot.readableStream(name)
      var digest = LineDigest()
      try snapshot.forEachHotEvent(of: record.id, in: 0...Int64.max) { event in
        try digest.add(event)
        return true
      }
      return digest.finish()
    }
  }
}

/// The copy does not say what the source says.
public struct RestoreError: CodedError, Equatable {
  public let stream: StreamName

  public var code: ErrorCode { .archiveConflict }
  public var message: String { "The restored copy of \(stream) differs from its source." }
  public var remedy: String { "Delete the copy, check memory and disk, and restore again." }
}

/// SHA-256 over canonical event lines.
private struct LineDigest {
  private var hash = SHA256()
  private let encoder = EventLineEncoder()
  private var line: [UInt8] = []

  mutating func add(_ event: EventView) throws {
    line.removeAll(keepingCapacity: true)
    try encoder.append(event, to: &line)
    hash.update(data: line)
  }

  /// The digest of what was added so far; more can be added.
  func finish() -> String {
    hash.finalize().map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
