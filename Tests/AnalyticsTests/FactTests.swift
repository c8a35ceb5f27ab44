import Analytics
import Streams
import Testing

@Suite struct `A fact` {
  let day: UptimeOptions

  init() throws { day = try period() }

  @Test func `with an id seen before and other content is a conflict and the first holds`() {
    let facts = history([
      fact("09T12:00", "up", id: "e1"), fact("10T06:00", "down", id: "e2"),
      fact("10T06:10", "up", id: "e3"), fact("10T06:00", "up", id: "e2"),
      fact("10T07:00", "down", id: "e3"), fact("10T06:00", "offline", id: "e2"),
    ])
    let figures = facts.figures(of: "api", day)
    #expect(figures.seconds == "up 85800 down 600")
    #expect(figures.warnings.conflicts == 2)
    #expect(figures.warnings.duplicates == 1)
    #expect(figures.warnings.outOfOrder == 0)
  }

  @Test func `may share its id with a fact of another service`() {
    let facts = history([
      fact("09T12:00", "up", of: "a", id: "e1"), fact("09T12:00", "down", of: "b", id: "e1"),
    ])
    #expect(facts.seconds(day, of: "a") == "up 86400")
    #expect(facts.seconds(day, of: "b") == "down 86400")
  }

  @Test func `may have an empty id or none, which never repeats`() {
    let facts = history([
      fact("10T00:00", "up", id: ""), fact("10T06:00", "down", id: ""), fact("10T07:00", "up"),
    ])
    #expect(facts.seconds(day) == "up 82800 down 3600")
    #expect(facts.figures(of: "api", day).warnings == UptimeWarnings())
  }

  @Test(arguments: [
    ("10T06:05:00", "up 21900 down 64500", 0),
    ("10T06:05:00.001", "up 21600 down 64800", 1),
    ("10T06:04:00", "up 21840 down 64560", 0),
  ])
  func `is clamped only beyond 300 seconds of skew`(time: String, seconds: String, clamped: Int) {
    let facts = history([
      fact("09T12:00", "up"), fact(time, "down", recorded: "10T06:00"),
    ])
    let figures = facts.figures(of: "api", day)
    #expect(figures.seconds == seconds)
    #expect(figures.warnings.clampedSkew == clamped)
  }

  @Test func `that is clamped is ordered by the time it is clamped to`() {
    let facts = history([
      fact("09T12:00", "up"), fact("10T23:00", "down", recorded: "10T06:00"),
      fact("10T07:00", "up", recorded: "10T07:00"),
    ])
    let figures = facts.figures(of: "api", day)
    #expect(figures.seconds == "up 82800 down 3600")
    #expect(figures.warnings.outOfOrder == 0)
  }

  @Test func `is clamped before it is asked whether it lies in the future`() throws {
    let facts = history([
      fact("09T12:00", "up"), fact("12T00:00", "down", recorded: "10T12:00"),
    ])
    let figures = facts.figures(of: "api", day)
    #expect(figures.seconds == "up 43200 down 43200")
    #expect(figures.warnings.future == 0)
  }

  @Test func `at or after the time of the report is not known yet`() throws {
    let facts = history([
      fact("09T12:00", "up"), fact("10T05:59:59.999", "degraded"), fact("10T06:00", "down"),
      fact("10T07:00", "up"),
    ])
    let figures = facts.figures(of: "api", try period(asOf: "10T06:00"))
    #expect(figures.seconds == "up 21599.999 degraded 0.001")
    #expect(figures.warnings.future == 2)
    #expect(figures.lastFactAt == (try instant("10T05:59:59.999")))
    #expect(figures.lastState == .degraded)
  }

  @Test func `that arrived last of several at one instant holds`() {
    let facts = history([
      fact("09T12:00", "up"), fact("10T06:00", "down", ms: "50"), fact("10T06:00", "up"),
      fact("10T12:00", "up", ms: "70"), fact("10T12:00", "down"),
    ])
    let figures = facts.figures(of: "api", day)
    #expect(figures.seconds == "up 43200 down 43200")
    #expect(figures.counts.started == 1)
    #expect(figures.latency == nil)
  }

