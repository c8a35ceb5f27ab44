/// Tells the first fact with an event id from those that repeat it.
///
/// Nearly all ids occur once, so the few that may occur twice are found first, with a Bloom filter
/// of 16 bits an id and two probes (about 1 % of the ids pass it by chance); only those are kept.
struct RepeatedIDs {
  enum Verdict { case first, duplicate, conflict }

  private struct Content: Equatable {
    let timeMs: Int64
    let state: ServiceState
  }

  private let suspects: Set<UInt64>
  /// Asked before the set: for all but the suspects and a few it says no at once.
  private let suspectFilter: IDFilter
  private var seen: [UInt64: Content] = [:]

  init(of log: ServiceLog) {
    var filter = IDFilter(count: log.count)
    var suspects: Set<UInt64> = []
    log.forEach { fact in
      guard let id = fact.id else { return }
      if filter.insert(id) { suspects.insert(id) }
    }
    var suspectFilter = IDFilter(count: suspects.count)
    for id in suspects { _ = suspectFilter.insert(id) }
    self.suspects = suspects
    self.suspectFilter = suspectFilter
  }

  /// What `fact` is; to be asked once a fact, in order of arrival. The same id with the same status
  /// and timestamp is a duplicate, with anything else a conflict.
  mutating func verdict(on fact: StatusFact) -> Verdict {
    guard let id = fact.id, suspectFilter.mayContain(id), suspects.contains(id) else {
      return .first
    }
    let content = Content(timeMs: fact.timeMs, state: fact.state)
    guard let first = seen[id] else {
      seen[id] = content
      return .first
    }
    return first == content ? .duplicate : .conflict
  }
}

/// A Bloom filter (Bloom, 1970) over hashes that are already uniform.
private struct IDFilter {
  private var words: [UInt64]
  private let mask: UInt64

  init(count: Int) {
    var bits: UInt64 = 1024
    while bits < UInt64(count) * 16 { bits *= 2 }
    words = Array(repeating: 0, count: Int(bits / 64))
    mask = bits - 1
  }

  /// Adds `id`; true when it may have been there before.
  mutating func insert(_ id: UInt64) -> Bool {
    let mayBeThere = mayContain(id)
    set(firstBit(id))
    set(secondBit(id))
    return mayBeThere
  }

  func mayContain(_ id: UInt64) -> Bool { has(firstBit(id)) && has(secondBit(id)) }

  private func firstBit(_ id: UInt64) -> UInt64 { id & mask }

  private func secondBit(_ id: UInt64) -> UInt64 { (id >> 32 | id << 32) & mask }

  private mutating func set(_ bit: UInt64) { words[Int(bit / 64)] |= 1 << (bit % 64) }

  private func has(_ bit: UInt64) -> Bool { words[Int(bit / 64)] & 1 << (bit % 64) != 0 }
}
