import Analytics
import Reports
import Streams
import Testing

/// Figures put together by hand: what the folds would say of one outage from 06:00 to 06:10 on
/// 2025-01-10, and of a few things more.
enum Samples {
  static func instant(_ text: String) throws -> Timestamp { try Timestamp(rfc3339: text) }

  static func share(_ part: Int64, of whole: Int64) -> Fraction? {
    whole == 0 ? nil : Fraction(Int128(part), over: Int128(whole))
  }

  /// Figures of one day, consistent with `durations`; everything else is left at nothing.
  static func figures(
    _ service: String, stream: String? = nil, _ durations: StateDurations
  ) throws -> UptimeFigures {
    var figures = UptimeFigures(
      service: service, stream: stream, start: try instant("2025-01-10T00:00:00Z"),
      end: try instant("2025-01-11T00:00:00Z"), asOf: try instant("2025-01-11T00:00:00Z"))
    figures.durations = durations
    let good = durations.up + durations.degraded
    figures.availability = share(good, of: durations.measured)
    figures.strict = share(durations.up, of: durations.measured)
    figures.lenient = figures.availability
    figures.coverage = share(durations.known, of: durations.elapsed)
    figures.lowerBound = share(good, of: durations.measured + durations.unknown)
    figures.upperBound = share(good + durations.unknown, of: durations.measured + durations.unknown)
    return figures
  }

  static func oneOutage(
    _ service: String = "api", cause: String? = "HTTP 503"
  ) throws -> UptimeFigures {
    var durations = StateDurations()
    durations.up = 85_800_000
    durations.down = 600_000
    var figures = try figures(service, stream: "service-uptime-\(service)", durations)
    figures.counts.touching = 1
    figures.counts.started = 1
    figures.counts.recovered = 1
    figures.mttr = Fraction(600)
    figures.mtbf = Fraction(85_800)
    figures.longestDownMilliseconds = 600_000
    figures.errorBudget = ErrorBudget(
      budget: Fraction(864, over: 10), consumed: Fraction(600),
      remaining: Fraction(-5136, over: 10),
      consumedShare: Fraction(6000, over: 864))
    figures.latency = LatencyFigures(count: 6, p50: 200, p95: 1000, p99: 1000.5, max: 1200)
    figures.incidents = [
      Incident(
        start: try instant("2025-01-10T06:00:00Z"), end: try instant("2025-01-10T06:10:00Z"),
        downMilliseconds: 600_000, ending: .recovered, startedInside: true, isCensored: false,
        cause: cause, firstRevision: Revision(1), lastRevision: Revision(2))
    ]
    figures.incidents[0].lengthMilliseconds = 600_000
    figures.days = [day("2025-01-10", durations, revisions: 1...2)].compactMap { $0 }
    figures.lastState = .up
    figures.lastFactAt = try instant("2025-01-10T06:10:00Z")
    return figures
  }

  static func noData(_ service: String = "silent") throws -> UptimeFigures {
    var durations = StateDurations()
    durations.unknown = 86_400_000
    var figures = try figures(service, durations)
    figures.days = [day("2025-01-10", durations, revisions: nil)].compactMap { $0 }
    figures.lastState = .unknown
    return figures
  }

  /// Every state in one day.
  static func mixed(_ service: String = "mixed") throws -> UptimeFigures {
    var durations = StateDurations()
    durations.up = 43_200_250
    durations.degraded = 14_400_000
    durations.down = 7_199_750
    durations.maintenance = 7_200_000
    durations.unknown = 14_400_000
    var figures = try figures(service, stream: "service-uptime-\(service)", durations)
    figures.days = [day("2025-01-10", durations, revisions: 0...9)].compactMap { $0 }
    figures.maskedDownMilliseconds = 5_400_000
    figures.lastState = .maintenance
    figures.warnings.outOfOrder = 1
    figures.warnings.unknownStatus = 2
    return figures
  }

  static func day(
    _ date: String, _ durations: StateDurations, revisions: ClosedRange<Int64>?
  ) -> DayFigures? {
    guard let date = CivilDate(date) else { return nil }
    let start = Timestamp(microseconds: date.utcDay * Timestamp.microsecondsPerDay)
    return DayFigures(
      date: date, start: start, end: start.adding(seconds: 86_400), durations: durations,
      availability: share(durations.up + durations.degraded, of: durations.measured),
      incidentsStarted: durations.down > 0 ? 1 : 0, revisions: revisions)
  }

  static func report(
    _ services: [UptimeFigures], groups: [UptimeFigures] = [], overall: UptimeFigures? = nil,
    title: String = "Services", _ choose: (inout UptimeOptions) throws -> Void = { _ in }
  ) throws -> UptimeReport {
    var options = UptimeOptions(
      start: try instant("2025-01-10T00:00:00Z"), end: try instant("2025-01-11T00:00:00Z"))
    options.views = ReportZone.utc.views(
      from: options.start, to: options.end, asOf: options.asOf,
      previous: try instant("2025-01-09T00:00:00Z")..<options.start)
    try choose(&options)
    return UptimeReport(
      title: title, zone: .utc, options: options, madeAt: try instant("2025-01-11T02:00:00Z"),
      throughPosition: Position(4711), services: services.map { viewed($0, options) },
      groups: groups.map { viewed($0, options) }, overall: overall.map { viewed($0, options) })
  }