  @Test func `is out of order when it lies before the newest one so far`() {
    let facts = history([
      fact("10T10:00", "up"), fact("10T05:00", "down"), fact("10T06:00", "up"),
      fact("10T10:00", "down"), fact("10T11:00", "up"),
    ])
    let figures = facts.figures(of: "api", day)
    #expect(figures.seconds == "up 61200 down 7200 unknown 18000")
    #expect(figures.warnings.outOfOrder == 2)
  }

  @Test func `says whose it is by serviceName or service, the last of equal keys`() {
    let facts = history([
      #"{"service":"api","status":"down","status":"up","timestamp":"2025-01-10T00:00:00Z"}"#,
      #"{"service":"web","serviceName":"a\u0070i","status":"d\u006fwn","timestamp":"2025-01-10T06:00:00\u005a"}"#,
    ])
    #expect(facts.services == ["api"])
    #expect(facts.seconds(day) == "up 21600 down 64800")
  }

  @Test func `counts in whole milliseconds`() {
    let facts = history([
      fact("09T12:00", "up"),
      #"{"service":"api","status":"down","timestamp":"2025-01-10T06:00:00.000999Z"}"#,
      #"{"service":"api","status":"up","timestamp":"2025-01-10T06:00:01.0019999Z"}"#,
    ])
    #expect(facts.seconds(day) == "up 86398.999 down 1.001")
  }

  @Test func `of a leap second is one of the next second`() {
    let facts = history([
      #"{"service":"api","status":"up","timestamp":"2016-12-31T23:59:59Z"}"#,
      #"{"service":"api","status":"down","timestamp":"2016-12-31T23:59:60Z"}"#,
    ])
    let start = CivilDate("2017-01-01").map { $0.utcDay * Timestamp.microsecondsPerDay } ?? 0
    let options = UptimeOptions(
      start: Timestamp(microseconds: start), end: Timestamp(microseconds: start).adding(seconds: 9))
    #expect(facts.seconds(options) == "down 9")
  }

  @Test func `restates the past unless a position says as known then`() throws {
    let facts = history([
      fact("09T12:00", "up"), fact("10T06:00", "down"), fact("10T08:00", "up"), "broken",
      fact("10T06:10", "up"), fact("10T06:10", "sideways"),
    ])
    var options = day
    #expect(facts.seconds(options) == "up 79200 down 600 unknown 6600")
    options.throughPosition = Position(4)
    let corrected = facts.figures(of: "api", options)
    #expect(corrected.seconds == "up 85800 down 600")
    #expect(corrected.warnings.rejected == 1)
    #expect(corrected.warnings.unknownStatus == 0)
    options.throughPosition = Position(2)
    let published = facts.figures(of: "api", options)
    #expect(published.seconds == "up 79200 down 7200")
    #expect(published.warnings == UptimeWarnings())
  }

  @Test func `is sorted by its arrival where histories of two streams were merged`() {
    var facts = history([fact("10T00:00", "up"), fact("10T06:00", "down", id: "x")], from: 10)
    facts.merge(history([fact("10T06:00", "up", id: "x"), fact("10T06:00", "up")], from: 0))
    let figures = facts.figures(of: "api", day)
    #expect(figures.seconds == "up 86400")
    #expect(figures.warnings.conflicts == 1)
    #expect(figures.warnings.outOfOrder == 1)
  }
}

@Suite struct `What is no fact` {
  @Test(arguments: [
    "", "null", "[]", "7", #"{"serviceName":"api"}"#,
    #"{"serviceName":"api","status":"up","timestamp":null}"#,
    #"{"serviceName":"api","status":"up","timestamp":"yesterday"}"#,
    #"{"serviceName":"api","status":"up","timestamp":1736488800}"#,
    #"{"serviceName":"api","status":"","timestamp":"2025-01-10T06:00:00Z"}"#,
    #"{"serviceName":"api","status":3,"timestamp":"2025-01-10T06:00:00Z"}"#,
    #"{"serviceName":"","status":"up","timestamp":"2025-01-10T06:00:00Z"}"#,
    #"{"serviceName":"api","status":"up","timestamp":"2025-01-10T06:00:00Z","recordedAt":"?"}"#,
    #"{"serviceName":"api","status":"up","timestamp":"9999-12-31T23:59:59Z"}"#,
    #"{"serviceName":"api","status":"up","timestamp":"2025-01-10T06:00:00Z"} trailing"#,
    "{\"serviceName\":\"\u{1}\",\"status\":\"up\",\"timestamp\":\"2025-01-10T06:00:00Z\"}",
  ])
  func `is rejected and counted`(line: String) throws {
    let figures = history([line]).figures(of: "api", try period())
    #expect(figures.warnings.rejected == 1)
    #expect(figures.lastFactAt == nil)
    #expect(figures.seconds == "unknown 86400")
  }

