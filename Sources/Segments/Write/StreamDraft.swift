internal import Streams

/// What a writer has seen of the stream it is writing.
struct StreamDraft {
  let info: SegmentStreamInfo
  let streamID: String
  private(set) var summary: StreamSummary?

  init(info: SegmentStreamInfo, streamID: String) {
    self.info = info
    self.streamID = streamID
  }

  /// Takes the next event, or says why it can't be the next.
  mutating func take(_ event: EventView) -> String? {
    guard summary != nil else {
      summary = StreamSummary(event)
      return nil
    }
    return summary?.take(event)
  }

  /// Nil while there is no event.
  var stream: Manifest.Stream? { summary?.stream(info) }
}

/// Range, times and types of a run of one stream's events; the same for writing and verifying.
struct StreamSummary {
  private let first: EventNumbers
  private(set) var last: EventNumbers
  private(set) var count: Int64 = 0
  private var firstAt: Timestamp
  private var lastAt: Timestamp
  private var types: TypeTable
  private var typeCounts: [Int64] = []
  /// Some of its events are erased: times, positions and types are not those of all.
  private(set) var hasErased = false

  struct EventNumbers {
    var revision: Revision
    var position: Position
  }

  /// - Parameter maxTypes: events of further types are not counted by type.
  init(_ event: EventView, maxTypes: Int = .max) {
    types = TypeTable(capacity: maxTypes)
    first = EventNumbers(revision: event.revision, position: event.position)
    last = first
    firstAt = event.timestamp
    lastAt = event.timestamp
    add(event)
  }

  /// Takes the next event, or says why it can't be the next.
  mutating func take(_ event: EventView) -> String? {
    guard event.revision.rawValue == last.revision.rawValue &+ 1 else {
      return "revision \(event.revision) follows revision \(last.revision)"
    }
    guard event.isErased || hasErased || event.position > last.position else {
      return "revision \(event.revision) has no higher position than the one before"
    }
    last = EventNumbers(revision: event.revision, position: event.position)
    firstAt = min(firstAt, event.timestamp)
    lastAt = max(lastAt, event.timestamp)
    add(event)
    return nil
  }

  private mutating func add(_ event: EventView) {
    count += 1
    guard !event.isErased else {
      hasErased = true
      return
    }
    var type = event.type
    guard let index = type.withUTF8({ types.index(of: UnsafeRawBufferPointer($0)) }) else { return }
    if index == typeCounts.count { typeCounts.append(0) }
    typeCounts[index] += 1
  }

  func stream(_ info: SegmentStreamInfo) -> Manifest.Stream {
    let types = zip(types.names, typeCounts).map { Manifest.TypeCount(type: $0, count: $1) }
    return Manifest.Stream(
      info: info, first: first.revision, last: last.revision, count: count, firstAt: firstAt,
      lastAt: lastAt, firstPosition: first.position, lastPosition: last.position,
      types: types.sorted { $0.type.utf8.lexicographicallyPrecedes($1.type.utf8) })
  }
}
