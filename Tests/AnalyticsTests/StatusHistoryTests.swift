import Analytics
import Streams
import Testing

@Suite struct `A status history` {
  @Test(arguments: 0..<60)
  func `merged of its parts is the history of the whole`(seed: Int) throws {
    var random = SplitMix(seed: UInt64(seed))
    let events = RandomFact.some(random.below(120), span: 3000, &random).events(&random)
    let whole = history(events: events[...])
    var merged = StatusHistory()
    var at = 0
    while at < events.count {
      let next = min(events.count, at + random.below(50))
      let part = history(events: events[at..<next])
      merged.merge(random.below(2) == 0 ? part : try StatusHistory(decoding: part.encoded()))
      at = next
    }
    #expect(merged == whole)
    #expect(merged.services == whole.services)
    #expect(merged.encoded() == whole.encoded())
    let options = UptimeOptions(
      start: .earliest, end: Timestamp(microseconds: 3_000_000_000))
    for service in whole.services {
      #expect(merged.figures(of: service, options) == whole.figures(of: service, options))
    }
  }

  @Test func `is merged associatively, with an empty one on either side`() {
    var random = SplitMix(seed: 7)
    let events = RandomFact.some(90, span: 900, &random).events(&random)
    let parts = [events[..<20], events[20..<55], events[55...]].map { history(events: $0) }
    var left = parts[0]
    left.merge(parts[1])
    left.merge(parts[2])
    var right = parts[1]
    right.merge(parts[2])
    var outer = StatusHistory()
    outer.merge(parts[0])
    outer.merge(right)
    outer.merge(StatusHistory())
    #expect(outer == left)
  }

  @Test func `comes back from its bytes`() throws {
    var facts = history([
      fact("10T00:00", "up", of: "ü \u{1F600}", id: "e1", recorded: "09T00:00", ms: "0.1"),
      fact("10T00:00", "down", of: "b", ms: "12.345", metadata: #"{"message":"why"}"#), "broken",
      fact("09T00:00", "sideways", of: "b", ms: "1e300"), #"{"service":"c"}"#,
    ])
    facts.addRejected(arrival: 3, service: "d")
    facts.addRejected(arrival: 300, service: nil)
    let bytes = facts.encoded()
    let back = try StatusHistory(decoding: bytes)
    #expect(back == facts)
    #expect(back.encoded() == bytes)
    #expect(back.services == ["ü \u{1F600}", "b", "c", "d"])
    // What is read on after that is read on as if nothing had happened.
    var continued = back
    continued.merge(history([fact("11T00:00", "up", of: "b")], from: 9))
    facts.merge(history([fact("11T00:00", "up", of: "b")], from: 9))
    #expect(continued == facts)
  }

  @Test func `takes few bytes for a heartbeat that repeats the state`() {
    let lines = (0..<1000).map { minute in
      let instant = Timestamp(microseconds: Int64(minute) * 60_000_000)
      return #"{"service":"api","status":"up","timestamp":"\#(instant.rfc3339)"}"#
    }
    #expect(history(lines).encoded().count < 8 * 1000)
  }

  @Test func `refuses bytes that were changed or cut`() {
    let bytes = history([fact("10T00:00", "up", id: "e1", ms: "5"), "broken"]).encoded()
    for count in 0..<bytes.count {
      #expect(throws: SummaryError.self) { try StatusHistory(decoding: Array(bytes[..<count])) }
      for bit in 0..<8 {
        var changed = bytes
        changed[count] ^= 1 << bit
        #expect(throws: SummaryError.self) { try StatusHistory(decoding: changed) }
      }
    }
    #expect(throws: SummaryError.self) { try StatusHistory(decoding: bytes + [0]) }
  }

  @Test func `refuses the bytes of another version by name`() {
    var bytes = StatusHistory().encoded()
    bytes[4] = 9
    #expect(throws: SummaryError.unknownVersion(kind: "status history", version: 9)) {
      try StatusHistory(decoding: bytes)
    }
    #expect(SummaryError.corrupt(kind: "x").description.hasPrefix("summary-corrupt: "))
  }

  /// Bytes that are whole but never came from here must neither stop the program nor be believed.
  @Test func `reads only what it could have written itself, even under a valid seal`() {
    var random = SplitMix(seed: 3)
    let events = RandomFact.some(40, span: 900, &random).events(&random)
    let bytes = history(events: events[...]).encoded()
    var accepted = 0
    for _ in 0..<20_000 {
      var forged = Array(bytes.dropLast(8))
      for _ in 0...random.below(3) {
        forged[5 + random.below(forged.count - 5)] = UInt8(random.below(256))
      }
      var seal = Fingerprint()
      forged.withUnsafeBytes { seal.combine($0) }
      withUnsafeBytes(of: seal.value.littleEndian) { forged.append(contentsOf: $0) }
      guard let history = try? StatusHistory(decoding: forged) else { continue }
      accepted += 1
      let isCanonical = history.encoded() == forged
      #expect(isCanonical)
      let options = UptimeOptions(start: .earliest, end: .latest)
      for service in history.services {
        #expect(history.figures(of: service, options).durations.elapsed > 0)
      }
    }
    #expect(accepted > 0)
  }
}
