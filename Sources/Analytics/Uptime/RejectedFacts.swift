/// What could not be read as a fact: when it arrived, so that a report as of an earlier position
/// does not count it, or just how many where that is not known.
struct RejectedFacts: Hashable, Sendable {
  private var arrivals: [Int64] = []
  private var withoutArrival = 0

  mutating func append(arrival: Int64) { arrivals.append(arrival) }

  mutating func append(count: Int) { withoutArrival += count }

  mutating func append(_ later: RejectedFacts) {
    arrivals += later.arrivals
    withoutArrival += later.withoutArrival
  }

  /// How many had arrived by `position`; all of them when it is nil.
  func count(through position: Int64?) -> Int {
    guard let position else { return arrivals.count + withoutArrival }
    return arrivals.count { $0 <= position } + withoutArrival
  }
}

extension RejectedFacts {
  func write(to writer: inout ByteWriter) {
    writer.varint(UInt64(withoutArrival))
    writer.count(arrivals.count)
    var last: Int64 = 0
    for arrival in arrivals {
      writer.signed(arrival &- last)
      last = arrival
    }
  }

  init?(from reader: inout ByteReader) {
    guard let count = Int(exactly: reader.varint()), count < 1 << 48 else { return nil }
    withoutArrival = count
    var last: Int64 = 0
    for _ in 0..<reader.count() {
      last &+= reader.signed()
      arrivals.append(last)
    }
    if reader.failed { return nil }
  }
}