  @Test func `is rejected when it is not UTF-8`() throws {
    var bytes = Array(fact("10T06:00", "up", of: "?").utf8)
    bytes[16] = 0xFF
    var facts = StatusHistory()
    bytes.withUnsafeBytes { facts.receive(line: $0, arrival: 0, validator: JSONValidator()) }
    statusEvent(bytes).withView { facts.receive($0) }
    #expect(facts.services.isEmpty)
    #expect(facts.figures(of: "api", try period()).warnings.rejected == 2)
  }

  @Test func `counts on its service, or on every one where it does not say whose it is`() throws {
    var facts = history([
      fact("10T00:00", "up", of: "a"), "broken", #"{"service":"b","status":"up"}"#,
    ])
    for line in 10..<20 { facts.addRejected(arrival: Int64(line), service: "a") }
    for line in 20..<120 { facts.addRejected(arrival: Int64(line), service: nil) }
    let day = try period()
    #expect(facts.services == ["a", "b"])
    #expect(facts.figures(of: "a", day).warnings.rejected == 111)
    #expect(facts.figures(of: "b", day).warnings.rejected == 102)
    #expect(facts.figures(of: "never heard of", day).warnings.rejected == 101)
    let group = ServiceGroup(name: "all", rule: .worst, parts: [.init(["a", "b"], in: facts)])
    #expect(group.figures(day).warnings.rejected == 112)
  }

  @Test func `never stops the reading, whatever its bytes`() {
    var random = SplitMix(seed: 45)
    let template = Array(fact("10T06:00", "up", id: "e1", ms: "5", metadata: "{}").utf8)
    var facts = StatusHistory()
    let validator = JSONValidator()
    for round in 0..<20_000 {
      var bytes = template
      for _ in 0...(round % 4) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
      bytes.removeLast(random.below(3) == 0 ? random.below(bytes.count) : 0)
      statusEvent(bytes, number: Int64(round)).withView { facts.receive($0) }
      bytes.withUnsafeBytes {
        facts.receive(line: $0, arrival: Int64(round), validator: validator)
      }
    }
    #expect(facts.factCount > 1000)
    #expect(throws: Never.self) { try StatusHistory(decoding: facts.encoded()) }
  }

  @Test func `is no event of another type, which is passed over`() throws {
    var facts = StatusHistory()
    var event = statusEvent(Array(fact("10T06:00", "up").utf8))
    event.type = KnownEventType.streamCreated
    event.withView { facts.receive($0) }
    #expect(facts == StatusHistory())
  }
}

@Suite struct `A word for a state` {
  @Test(arguments: [
    ("up OK Operational online HEALTHY passing success", ServiceState.up),
    ("degraded degraded_performance Degraded-Performance partial partial_outage", .degraded),
    ("disrupted warning slow", .degraded),
    ("down outage major_outage Full-Outage offline critical failed failing error", .down),
    ("unhealthy DOWN d-o-w-n", .down),
    ("maintenance under_maintenance UnderMaintenance", .maintenance),
    ("unknown pending paused no_data nodata retired removed disabled", .unknown),
  ])
  func `means one of five states`(words: String, state: ServiceState) {
    for word in words.split(separator: " ") {
      #expect(ServiceState(word: String(word)) == state, "\(word)")
      let spaced = String(word.map { $0 == "_" ? " " : $0 })
      #expect(ServiceState(word: spaced) == state, "\(spaced)")
    }
  }

  @Test(arguments: ["", " - ", "upp", "u", "flux_capacitor", "\0up", "ûp", "major outage of all"])
  func `means nothing when nobody knows it`(word: String) {
    #expect(ServiceState(word: word) == nil)
  }

  @Test func `that nobody knows is unknown and counted, one that means unknown is not`() throws {
    let facts = history([
      fact("10T00:00", "paused"), fact("10T06:00", "sideways"), fact("10T12:00", "up"),
    ])
    let figures = facts.figures(of: "api", try period())
    #expect(figures.seconds == "up 43200 unknown 43200")
    #expect(figures.warnings.unknownStatus == 1)
  }
}
