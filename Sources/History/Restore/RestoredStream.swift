internal import Crypto
internal import Segments
public import Streams

/// What was restored of one stream.
public struct RestoredStream: Sendable, Hashable {
  public var stream: StreamName
  /// What stands for its name in a bundle and in segments.
  public var id: String
  public var events: Int64 = 0
  /// Events that came from segments; each chunk passed its SHA-256.
  public var cold: Int64 = 0
  /// Events that the selection does not include: they came along because they lie between others.
  public var outside: Int64 = 0
  /// Data and metadata, in bytes.
  public var bytes: Int64 = 0
  /// What they span; nil when there is no event.
  public var span: Span?
  /// SHA-256 over the event lines, as read from the source and, for a store, again from the copy.
  public var digest: String = ""

  init(_ name: StreamName, storeID: String) {
    stream = name
    id = SegmentName.streamID(store: storeID, stream: name)
  }

  public struct Span: Sendable, Hashable {
    public var revisions: ClosedRange<Int64>
    public var positions: ClosedRange<Int64>
    /// The earliest and the latest time an event happened.
    public var times: ClosedRange<Timestamp>
  }
}

/// Counts the events of a stream as they pass, and hashes their lines.
struct StreamTally {
  private(set) var restored: RestoredStream
  private var hash = SHA256()
  private let encoder = EventLineEncoder()
  private var line: [UInt8] = []

  init(_ name: StreamName, storeID: String) {
    restored = RestoredStream(name, storeID: storeID)
  }

  mutating func add(_ event: EventView, isCold: Bool = false, isOutside: Bool = false) throws {
    line.removeAll(keepingCapacity: true)
    try encoder.append(event, to: &line)
    hash.update(data: line)
    count(event, isCold: isCold, isOutside: isOutside)
  }

  private mutating func count(_ event: EventView, isCold: Bool, isOutside: Bool) {
    restored.events += 1
    restored.cold += isCold ? 1 : 0
    restored.outside += isOutside ? 1 : 0
    restored.bytes += Int64(event.data.count + event.metadata.count)
    let (revision, position) = (event.revision.rawValue, event.position.rawValue)
    guard let span = restored.span else {
      restored.span = RestoredStream.Span(
        revisions: revision...revision, positions: position...position,
        times: event.timestamp...event.timestamp)
      return
    }
    restored.span = RestoredStream.Span(
      revisions: span.revisions.lowerBound...revision,
      positions: span.positions.lowerBound...position,
      times: min(
        span.times.lowerBound, event.timestamp)...max(span.times.upperBound, event.timestamp))
  }

  /// The digest of what was added so far; more can be added.
  var digest: String {
    hash.finalize().map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }

  func finish() -> RestoredStream {
    var restored = restored
    restored.digest = digest
    return restored
  }
}
