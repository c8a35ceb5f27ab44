import Analytics
import Streams
import Testing

@Suite struct `Corrections of facts` {
  private func minute(_ number: Int) -> Timestamp {
    Timestamp(microseconds: Int64(number) * 60_000_000)
  }

  /// `api` from minute 0 on, with these states from these minutes on.
  private func facts(_ states: [(Int, String)], first: Int = 0) -> StatusHistory {
    var history = StatusHistory()
    for (number, (time, word)) in states.enumerated() {
      let data =
        #"{"serviceName":"api","status":"\#(word)","timestamp":"\#(minute(time).rfc3339)"}"#
      statusEvent(Array(data.utf8), number: Int64(first + number), recordedAt: minute(time))
        .withView { history.receive($0) }
    }
    return history
  }

  private func options(_ corrections: ModelCorrection...) -> UptimeOptions {
    var options = UptimeOptions(start: minute(0), end: minute(100))
    options.corrections = corrections.folded
    return options
  }

  private func minutes(_ range: Range<Int>, _ effect: Correction.Effect) -> ModelCorrection {
    ModelCorrection(
      service: "api", range: range.lowerBound * 60..<range.upperBound * 60, effect: effect,
      position: 50)
  }

  private let outage = [(0, "up"), (10, "down"), (20, "up")]

  @Test func `an excluded range is in no figure, and its down time is told`() {
    let figures = facts(outage).figures(of: "api", options(minutes(10..<15, .exclusion)))
    #expect(figures.durations.excluded == 300_000)
    #expect(figures.excludedDownMilliseconds == 300_000)
    #expect(figures.maskedDownMilliseconds == 0)
    #expect(figures.durations.elapsed == 6_000_000)
    #expect(figures.availability == Fraction(90, over: 95))
    #expect(figures.coverage == .one)
    #expect(figures.counts.recovered == 1)
    #expect(figures.mttr == Fraction(300))
  }

  @Test func `an outage that is excluded wholly is no incident`() {
    let figures = facts(outage).figures(of: "api", options(minutes(10..<20, .exclusion)))
    #expect(figures.incidents.isEmpty)
    #expect(figures.availability == .one)
  }

  @Test func `a period that is excluded wholly has no data`() {
    let figures = facts(outage).figures(of: "api", options(minutes(0..<100, .exclusion)))
    #expect(figures.availability == nil)
    #expect(figures.coverage == nil)
    #expect(figures.lowerBound == nil)
  }

  @Test func `an excluded middle does not split an incident, and its unknown does not censor it`() {
    let facts = facts([(0, "up"), (10, "down"), (12, "unknown"), (14, "down"), (20, "up")])
    let figures = facts.figures(of: "api", options(minutes(12..<14, .exclusion)))
    #expect(figures.counts.started == 1)
    #expect(figures.counts.censored == 0)
    #expect(figures.mttr == Fraction(480))
  }

  @Test func `a reclassified range is what is said, and no fact is blamed for it`() throws {
    let figures = facts(outage).figures(
      of: "api", options(minutes(30..<40, .reclassification(.down))))
    #expect(figures.durations.down == 1_200_000)
    let incident = try #require(figures.incidents.last)
    #expect(incident.firstRevision == nil)
    #expect(incident.corrections.map(\.effect) == [.reclassification(.down)])
  }

  @Test func `the later of two that overlap holds`() {
    let excluded = minutes(10..<20, .exclusion)
    var degraded = minutes(10..<20, .reclassification(.degraded))
    degraded.position = 60
    #expect(facts(outage).figures(of: "api", options(excluded, degraded)).durations.excluded == 0)
    degraded.position = 40
    let other = facts(outage).figures(of: "api", options(degraded, excluded))
    #expect(other.durations.excluded == 600_000)
    #expect(other.excludedDownMilliseconds == 0)
  }

  @Test func `an annotation changes no figure and stands beside its incident`() throws {
    var plain = facts(outage).figures(of: "api", options())
    var said = facts(outage).figures(
      of: "api", options(minutes(12..<13, .annotation(text: "disk full", link: nil))))
    let incident = try #require(said.incidents.first)
    #expect(incident.corrections.map(\.effect) == [.annotation(text: "disk full", link: nil)])
    #expect(said.corrections == incident.corrections)
    said.incidents[0].corrections = []
    (plain.corrections, said.corrections) = ([], [])
    #expect(plain == said)
  }

