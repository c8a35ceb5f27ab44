internal import Streams

/// One fact as it arrived: from `timeMs` on, the state is this.
struct StatusFact {
  /// What the fact itself says, in milliseconds since 1970.
  var timeMs: Int64
  /// When it was recorded, where that was before `timeMs`; else nil: it bounds nothing.
  var recordedMs: Int64?
  /// Its store position, or its line in a file of facts.
  var arrival: Int64
  /// Its revision in its stream; nil in a file of facts.
  var revision: Int64?
  var state: ServiceState
  /// The state is unknown because the word for it was.
  var isUnknownWord = false
  /// A hash of its event id; nil when it has none.
  var id: UInt64?
  var responseMs: Double?
  /// The number of the text that says why the service is down.
  var cause: Int?
}

extension StatusFact {
  /// Whether a fact read from bytes is one that could have been received.
  var isPlausible: Bool {
    let instants = Timestamp.earliest.millisecondsCut..<Timestamp.latest.millisecondsCut
    return instants.contains(timeMs) && recordedMs.map { $0 < timeMs } ?? true
      && responseMs.map { $0.isFinite && $0 >= 0 } ?? true
  }
}
