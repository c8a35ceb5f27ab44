import Analytics
import Reports
import Streams
import Testing

@Suite struct `A report's zone` {
  @Test(arguments: [
    // The clock goes forward, back.
    ("Europe/Berlin", "2025-03-30", "2025-03-29T23:00:00Z", "2025-03-30T22:00:00Z"),
    ("Europe/Berlin", "2025-10-26", "2025-10-25T22:00:00Z", "2025-10-26T23:00:00Z"),
    ("America/New_York", "2025-03-09", "2025-03-09T05:00:00Z", "2025-03-10T04:00:00Z"),
    ("America/New_York", "2025-11-02", "2025-11-02T04:00:00Z", "2025-11-03T05:00:00Z"),
    // No midnight: the first instant shows 01:00.
    ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"),
    // Back over midnight at 00:01: the new day has begun, the repeated evening is part of it.
    ("America/St_Johns", "2006-10-28", "2006-10-28T02:30:00Z", "2006-10-29T02:30:00Z"),
    ("America/St_Johns", "2006-10-29", "2006-10-29T02:30:00Z", "2006-10-30T03:30:00Z"),
    // The day before and after the one that Apia skipped.
    ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"),
    ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"),
    ("Asia/Kathmandu", "2025-01-10", "2025-01-09T18:15:00Z", "2025-01-10T18:15:00Z"),
    ("UTC", "2025-01-10", "2025-01-10T00:00:00Z", "2025-01-11T00:00:00Z"),
  ])
  func `knows when a local day starts and ends`(
    zone: String, date: String, start: String, end: String
  ) throws {
    let date = try #require(CivilDate(date))
    let days = try ReportZone(zone).localDays(from: date, to: date.adding(days: 1))
    #expect(days.map(\.date) == [date])
    #expect(days.map(\.start.rfc3339) == [start])
    #expect(days.map(\.end.rfc3339) == [end])
  }

  @Test func `leaves out a date that did not happen`() throws {
    let first = try #require(CivilDate("2011-12-29"))
    let days = try ReportZone("Pacific/Apia").localDays(from: first, to: first.adding(days: 3))
    #expect(days.map(\.date.description) == ["2011-12-29", "2011-12-31"])
  }

  @Test(arguments: [
    "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "America/St_Johns", "Pacific/Apia",
    "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Gaza", "UTC",
  ])
  func `leaves neither a gap nor an overlap in sixty years`(zone: String) throws {
    let first = try #require(CivilDate("1980-01-01"))
    let days = try ReportZone(zone).localDays(from: first, to: first.adding(days: 21_900))
    #expect(zip(days, days.dropFirst()).allSatisfy { $0.end == $1.start })
    let halfHours = Set(days.map { ($0.end.microseconds - $0.start.microseconds) / 1_800_000_000 })
    // Lord Howe moves by half an hour; St. John's moved by two in 1988.
    #expect(halfHours.isSubset(of: [44, 46, 47, 48, 49, 50, 52]))
  }

  @Test func `has no day when the range is empty`() throws {
    let date = try #require(CivilDate("2025-01-10"))
    #expect(ReportZone.utc.localDays(from: date, to: date).isEmpty)
    #expect(ReportZone.utc.localDays(from: date, to: date.adding(days: -1)).isEmpty)
  }

  @Test(arguments: [
    ("Europe/Berlin", "2025-01-09T23:00:00Z", "2025-01-10"),
    ("Europe/Berlin", "2025-01-09T22:59:59.999Z", "2025-01-09"),
    ("America/New_York", "2025-01-10T04:30:00Z", "2025-01-09"),
    ("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31"),
    ("Asia/Kathmandu", "2025-01-09T18:15:00Z", "2025-01-10"),
    ("UTC", "1970-01-01T00:00:00Z", "1970-01-01"),
  ])
  func `tells the local date of an instant`(zone: String, instant: String, date: String) throws {
    #expect(
      try ReportZone(zone).localDate(of: Timestamp(rfc3339: instant)).description == date)
  }

  @Test(arguments: [
    ("Europe/Berlin", "2025-01-10T05:00:00Z", "2025-01-10 06:00 CET"),
    ("Europe/Berlin", "2025-07-10T05:00:30Z", "2025-07-10 07:00:30 CEST"),
    ("Europe/Berlin", "2025-07-10T05:00:00.250Z", "2025-07-10 07:00:00.250 CEST"),
    ("America/New_York", "2025-01-10T05:00:00Z", "2025-01-10 00:00 EST"),
    ("America/Sao_Paulo", "2018-11-04T03:00:00Z", "2018-11-04 01:00 UTC-02:00"),
    ("Asia/Kathmandu", "2025-01-09T18:15:00Z", "2025-01-10 00:00 UTC+05:45"),
    ("UTC", "2025-01-10T06:00:00Z", "2025-01-10 06:00 UTC"),
  ])
  func `writes an instant as its clock shows it`(
    zone: String, instant: String, text: String
  ) throws {
    #expect(try ReportZone(zone).text(Timestamp(rfc3339: instant)) == text)
  }

  @Test(arguments: ["", "Europe/Nowhere", "europe/berlin", "PST", "+02:00", "../../etc/passwd"])
  func `is refused when no database holds its name`(name: String) {
    let error = #expect(throws: ReportZoneError.self) { try ReportZone(name) }
    #expect(error?.code == .invalidOption)
  }
}
