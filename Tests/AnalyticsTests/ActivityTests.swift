import Analytics
import Streams
import Testing

@Suite struct `User activity` {
  @Test func `counts distinct actors, never sums of smaller counts`() throws {
    let actions = [
      UserAction(actor: "ann", second: try second("2025-03-01T10:00")),
      UserAction(actor: "ann", second: try second("2025-03-08T10:00"), category: "profile"),
      UserAction(actor: "ann", second: try second("2025-03-08T23:59")),
      UserAction(actor: "bob", second: try second("2025-03-02T00:00")),
      UserAction(actor: "cleo", second: try second("2025-02-08T00:00")),
      UserAction(actor: "dan", second: try second("2025-02-09T00:00")),
    ]
    let options = try ActivityOptions("2025-03-07", "2025-03-09", listedFrom: "2025-02-03")
    let figures = history(actions: actions).figures(options)
    #expect(figures.days.map(\.date.description) == ["2025-03-07", "2025-03-08"])
    #expect(figures.days.map(\.dau) == [0, 1])
    #expect(figures.days.map(\.wau) == [2, 2])
    #expect(figures.days.map(\.mau) == [4, 3])
    #expect(figures.stickiness == Fraction(1, over: 3))
    #expect(figures.actors == 1)
    #expect(figures.actions == 2)
  }