  /// One report in which every section of the page has something to say.
  static func fullReport() throws -> UptimeReport {
    var overall = try oneOutage("all services")
    overall.stream = nil
    overall.warnings.outOfOrder = 1
    overall.warnings.unknownStatus = 2
    let report = try report(
      [try oneOutage(), try noData(), try mixed()], groups: [try oneOutage("shop")],
      overall: overall
    ) { options in
      options.staleAfterSeconds = 90_000
      options.mergeGapSeconds = 60
      options.minIncidentSeconds = 30
      options.sloTarget = Fraction(999, over: 1000)
      options.maintenance = [
        MaintenanceWindow(
          service: "mixed", start: try instant("2025-01-10T01:00:00Z"),
          end: try instant("2025-01-10T03:00:00Z"))
      ]
    }
    return try corrected(report)
  }
}

extension Samples {
  static func activity() throws -> ActivityFigures {
    var figures = ActivityFigures(
      start: try instant("2025-01-06T00:00:00Z"), end: try instant("2025-01-08T00:00:00Z"),
      asOf: try instant("2025-01-08T00:00:00Z"))
    figures.actions = 400
    figures.actors = 40
    figures.bytes = 123_456
    figures.new = 11
    figures.returning = 23
    figures.resurrected = 6
    figures.dormant = 8
    figures.stickiness = Fraction(25, over: 60)
    figures.days = [
      day("2025-01-06", dau: 30, new: 6, returning: 18, resurrected: 6, dormant: 9),
      day("2025-01-07", dau: 25, new: 5, returning: 18, resurrected: 2, dormant: 12),
    ].compactMap { $0 }
    figures.previous = ActivityTotals(
      start: try instant("2025-01-04T00:00:00Z"), end: try instant("2025-01-06T00:00:00Z"))
    figures.previous.actors = 31
    figures.previous.actions = 300
    figures.previous.bytes = 100_000
    figures.previous.sessions = 50
    figures.distribution = ActorDistribution(
      [(1, 9), (2, 8), (7, 7), (9, 6), (30, 10)].flatMap { Array(repeating: $0, count: $1) })
    figures.windows = try windows()
    figures.hours = hours()
    figures.breakdown = [
      breakdown("activity", nil, events: 300, actors: 30),
      breakdown("loans", nil, events: 97, actors: 12),
      breakdown("profile", nil, events: 3, actors: 1),
    ]
    figures.categories = figures.breakdown.map { row in
      var row = row
      row.type = nil
      return row
    }
    figures.topics = [
      breakdown("activity", "reading", events: 200, actors: 25),
      breakdown("activity", "search", events: 100, actors: 20),
      breakdown("loans", "renewal", events: 97, actors: 12),
      breakdown("profile", "address", events: 3, actors: 1),
    ]
    figures.cohorts = [
      RetentionCohort(
        week: try #require(CivilDate("2024-12-23")), size: 3,
        weeks: [.init(active: 3, isComplete: true), .init(active: 1, isComplete: true)]),
      RetentionCohort(
        week: try #require(CivilDate("2024-12-30")), size: 20,
        weeks: [
          .init(active: 20, isComplete: true), .init(active: 13, isComplete: true),
          .init(active: 2, isComplete: false),
        ]),
    ]
    figures.sessions.count = 61
    figures.sessions.lengthP50 = 340
    figures.sessions.lengthP95 = 4120
    figures.sessions.buckets[0].sessions = 21
    figures.sessions.buckets[0].actors = 9
    figures.sessions.buckets[2].sessions = 40
    figures.sessions.buckets[2].actors = 30
    figures.topActors = [.init(actor: "anna-lena", actions: 41)]
    return figures
  }

  static func activityReport(showActors: Bool = false) throws -> ActivityReport {
    ActivityReport(
      title: "Users", figures: try activity(), zone: .utc,
      madeAt: try instant("2025-01-08T02:00:00Z"), throughPosition: Position(99),
      showActors: showActors)
  }

  private static func day(
    _ date: String, dau: Int, new: Int, returning: Int, resurrected: Int, dormant: Int
  ) -> ActivityDay? {
    guard let date = CivilDate(date) else { return nil }
    var day = ActivityDay(date: date)
    day.actions = dau * 7
    day.dau = dau
    day.wau = dau + 20
    day.mau = dau + 35
    day.new = new
    day.returning = returning
    day.resurrected = resurrected
    day.dormant = dormant
    return day
  }

  private static func windows() throws -> [ActivityWindow] {
    try [(7, "2025-01-01", 45), (28, "2024-12-11", 60)].map { length, first, active in
      var window = ActivityWindow(
        length: length, first: try #require(CivilDate(first)),
        last: try #require(CivilDate("2025-01-07")))
      window.active = active
      window.new = 11
      window.resurrected = 8
      window.returning = active - 19
      window.dormant = 9
      return window
    }
  }

  /// Two days, a Monday and a Tuesday.
  private static func hours() -> [ActivityHour] {
    (0..<168).map { number in
      var hour = ActivityHour(weekday: number / 24 + 1, hour: number % 24)
      guard number < 48 else { return hour }
      hour.elapsedSeconds = 3600
      hour.actions = [8: 60, 9: 40, 20: 210, 32: 90][number] ?? 0
      hour.actors = hour.actions / 5
      return hour
    }
  }

  private static func breakdown(
    _ category: String, _ topic: String?, events: Int, actors: Int
  ) -> ActivityBreakdown {
    ActivityBreakdown(
      category: category, type: "UserDataUpdated", topic: topic, events: events, actors: actors,
      bytes: Int64(events) * 100, perActorP50: 2, perActorP95: 8, perActorMax: 9)
  }
}
