import Foundation
import Testing

@testable import Streams

@Suite struct `A date` {
  @Test(arguments: [
    ("1970-01-01", Int64(0), 4), ("1969-12-31", -1, 3), ("2000-02-29", 11_016, 2),
    ("2024-12-30", 20_087, 1), ("2026-01-01", 20_454, 4), ("0000-03-01", -719_468, 3),
    ("9999-12-31", 2_932_896, 5),
  ])
  func `is a number of days, on a weekday`(text: String, day: Int64, weekday: Int) throws {
    let date = try #require(CivilDate(text))
    #expect(date.utcDay == day)
    #expect(date.isoWeekday == weekday)
    #expect(CivilDate(utcDay: day) == date)
    #expect(date.description == text)
  }

  @Test(arguments: [
    "", "2026", "2026-01", "2026-1-01", "2026-01-1", "26-01-01", "2026-00-01", "2026-13-01",
    "2026-01-00", "2026-01-32", "2026-04-31", "2025-02-29", "1900-02-29", "2026-01-01 ",
    "2026-01-01T00:00:00Z", "2026/01/01", "+026-01-01", "2026-+1-01", "2026-01-+1", "-026-01-01",
    "2026--1-01", "２026-01-01", "2026-01-01-01",
  ])
  func `is not read from anything else`(text: String) { #expect(CivilDate(text) == nil) }

  @Test func `agrees with Foundation, day by day, for a century and a half`() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    for day in stride(from: Int64(-36_525), to: 54_788, by: 7) {
      let parts = calendar.dateComponents(
        [.year, .month, .day, .weekday], from: Date(timeIntervalSince1970: Double(day) * 86_400))
      let date = CivilDate(utcDay: day)
      #expect([date.year, date.month, date.day] == [parts.year, parts.month, parts.day])
      #expect(date.isoWeekday == ((parts.weekday ?? 0) + 5) % 7 + 1)
    }
  }

  @Test func `steps through its weekdays`() {
    for day in Int64(-10)...10 {
      let date = CivilDate(utcDay: day)
      #expect(date.adding(days: 7).isoWeekday == date.isoWeekday)
      #expect(date.adding(days: 1).isoWeekday == date.isoWeekday % 7 + 1)
      #expect(date < date.adding(days: 1) && date.adding(days: 1).adding(days: -1) == date)
    }
  }
}