  @Test func `divides the active into new, returning and resurrected`() throws {
    let actions = [
      UserAction(actor: "ann", second: try second("2025-01-10T10:00")),
      UserAction(actor: "bob", second: try second("2025-01-09T10:00")),
      UserAction(actor: "bob", second: try second("2025-01-10T10:00")),
      UserAction(actor: "cleo", second: try second("2020-01-09T10:00")),
      UserAction(actor: "cleo", second: try second("2025-01-10T10:00")),
      UserAction(actor: "dan", second: try second("2025-01-09T10:00")),
    ]
    let options = try ActivityOptions("2025-01-10", "2025-01-11", listedFrom: "2024-12-09")
    let figures = history(actions: actions).figures(options)
    let day = try #require(figures.days.first)
    #expect([day.dau, day.new, day.returning, day.resurrected, day.dormant] == [3, 1, 1, 1, 1])
    #expect(
      [figures.actors, figures.new, figures.returning, figures.resurrected, figures.dormant]
        == [3, 1, 1, 1, 1])
  }

  @Test func `is judged on what has elapsed, and leaves out days that have not begun`() throws {
    let actions = [
      UserAction(actor: "ann", second: try second("2025-01-10T10:00")),
      UserAction(actor: "ann", second: try second("2025-01-11T06:00")),
      UserAction(actor: "bob", second: try second("2025-01-11T07:00")),
    ]
    let options = try ActivityOptions(
      "2025-01-10", "2025-01-13", listedFrom: "2024-12-09",
      asOf: Timestamp(rfc3339: "2025-01-11T07:00:00Z"))
    let figures = history(actions: actions).figures(options)
    #expect(figures.days.map(\.dau) == [1, 1])
    #expect(figures.actors == 1)
    #expect(figures.stickiness == .one)
  }

  @Test func `follows cohorts by the ISO week of the first action`() throws {
    let actions = [
      UserAction(actor: "old", second: try second("2024-06-01T00:00")),
      UserAction(actor: "old", second: try second("2025-01-06T00:00")),
      UserAction(actor: "ann", second: try second("2025-01-05T23:59")),
      UserAction(actor: "bob", second: try second("2025-01-06T00:00")),
      UserAction(actor: "bob", second: try second("2025-01-12T23:59")),
      UserAction(actor: "bob", second: try second("2025-01-22T00:00")),
      UserAction(actor: "cleo", second: try second("2025-01-13T00:00")),
      UserAction(actor: "cleo", second: try second("2025-01-08T00:00"), category: "loans"),
    ]
    // The listed days begin on a Wednesday: that week is not whole and is left out.
    let options = try ActivityOptions("2025-01-01", "2025-01-23", listedFrom: "2025-01-01")
    let cohorts = history(actions: actions).figures(options).cohorts
    #expect(cohorts.map(\.week.description) == ["2025-01-06", "2025-01-13", "2025-01-20"])
    #expect(cohorts.map(\.size) == [2, 0, 0])
    #expect(cohorts.map { $0.weeks.map(\.active) } == [[2, 1, 1], [0, 0], [0]])
    #expect(
      cohorts.map { $0.weeks.map(\.isComplete) } == [[true, true, false], [true, false], [false]])
    // Where nothing lies before the first listed day, its week is whole all the same.
    let young = history(actions: actions.dropFirst(2)).figures(options).cohorts
    #expect(young.map(\.size) == [1, 2, 0, 0])
    var few = options
    few.cohortWeeks = 2
    #expect(history(actions: actions).figures(few).cohorts.map(\.weeks.count) == [2, 1])
  }

  @Test func `is in one session up to a pause of 30 minutes`() throws {
    let start = try second("2025-01-10T10:00")
    let actions = [0, 1800, 3601, 5402].map { UserAction(actor: "ann", second: start + $0) }
    let other = [UserAction(actor: "bob", second: start + 900, category: "profile")]
    let options = try ActivityOptions("2025-01-10", "2025-01-11", listedFrom: "2024-12-09")
    let sessions = history(actions: actions.shuffled() + other).figures(options).sessions
    // Ann: 0-1800, 3601 and 5402; Bob: one action.
    #expect(sessions.count == 4)
    #expect(sessions.lengthP50 == 0)
    #expect(sessions.lengthP95 == 1800)
    #expect(ActivityHistory().figures(options).sessions == SessionFigures())
  }

  @Test func `is broken down by category, type and topic`() throws {
    let at = try second("2025-01-10T10:00")
    var actions = (0..<10).map {
      UserAction(actor: "a\($0 % 4)", second: at + $0, topic: $0 == 0 ? "gr\\u00fcn" : "red")
    }
    actions.append(UserAction(actor: "a0", second: at, category: "loans", type: "Borrowed"))
    actions.append(UserAction(actor: "a0", second: at - 86_400, category: "loans"))
    let options = try ActivityOptions("2025-01-10", "2025-01-11", listedFrom: "2024-12-09")
    let figures = history(actions: actions).figures(options)
    let bytes = actions.map { Int64($0.bytes) }
    #expect(
      figures.breakdown == [
        ActivityBreakdown(
          category: "activity", type: "UserDataUpdated", topic: nil, events: 10, actors: 4,
          bytes: bytes[..<10].reduce(0, +), perActorP50: 2, perActorP95: 3, perActorMax: 3),
        ActivityBreakdown(
          category: "loans", type: "Borrowed", topic: nil, events: 1, actors: 1, bytes: bytes[10],
          perActorP50: 1, perActorP95: 1, perActorMax: 1),
      ])
    #expect(figures.topics.map(\.topic) == ["red", "grün"])
    #expect(figures.topics.map(\.events) == [9, 1])
    #expect(figures.bytes == bytes[..<11].reduce(0, +))
    #expect(figures.topActors.map(\.actor) == ["a0", "a1", "a2", "a3"])
    #expect(figures.topActors.map(\.actions) == [4, 3, 2, 2])
  }

  @Test func `names the most frequent topics and sums the others`() throws {
    let at = try second("2025-01-10T10:00")
    let topics = ["c", "b", "b", "a", "a", "d", "e"]
    let actions = topics.map { UserAction(actor: "ann", second: at, topic: $0) }
    var options = try ActivityOptions("2025-01-10", "2025-01-11", listedFrom: "2024-12-09")
    options.maxTopics = 3
    options.topActors = 0
    let figures = history(actions: actions).figures(options)
    #expect(figures.topics.map(\.topic) == [ActivityOptions.otherTopics, "a", "b", "c"])
    #expect(figures.topics.map(\.events) == [2, 2, 2, 1])
    #expect(figures.topActors.isEmpty)
  }

  @Test(arguments: [
    "", "[]", "{\"category\":3}", "{\"category\":\"\"}", "{\"category\":\"x\"", "\u{0}",
  ])
  func `has no topic where the data name none`(data: String) throws {
    var event = UserAction(actor: "ann", second: try second("2025-01-10T10:00")).event
    event.data = Array(data.utf8)
    var history = ActivityHistory()
    event.withView { history.receive($0, actor: "ann", category: "activity") }
    let options = try ActivityOptions("2025-01-10", "2025-01-11", listedFrom: "2024-12-09")
    #expect(history.figures(options).topics.isEmpty)
    #expect(history.figures(options).actions == 1)
  }

  static func actions(_ count: Int, _ random: inout SplitMix) -> [UserAction] {
    let start = 1_735_603_200  // 2024-12-31
    return (0..<count).map { _ in
      var action = UserAction(actor: "u\(random.below(25))", second: start)
      // Half of it close together, so that there are sessions.
      action.second +=
        random.below(70) * 86_400 + random.below(random.below(2) == 0 ? 9000 : 86_400)
      action.category = ["activity", "loans"][random.below(2)]
      action.type = ["UserDataUpdated", "Other"][random.below(2)]
      action.topic = [nil, "a", "b", "ü"][random.below(4)]
      action.padding = random.below(300)
      return action
    }
  }
}

