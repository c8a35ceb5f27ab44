/// The facts of one service, in order of arrival, packed.
///
/// Neighbours are alike, so each fact is stored as what differs from the one before: about 8 bytes
/// for a heartbeat, 8 more for its event id.
///
///     head (1)           state, and a bit for each field below that is there
///     time               signed varint, ms after the fact before
///     arrival            signed varint, after the fact before
///     revision           signed varint, after the one that would be next; the first from 0
///     event id's hash    8 bytes                            if hasID
///     response time      see `ResponseTime`                 if hasResponse
///     lead               varint, ms of time after recorded  if hasLead
///     cause              varint, a number in `causes`       if hasCause
struct ServiceLog: Hashable, Sendable {
  let service: String
  /// The name's bytes, to compare those of an event with.
  let name: [UInt8]
  private(set) var count = 0
  private(set) var packed = ByteWriter()
  private(set) var causes = Interner()
  /// Whether every fact arrived after the one before it.
  private(set) var isInOrderOfArrival = true
  private var last = Neighbour()
  var rejected = RejectedFacts()

  init(service: String) {
    self.service = service
    name = Array(service.utf8)
  }

  mutating func append(_ fact: StatusFact, cause: String?) {
    let head = FactHead(fact, hasCause: cause != nil)
    let revision = fact.revision ?? -1
    packed.byte(head.byte)
    packed.signed(fact.timeMs &- last.timeMs)
    packed.signed(fact.arrival &- last.arrival)
    packed.signed(revision &- last.revision &- 1)
    if let id = fact.id { packed.word(id) }
    if let response = fact.responseMs { ResponseTime.write(response, to: &packed) }
    if let recorded = fact.recordedMs { packed.varint(UInt64(bitPattern: fact.timeMs &- recorded)) }
    if let cause { packed.count(causes.intern(cause)) }
    if count > 0, fact.arrival <= last.arrival { isInOrderOfArrival = false }
    last = Neighbour(timeMs: fact.timeMs, arrival: fact.arrival, revision: revision)
    count += 1
  }

  /// Appends the facts of `later`, which arrived after these.
  ///
  /// - Complexity: O(n) in them; a plain copy of bytes where both number their causes alike.
  mutating func append(_ later: ServiceLog) {
    var rejected = rejected
    rejected.append(later.rejected)
    if count == 0 { self = later } else if later.count > 0 { appendFacts(later) }
    self.rejected = rejected
  }

  private mutating func appendFacts(_ later: ServiceLog) {
    let numbers = later.causes.texts.map { causes.intern($0) }
    guard numbers.indices.allSatisfy({ numbers[$0] == $0 }) else {
      return later.forEach { append($0, cause: $0.cause.map { later.causes[$0] }) }
    }
    // Only the first fact is told against another neighbour now.
    later.packed.bytes.withUnsafeBytes { bytes in
      var reader = ByteReader(bytes)
      var neighbour = Neighbour()
      let first = Self.read(&reader, after: &neighbour)
      append(first, cause: first.cause.map { later.causes[$0] })
      packed.append(UnsafeRawBufferPointer(rebasing: bytes[reader.at...]))
    }
    isInOrderOfArrival = isInOrderOfArrival && later.isInOrderOfArrival
    last = later.last
    count += later.count - 1
  }

  /// Calls `body` with each fact, in order of arrival.
  func forEach(_ body: (StatusFact) -> Void) {
    packed.bytes.withUnsafeBytes { bytes in
      var reader = ByteReader(bytes)
      var last = Neighbour()
      for _ in 0..<count { body(Self.read(&reader, after: &last)) }
    }
  }

  /// Whether anything of it had arrived by `position`.
  ///
  /// - Complexity: O(1) in the facts when they came in order of arrival, else O(n).
  func wasHeardOf(by position: Int64) -> Bool {
    if rejected.count(through: position) > 0 { return true }
    if isInOrderOfArrival { return firstArrival.map { $0 <= position } ?? false }
    var isKnown = false
    forEach { if $0.arrival <= position { isKnown = true } }
    return isKnown
  }

  private var firstArrival: Int64? {
    guard count > 0 else { return nil }
    return packed.bytes.withUnsafeBytes { bytes in
      var reader = ByteReader(bytes)
      var last = Neighbour()
      return Self.read(&reader, after: &last).arrival
    }
  }

  /// Whether this is the service called `other`.
  @inline(__always)
  func isNamed(_ other: UnsafeRawBufferPointer) -> Bool {
    guard other.count == name.count else { return false }
    return name.withUnsafeBytes { name in
      for index in 0..<name.count where name[index] != other[index] { return false }
      return true
    }
  }
}

/// What the next fact is told against. A file of facts has no revisions: they stay at -1.
private struct Neighbour: Hashable {
  var timeMs: Int64 = 0
  var arrival: Int64 = 0
  var revision: Int64 = -1
}

extension ServiceLog {
  /// The log whose facts were stored; nil when the bytes are not `count` facts that could have been
  /// received, or the causes not theirs.
  init?(
    service: String, count: UInt64, packed stored: UnsafeRawBufferPointer, causes texts: [String],
    rejected: RejectedFacts
  ) {
    self.init(service: service)
    self.rejected = rejected
    var reader = ByteReader(stored)
    for _ in 0..<count {
      guard let head = reader.peek(), FactHead(byte: head).isValid else { return nil }
      let arrivalBefore = last.arrival
      let fact = Self.read(&reader, after: &last)
      guard !reader.failed, fact.isPlausible, last.revision >= -1 else { return nil }
      if self.count > 0, fact.arrival <= arrivalBefore { isInOrderOfArrival = false }
      // Causes are numbered in the order of their first use.
      if let cause = fact.cause, cause >= causes.count {
        guard cause == causes.count, cause < texts.count, causes.intern(texts[cause]) == cause
        else { return nil }
      }
      self.count += 1
    }
    guard reader.isAtEnd, causes.count == texts.count else { return nil }
    packed.append(stored)
  }

  @inline(__always)
  private static func read(_ reader: inout ByteReader, after last: inout Neighbour) -> StatusFact {
    let head = FactHead(byte: reader.byte())
    last.timeMs &+= reader.signed()
    last.arrival &+= reader.signed()
    last.revision = last.revision &+ 1 &+ reader.signed()
    var fact = StatusFact(
      timeMs: last.timeMs, arrival: last.arrival,
      revision: last.revision < 0 ? nil : last.revision, state: head.state,
      isUnknownWord: head.isUnknownWord)
    if head.hasID { fact.id = reader.word() }
    if head.hasResponse { fact.responseMs = ResponseTime.read(&reader) }
    if head.hasLead { fact.recordedMs = last.timeMs &- Int64(bitPattern: reader.varint()) }
    if head.hasCause { fact.cause = Int(truncatingIfNeeded: reader.varint()) }
    return fact
  }
}
