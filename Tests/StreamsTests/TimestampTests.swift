import Testing

@testable import Streams

@Suite struct `A timestamp` {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0),
    ("2025-01-10T06:00:00.250Z", 1_736_488_800_250_000),
    ("2025-01-10T07:00:00+01:00", 1_736_488_800_000_000),
    ("2025-01-10T01:10:00-05:00", 1_736_489_400_000_000),
    ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
    ("2024-02-29T12:00:00.1234567Z", 1_709_208_000_123_456),
  ])
  func `is read to the microsecond, whatever its offset`(text: String, microseconds: Int64) throws {
    #expect(try Timestamp(rfc3339: text).microseconds == microseconds)
  }

  @Test(arguments: [
    ("2025-01-10T03:00:00", TimestampError.missingZone),
    ("9999-12-31T23:59:59Z", .outOfRange),
    ("1969-12-31T23:59:59Z", .outOfRange),
    ("2200-01-01T00:00:00Z", .outOfRange),
    ("2025-02-29T00:00:00Z", .malformed),
    ("2025-01-10", .malformed),
    ("", .malformed),
    ("2025-01-10T24:00:00Z", .malformed),
    ("2025-01-10T03:00:00.Z", .malformed),
    ("2025-01-10T03:00:00Zx", .malformed),
    ("yesterday", .malformed),
  ])
  func `is refused with its reason`(text: String, error: TimestampError) {
    #expect(throws: error) { try Timestamp(rfc3339: text) }
  }

  @Test(arguments: [
    "1970-01-01T00:00:00Z", "2024-05-29T16:27:10.099Z", "2024-05-29T16:27:10.101204Z",
    "2199-12-31T23:59:59.999999Z",
  ])
  func `is written with as many digits as it needs`(text: String) throws {
    #expect(try Timestamp(rfc3339: text).rfc3339 == text)
  }

  @Test func `survives a round trip on every day of four centuries`() throws {
    for day in stride(from: Int64(0), to: 84_000, by: 1) {
      let date = CivilDate(utcDay: day)
      #expect(date.utcDay == day)
      #expect(CivilDate(date.description) == date)
    }
  }
}