@Suite struct `An activity history` {
  @Test(arguments: 0..<40)
  func `merged of its parts is the history of the whole`(seed: Int) throws {
    var random = SplitMix(seed: UInt64(seed))
    var actions = `User activity`.actions(random.below(150), &random)
    if seed % 2 == 0 { actions.sort { $0.actor < $1.actor } }
    let whole = history(actions: actions)
    var merged = ActivityHistory()
    var at = 0
    while at < actions.count {
      let next = min(actions.count, at + random.below(60))
      let part = history(actions: actions[at..<next])
      merged.merge(random.below(2) == 0 ? part : try ActivityHistory(decoding: part.encoded()))
      at = next
    }
    #expect(merged == whole)
    #expect(merged.encoded() == whole.encoded())
    #expect(merged.firstActionAt == whole.firstActionAt)
    #expect(merged.actionCount == actions.count)
    #expect(try ActivityHistory(decoding: whole.encoded()) == whole)
  }

  @Test func `refuses bytes that were changed or cut`() throws {
    let bytes = history(actions: [
      UserAction(actor: "ann", second: 1, topic: "x"), UserAction(actor: "bob", second: 2),
    ]).encoded()
    for count in 0..<bytes.count {
      var changed = bytes
      changed[count] ^= 0x10
      #expect(throws: SummaryError.self) { try ActivityHistory(decoding: changed) }
      #expect(throws: SummaryError.self) { try ActivityHistory(decoding: Array(bytes[..<count])) }
    }
    #expect(throws: SummaryError.corrupt(kind: "activity history")) {
      try ActivityHistory(decoding: StatusHistory().encoded())
    }
  }

  @Test func `reads only what it could have written itself, even under a valid seal`() throws {
    var random = SplitMix(seed: 5)
    let bytes = history(actions: `User activity`.actions(30, &random)).encoded()
    let options = try ActivityOptions("2025-01-10", "2025-02-11", listedFrom: "2024-12-09")
    var accepted = 0
    for _ in 0..<5000 {
      var forged = Array(bytes.dropLast(8))
      for _ in 0...random.below(3) {
        forged[5 + random.below(forged.count - 5)] = UInt8(random.below(256))
      }
      var seal = Fingerprint()
      forged.withUnsafeBytes { seal.combine($0) }
      withUnsafeBytes(of: seal.value.littleEndian) { forged.append(contentsOf: $0) }
      guard let history = try? ActivityHistory(decoding: forged) else { continue }
      accepted += 1
      let isCanonical = history.encoded() == forged
      #expect(isCanonical)
      #expect(history.figures(options).days.count == 32)
    }
    #expect(accepted > 0)
  }
}
