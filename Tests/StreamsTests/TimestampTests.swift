import Foundation
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

  @Test(arguments: [
    ("2025-01-10t06:00:00z", "2025-01-10T06:00:00Z"),
    ("2025-01-10 06:00:00Z", "2025-01-10T06:00:00Z"),
    ("2025-01-10T06:00:00,5Z", "2025-01-10T06:00:00.500Z"),
    ("2025-01-10T06:00:00+0530", "2025-01-10T00:30:00Z"),
    ("2025-01-10T06:00:00-23:59", "2025-01-11T05:59:00Z"),
    ("2025-01-10T06:00:00.000000999Z", "2025-01-10T06:00:00Z"),
    ("2025-01-10T06:00:60.9Z", "2025-01-10T06:01:00Z"),
    ("1969-12-31T23:00:00-01:00", "1970-01-01T00:00:00Z"),
    ("2200-01-01T00:59:59+01:00", "2199-12-31T23:59:59Z"),
  ])
  func `is read in its other spellings`(text: String, canonical: String) throws {
    #expect(try Timestamp(rfc3339: text).rfc3339 == canonical)
  }

  @Test(arguments: [
    "2025-01-10T06:00Z", "2025-1-10T06:00:00Z", "+2025-01-10T06:00:00Z", "2025-01-10T06:60:00Z",
    "2025-01-10T06:00:61Z", "2025-01-10T06:00:00+24:00", "2025-01-10T06:00:00+01:60",
    "2025-01-10T06:00:00+1", "2025-01-10T06:00:00+01:00Z", "2025-01-10T06:00:00.5.5Z",
    "2025-13-10T06:00:00Z", "2025-00-10T06:00:00Z", "2025-01-00T06:00:00Z",
    "20250110T060000Z", "2025-01-10T06:00:00 Z", "２025-01-10T06:00:00Z", "1736488800",
    " 2025-01-10T06:00:00Z", "2025-01-10T06:00:00\u{0}",
  ])
  func `is refused in others`(text: String) {
    #expect(throws: TimestampError.malformed) { try Timestamp(rfc3339: text) }
  }

  @Test(arguments: [(Int64(-1), Int64(-1)), (0, 0), (86_399_999_999, 0), (86_400_000_000, 1)])
  func `lies in a day`(microseconds: Int64, day: Int64) {
    #expect(Timestamp(microseconds: microseconds).utcDay == day)
  }

  @Test func `agrees with Foundation at random instants and offsets`() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<5000 {
      let second = Int64.random(in: 0..<7_258_118_400, using: &random)
      let millisecond = Int64.random(in: 0..<1000, using: &random)
      let minutes = Int.random(in: -1080...1080, using: &random)
      let zone = try #require(TimeZone(secondsFromGMT: minutes * 60))
      let date = Date(timeIntervalSince1970: Double(second))
      let style = Date.ISO8601FormatStyle(timeZone: zone)
        .year().month().day().time(includingFractionalSeconds: false)
      let sign = minutes < 0 ? "-" : "+"
      let fraction = String(1000 + millisecond).dropFirst()
      let offset = String(10_000 + abs(minutes) / 60 * 100 + abs(minutes) % 60).dropFirst()
      let text =
        date.formatted(style) + ".\(fraction)\(sign)\(offset.prefix(2)):\(offset.suffix(2))"
      let timestamp = try Timestamp(rfc3339: text)
      #expect(timestamp.microseconds == second * 1_000_000 + millisecond * 1000, "\(text)")
      #expect(try Timestamp(rfc3339: timestamp.rfc3339) == timestamp)
      #expect(timestamp.rfc3339.hasPrefix(date.formatted(.iso8601).dropLast()))
    }
  }

  @Test func `never traps on anything`() {
    var random = SystemRandomNumberGenerator()
    let sample = Array("2025-01-10T06:00:00.250+01:00".utf8)
    for _ in 0..<20_000 {
      var bytes = sample
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[at] = UInt8.random(in: .min ... .max, using: &random)
        case 1: bytes.remove(at: at)
        default: bytes.insert(UInt8(ascii: "9"), at: at)
        }
      }
      if let timestamp = try? bytes.withUnsafeBytes({ try Timestamp(rfc3339: $0) }) {
        #expect(timestamp >= .earliest && timestamp < .latest)
      }
    }
  }
}