  @Test(arguments: [(nil, 0), (15, 300), (30, 600)] as [(Int?, Int64)])
  func `a window that is cancelled holds until then`(from: Int?, seconds: Int64) {
    var window = minutes(10..<20, .maintenance)
    window.ends = [(70, from.map { $0 * 60 })]
    var options = options(window)
    #expect(facts(outage).figures(of: "api", options).durations.maintenance == seconds * 1000)
    options.throughPosition = Position(69)
    #expect(facts(outage).figures(of: "api", options).durations.maintenance == 600_000)
    options.throughPosition = Position(49)
    #expect(facts(outage).figures(of: "api", options).durations.maintenance == 0)
  }

  @Test func `what breaks the rules of its type is named and left out`() throws {
    var events = [minutes(10..<20, .exclusion)].events
    events[0].event.data = Array(#"{"serviceName":"api","start":"yesterday","reason":"r"}"#.utf8)
    let corrections = Corrections(events)
    #expect(corrections.all().isEmpty)
    #expect(corrections.unreadable().map(\.revision) == [Revision(50)])
    #expect(corrections.unreadable(through: Position(49)).isEmpty)
  }

  @Test(arguments: 0..<50)
  func `are the same, however they are split and merged`(seed: Int) {
    var random = SplitMix(seed: UInt64(seed))
    let events = ModelCorrection.some(&random).events
    let split = random.below(events.count + 1)
    var merged = Corrections(events[split...])
    merged.merge(Corrections(events[..<split]))
    #expect(merged == Corrections(events))
    #expect(merged == Corrections(events.reversed()))
  }

  @Test(arguments: 0..<100)
  func `change nothing of what they do not touch`(seed: Int) throws {
    var random = SplitMix(seed: UInt64(seed) &+ 77)
    let facts = RandomFact.some(80, span: 1500, &random)
    let history = history(events: facts.events(&random)[...])
    let corrections = ModelCorrection.some(&random).filter { $0.service == "a" }
    var plain = UptimeOptions(
      start: Timestamp(microseconds: 0), end: Timestamp(microseconds: 1_500_000_000))
    plain.days = try (0..<15).map { number in
      LocalDay(
        date: try #require(CivilDate("2025-01-01")).adding(days: number),
        start: Timestamp(microseconds: Int64(number) * 100_000_000),
        end: Timestamp(microseconds: Int64(number + 1) * 100_000_000))
    }
    var corrected = plain
    corrected.corrections = corrections.folded
    for other in ["b", "c \"quoted\""] {
      #expect(history.figures(of: other, plain) == history.figures(of: other, corrected))
    }
    let (before, after) = (
      history.figures(of: "a", plain).days, history.figures(of: "a", corrected).days
    )
    for (number, day) in after.enumerated() {
      let isTouched = corrections.contains {
        $0.range.overlaps(number * 100..<(number + 1) * 100)
      }
      if !isTouched { #expect(day.durations == before[number].durations) }
    }
  }

  @Test func `late facts that changed the period are named, and no others`() {
    var history = facts(outage)
    history.merge(
      facts([(40, "up"), (50, "down"), (52, "up"), (60, "up"), (200, "down")], first: 10))
    let options = options()
    var then = options
    then.throughPosition = Position(9)
    let late = history.lateFacts(
      of: "api", after: Position(9), then: then, now: options, limit: 1)
    #expect(late.count == 2)
    #expect(late.facts.map(\.time) == [minute(50)])
    #expect(late.facts.map(\.state) == [.down])
    // Of 5 to 10, told otherwise by a late fact, the fact that ends it was there before.
    history.merge(facts([(5, "down")], first: 20))
    then.throughPosition = Position(19)
    #expect(
      history.lateFacts(of: "api", after: Position(19), then: then, now: options, limit: 9)
        .facts.map(\.revision) == [20])
    let none = history.lateFacts(
      of: "api", after: Position(99), then: options, now: options, limit: 1)
    #expect(none.count == 0)
  }

  @Test func `a service is heard of by its first fact or refused line`() {
    var history = facts(outage, first: 10)
    #expect(history.services(through: Position(9)).isEmpty)
    #expect(history.services(through: Position(10)) == ["api"])
    history.addRejected(arrival: 5, service: "api")
    #expect(history.services(through: Position(5)) == ["api"])
    #expect(history.figures(of: "api", options()).warnings.rejected == 1)
  }
}
