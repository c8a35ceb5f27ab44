import Analytics
import Foundation
import Streams
import Testing

/// Thousands of random histories, in zones and on days that are not what one expects, against a model
/// that is too simple to be wrong.
@Suite struct `User activity at random` {
  struct Place: Sendable, CustomTestStringConvertible {
    let zone: String
    /// The first day that may be reported on; a change of the clocks lies within the weeks after.
    let from: String
    var testDescription: String { zone }
  }

  static let places = [
    Place(zone: "UTC", from: "2025-01-06"),
    // 23 hours on March 30, 25 on October 26.
    Place(zone: "Europe/Berlin", from: "2025-03-24"),
    Place(zone: "Europe/Berlin", from: "2025-10-20"),
    Place(zone: "Asia/Kathmandu", from: "2025-06-02"),
    Place(zone: "America/St_Johns", from: "2025-10-27"),
    // Half an hour of summer time.
    Place(zone: "Australia/Lord_Howe", from: "2025-03-31"),
    // April 26, 2024 has no midnight; October 31 comes to its own twice.
    Place(zone: "Africa/Cairo", from: "2024-04-22"),
    Place(zone: "Africa/Cairo", from: "2024-10-28"),
    Place(zone: "Pacific/Kiritimati", from: "2025-08-01"),
  ]

  @Test(arguments: places, 0..<25)
  func `has the figures of a model that looks at everything`(place: Place, seed: Int) throws {
    var random = SplitMix(
      seed: UInt64(seed) &* 7919
        &+ UInt64(place.from.utf8.reduce(0) { $0 &* 31 &+ Int($1) } & 0xFFFF))
    for _ in 0..<10 {
      let (options, zone) = try Self.options(place, &random)
      let actions = Self.actions(20 + random.below(60), options, &random)
      let model = ActivityModel(actions: actions, options: options, zone: zone)
      let figures = Self.history(actions, &random).figures(options)
      check(figures, model)
      // Another order of arrival, another cut: the same.
      let other = Self.history(actions.shuffled(using: &random), &random).figures(options)
      #expect(other == figures)
    }
  }

  private func check(_ figures: ActivityFigures, _ model: ActivityModel) {
    #expect(figures.days == model.days())
    #expect(figures.windows == model.windows())
    #expect(
      [figures.actors, figures.new, figures.returning, figures.resurrected, figures.dormant]
        == model.periodSplit())
    #expect(figures.previous == model.previous())
    #expect(figures.previous.actors == figures.returning + figures.dormant)
    #expect(
      figures.cohorts.map { "\($0.week) \($0.size) \($0.weeks.map(\.active))" } == model.cohorts())
    #expect(figures.sessions == model.sessions())
    #expect(figures.distribution == model.distribution())
    #expect(figures.hours == model.hours())
    #expect(
      texts(figures.categories) { $0.category } == model.breakdown { $0.category })
    #expect(
      texts(figures.breakdown) { "\($0.category)/\($0.type ?? "")" }
        == model.breakdown { "\($0.category)/\($0.type)" })
    let types = model.typesWithTopics
    #expect(
      texts(figures.topics) { "\($0.category)/\($0.type ?? "")/\($0.topic ?? "")" }
        == model.breakdown {
          let type = "\($0.category)/\($0.type)"
          return types.contains(type) ? "\(type)/\($0.topic ?? "")" : nil
        })
    for day in figures.days { #expect(day.new + day.returning + day.resurrected == day.dau) }
    #expect(figures.hours.reduce(0) { $0 + $1.actions } == figures.actions)
    #expect(figures.days.reduce(0) { $0 + $1.actions } == figures.actions)
    #expect(figures.days.reduce(0) { $0 + $1.new } == figures.new)
  }

  private func texts(
    _ rows: [ActivityBreakdown], _ key: (ActivityBreakdown) -> String
  ) -> [String] {
    rows.map {
      "\(key($0)) \($0.events) \($0.actors) \($0.bytes) \($0.perActorP50) \($0.perActorP95) "
        + "\($0.perActorMax)"
    }.sorted()
  }

  /// A period of 1 to 30 days that starts within two weeks, judged before, at or after its end.
  private static func options(
    _ place: Place, _ random: inout SplitMix
  ) throws -> (ActivityOptions, TimeZone) {
    let zone = try #require(TimeZone(identifier: place.zone))
    let from = try #require(CivilDate(place.from)).adding(days: Int64(random.below(14)))
    let count = 1 + random.below(random.below(2) == 0 ? 4 : 30)
    let to = from.adding(days: Int64(count))
    let early = from.adding(days: -56)
    let listed = localDays(
      from: early.adding(days: 1 - Int64(early.isoWeekday)).description, to: to.description,
      zone: place.zone)
    let first = try #require(listed.firstIndex { $0.date == from })
    var options = ActivityOptions(
      start: listed[first].start, end: listed[listed.count - 1].end,
      previousStart: listed[max(0, first - count)].start, days: listed)
    options.asOf = options.end.adding(seconds: Int64(random.below(3) - 2) * 40_500)
    if options.asOf < options.start { options.asOf = options.start }
    options.offsets = offsets(of: zone, options.start, options.end)
    options.cohortWeeks = 1 + random.below(9)
    return (options, zone)
  }

  /// Quarter by quarter of an hour.
  private static func offsets(
    of zone: TimeZone, _ start: Timestamp, _ end: Timestamp
  ) -> [LocalOffset] {
    var offsets: [LocalOffset] = []
    var at = start
    while at < end {
      let date = Date(timeIntervalSince1970: Double(at.microseconds / 1_000_000))
      let seconds = Int64(zone.secondsFromGMT(for: date))
      if offsets.last?.seconds != seconds { offsets.append(.init(start: at, seconds: seconds)) }
      at = at.adding(seconds: 900)
    }
    return offsets
  }

  /// Some before everything listed, some at the very edges of days.
  private static func actions(
    _ count: Int, _ options: ActivityOptions, _ random: inout SplitMix
  ) -> [UserAction] {
    (0..<count).map { _ in
      let day = options.days[random.below(options.days.count)]
      let start = Int(day.start.microseconds / 1_000_000)
      let end = Int(day.end.microseconds / 1_000_000)
      let second =
        switch random.below(8) {
        case 0: start
        case 1: end - 1
        case 2: start - 86_400 * random.below(90)
        case 3...5: start + random.below(7200)
        default: start + random.below(end - start)
        }
      var action = UserAction(actor: "u\(random.below(12))", second: second)
      action.category = ["activity", "loans"][random.below(2)]
      action.type = ["UserDataUpdated", "Other"][random.below(2)]
      action.topic = action.type == "Other" ? nil : [nil, "a", "b", "ü"][random.below(4)]
      action.padding = random.below(40)
      return action
    }
  }

  /// Folded in up to three parts, some of them stored and read again.
  private static func history(
    _ actions: [UserAction], _ random: inout SplitMix
  ) -> ActivityHistory {
    let cuts = ([0, actions.count] + (0..<2).map { _ in random.below(actions.count + 1) }).sorted()
    var merged = ActivityHistory()
    for (from, to) in zip(cuts, cuts.dropFirst()) {
      let part = AnalyticsTests.history(actions: actions[from..<to])
      merged.merge((try? ActivityHistory(decoding: part.encoded())) ?? part)
    }
    return merged
  }
}
