/// What could not be read as a fact: when it arrived, so that a report as of an earlier position
/// does not count it.
struct RejectedFacts: Hashable, Sendable {
  private var arrivals: [Int64] = []

  mutating func append(arrival: Int64) { arrivals.append(arrival) }

  mutating func append(_ later: RejectedFacts) { arrivals += later.arrivals }

  /// How many had arrived by `position`; all of them when it is nil.
  func count(through position: Int64?) -> Int {
    guard let position else { return arrivals.count }
    return arrivals.count { $0 <= position }
  }
}

extension RejectedFacts {
  func write(to writer: inout ByteWriter) {
    writer.count(arrivals.count)
    var last: Int64 = 0
    for arrival in arrivals {
      writer.signed(arrival &- last)
      last = arrival
    }
  }

  init?(from reader: inout ByteReader) {
    var last: Int64 = 0
    for _ in 0..<reader.count() {
      last &+= reader.signed()
      arrivals.append(last)
    }
    if reader.failed { return nil }
  }
}
