public import Analytics
public import Streams

/// A fold's result for one stream, that can be stored and merged.
///
/// merge(fold(a), fold(b)) == fold(a + b), for adjacent ranges a and b.
public protocol StreamSummary: Sendable {
  init()
  init(decoding bytes: [UInt8]) throws(SummaryError)
  func encoded() -> [UInt8]
  mutating func merge(_ later: Self)
  mutating func receive(_ event: EventView, of stream: StreamName)
}

extension StatusHistory: StreamSummary {
  public mutating func receive(_ event: EventView, of stream: StreamName) {
    // Of an erased event not even the time is known.
    if !event.isErased { receive(event) }
  }
}

extension ActivityHistory: StreamSummary {
  public mutating func receive(_ event: EventView, of stream: StreamName) {
    guard !event.isErased, case .user(let actor, let category) = stream.family else { return }
    receive(event, actor: actor, category: category.rawValue)
  }
}
