import Analytics
import Foundation
import Reports
import Streams
import Testing

@Suite struct `A period of the calendar` {
  @Test(arguments: [
    ("2026-10-05", "2026-10-05", "2026-10-06"), ("2026-10", "2026-10-01", "2026-11-01"),
    ("2024-02", "2024-02-01", "2024-03-01"), ("2026-12", "2026-12-01", "2027-01-01"),
    ("2026-Q1", "2026-01-01", "2026-04-01"), ("2026-Q4", "2026-10-01", "2027-01-01"),
    ("2026", "2026-01-01", "2027-01-01"), ("2026-W41", "2026-10-05", "2026-10-12"),
    // Weeks that lie in two years, and a year of 53.
    ("2026-W01", "2025-12-29", "2026-01-05"), ("2026-W53", "2026-12-28", "2027-01-04"),
    ("2021-W01", "2021-01-04", "2021-01-11"),
  ])
  func `has a name and days`(name: String, first: String, end: String) throws {
    let period = try #require(ReportPeriod(name))
    #expect(period.first == CivilDate(first))
    #expect(period.end == CivilDate(end))
    #expect(period.description == name)
  }

  @Test(arguments: [
    "", "26", "2026-", "2026-1", "2026-13", "2026-00", "2026-Q0", "2026-Q5", "2026-Q01", "2026-W00",
    "2026-W54", "2025-W53", "2026-W1", "2026-02-30", "2026-10-5", "+026", "２０２６", "month",
    "2026-w41", "2026-10-05-01",
  ])
  func `is refused when there is none`(name: String) {
    #expect(ReportPeriod(name) == nil)
  }

  @Test(arguments: [
    ("2026-10-05", "2026-10-04"), ("2026-W01", "2025-W52"), ("2027-W01", "2026-W53"),
    ("2026-01", "2025-12"), ("2026-03", "2026-02"), ("2026-Q1", "2025-Q4"), ("2026", "2025"),
  ])
  func `follows the one before`(name: String, before: String) throws {
    let period = try #require(ReportPeriod(name))
    #expect(period.previous.description == before)
    #expect(period.previous.end == period.first)
    #expect(ReportPeriod.last(period.unit, before: period.first) == period.previous)
    #expect(ReportPeriod.last(period.unit, before: period.last) == period.previous)
    #expect(ReportPeriod.last(period.unit, before: period.end) == period)
  }

  /// Foundation's ISO 8601 calendar as the reference.
  @Test func `of each date in sixty years is that of another calendar`() throws {
    var calendar = Calendar(identifier: .iso8601)
    calendar.timeZone = .gmt
    let first = try #require(CivilDate("1990-01-01"))
    for day in Int64(0)..<21_900 {
      let date = first.adding(days: day)
      let instant = Date(timeIntervalSince1970: Double(date.utcDay) * 86_400)
      let parts = calendar.dateComponents(
        [.year, .month, .quarter, .yearForWeekOfYear, .weekOfYear], from: instant)
      let (year, month) = (try #require(parts.year), try #require(parts.month))
      let week = try #require(parts.weekOfYear)
      let weekYear = try #require(parts.yearForWeekOfYear)
      let expected = [
        "\(date)", "\(weekYear)-W\(week < 10 ? "0" : "")\(week)",
        "\(year)-\(month < 10 ? "0" : "")\(month)", "\(year)-Q\((month + 2) / 3)", "\(year)",
      ]
      let found = ReportPeriod.Unit.allCases.map { ReportPeriod($0, containing: date) }
      guard found.map(\.description) == expected else {
        Issue.record("\(date): \(found.map(\.description)), not \(expected)")
        return
      }
      for period in found where ReportPeriod(period.description) != period {
        Issue.record("\(period) does not read back")
      }
    }
  }
}

@Suite struct `The bars and steps of a report` {
  static let zones = [
    "UTC", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia",
    "America/St_Johns",
  ]

  @Test(arguments: zones)
  func `make up the period, and the days and months that end with it`(name: String) throws {
    let zone = try ReportZone(name)
    for _ in 0..<60 {
      let start = Timestamp(
        microseconds: Int64.random(in: 900_000_000...1_700_000_000) * 1_000_000)
      let hours = Int64.random(in: 1...(Bool.random() ? 49 : 40_000))
      let end = start.adding(seconds: hours * 3600)
      let views = zone.views(from: start, to: end, asOf: end, previous: nil)
      #expect(views.steps.first?.start == start, "\(start)")
      #expect(views.steps.last?.end == end, "\(start)")
      for spans in [views.steps, views.days, views.months, views.hours] {
        #expect(zip(spans, spans.dropFirst()).allSatisfy { $0.end == $1.start })
        #expect(spans.allSatisfy { $0.start < $0.end })
      }
      #expect(views.steps.count <= 110)
      #expect(views.months.count == 12)
      // Apia skipped a day.
      #expect((89...90).contains(views.days.count))
      let last = Timestamp(microseconds: end.microseconds - 1)
      for spans in [views.days, views.months] {
        #expect(spans.last.map { $0.start <= last && last < $0.end } == true)
      }
      #expect(views.hours.isEmpty == (hours > 50))
    }
  }

  @Test(arguments: [
    ("2026-10-25", UptimeViews.Step.hour, 25), ("2026-10", .day, 31), ("2026-Q3", .day, 92),
    ("2026", .week, 53),
  ])
  func `are of a length that fits`(name: String, step: UptimeViews.Step, count: Int) throws {
    let zone = try ReportZone("Europe/Berlin")
    let period = try #require(ReportPeriod(name))
    let end = zone.startOfDay(period.end)
    let views = zone.views(
      from: zone.startOfDay(period.first), to: end, asOf: end, previous: nil)
    #expect(views.step == step)
    #expect(views.steps.count == count)
  }

  @Test func `end with what is known of a running period`() throws {
    let views = ReportZone.utc.views(
      from: try Samples.instant("2026-01-01T00:00:00Z"),
      to: try Samples.instant("2027-01-01T00:00:00Z"),
      asOf: try Samples.instant("2026-06-10T12:00:00Z"), previous: nil)
    #expect(views.days.last?.name == "2026-06-10")
    #expect(views.months.last?.name == "2026-06")
    #expect(views.steps.last?.name == "2026-W53")
  }
}
