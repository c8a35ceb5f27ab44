import EventStore
import Foundation
import Ingest
import Streams
import Testing

@Suite struct `The time of an imported record` {
  /// The time that `text` is read as, or why it is refused.
  private func read(
    _ text: String, _ format: String? = nil, zone: String? = nil
  ) async throws -> String {
    let scratch = try Scratch()
    let store = try scratch.store()
    let times = try TimeReading(format, zone: try zone.map { try WallClock.clock($0) })
    let map = try FieldMap(["user=u,timestamp=t"], times: times)
    let path = try scratch.file("f.csv", "t;u\n\(text);a\n")
    do {
      _ = try await load(
        path, into: store, importing: .csv(CSVLayout(delimiter: UInt8(ascii: ";")), map))
    } catch IngestError.mapping(.nothingFits(_, _, let first)) {
      return first.reason
    }
    return try events(of: "user-a-activity", in: store).map { $0.timestamp.rfc3339 }.joined()
  }

  @Test(arguments: [
    ("2026-01-31T08:30:00.250+01:00", "2026-01-31T07:30:00.250Z"),
    ("2026-01-31t08:30:00z", "2026-01-31T08:30:00Z"),
    ("2026-01-31 08:30:00.123456789 +0000 UTC m=+0.5", "2026-01-31T08:30:00.123456Z"),
    ("2026-01-31 08:30:00 -0330 NST", "2026-01-31T12:00:00Z"),
    ("2026-01-31 08:30:00 UTC", "2026-01-31T08:30:00Z"),
    ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
    ("10/Oct/2000:13:55:36 -0700", "2000-10-10T20:55:36Z"),
    ("1767225600", "2026-01-01T00:00:00Z"), ("1767225600.25", "2026-01-01T00:00:00.250Z"),
    ("1767225600123", "2026-01-01T00:00:00.123Z"),
    ("1767225600123456", "2026-01-01T00:00:00.123456Z"),
    ("1767225600123456789", "2026-01-01T00:00:00.123456Z"),
  ])
  func `is told by its looks`(text: String, expected: String) async throws {
    #expect(try await read(text) == expected)
  }

  @Test(arguments: [
    ("epoch", "0", "1970-01-01T00:00:00Z"), ("epoch", "7.5", "1970-01-01T00:00:07.500Z"),
    ("epoch-ms", "1767225600123.5", "2026-01-01T00:00:00.123500Z"),
    ("epoch-us", "1767225600123456", "2026-01-01T00:00:00.123456Z"),
    ("%d.%m.%Y %H:%M:%S.%f %z", "31.01.2026 08:30:00.2501239 +0100", "2026-01-31T07:30:00.250123Z"),
    ("%D %I:%M %p %z", "01/31/26 12:05 am Z", "2026-01-31T00:05:00Z"),
    ("%e %B %Y, %R%z", " 3 march 2026, 08:30-03:30", "2026-03-03T12:00:00Z"),
    ("%b %d %y 100%% %T %z", "Feb 29 24 100% 23:59:59 +0000", "2024-02-29T23:59:59Z"),
    ("%Y-%j %H:%M %z", "2024-366 00:00 +0000", "2024-12-31T00:00:00Z"),
  ])
  func `is read by the format given`(
    format: String, text: String, expected: String
  ) async throws {
    #expect(try await read(text, format) == expected)
  }

  @Test(arguments: [
    ("Europe/Berlin", "2026-01-01 01:00:00.5", "2026-01-01T00:00:00.500Z"),
    ("Europe/Berlin", "2026-07-01T01:00:00", "2026-06-30T23:00:00Z"),
    // Shown twice: the first. Never shown: refused.
    ("Europe/Berlin", "2026-10-25 02:00:00", "2026-10-25T00:00:00Z"),
    ("Europe/Berlin", "2026-10-25 02:59:59.999", "2026-10-25T00:59:59.999Z"),
    ("Europe/Berlin", "2026-10-25 03:00:00", "2026-10-25T02:00:00Z"),
    ("Europe/Berlin", "2026-03-29 01:59:59", "2026-03-29T00:59:59Z"),
    (
      "Europe/Berlin", "2026-03-29 02:00:00",
      "was never shown by a clock in Europe/Berlin: it went forward then"
    ),
    (
      "Europe/Berlin", "2026-03-29 02:59:59",
      "was never shown by a clock in Europe/Berlin: it went forward then"
    ),
    ("Europe/Berlin", "2026-03-29 03:00:00", "2026-03-29T01:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-05 01:45:00", "2026-04-04T14:45:00Z"),
    (
      "Pacific/Apia", "2011-12-30 12:00:00",
      "was never shown by a clock in Pacific/Apia: it went forward then"
    ),
    ("Asia/Kathmandu", "2026-01-01 05:45:00", "2026-01-01T00:00:00Z"),
    ("Europe/Berlin", "2026-01-01 01:00:00 +0000", "2026-01-01T01:00:00Z"),
  ])
  func `without a zone is what clocks showed there`(
    zone: String, text: String, expected: String
  ) async throws {
    #expect(try await read(text, zone: zone) == expected)
  }

  @Test(arguments: [
    "", "tomorrow", "2026-02-29T00:00:00Z", "2026-01-01", "12", "20260131", "20260131083000",
    "-1767225600", "1767225600.", ".5", "1.2.3", "1e9", "2026-01-01T25:00:00Z",
    "32/Oct/2000:13:55:36 -0700", "10/Okt/2000:13:55:36 -0700", "2026-01-01T00:00:00Z x y",
    "9999999999999999999", "2300-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "\u{0}",
  ])
  func `that may be anything is refused`(text: String) async throws {
    let reason = try await read(text)
    #expect(!reason.contains("T") || reason.contains(" "), "\(reason)")
    #expect(!reason.isEmpty)
  }

  @Test(arguments: [
    ("31.02.2026", "%d.%m.%Y"), ("1.1.2026 ", "%d.%m.%Y x"), ("01/2026", "%d/%m/%Y"),
    ("13:00 PM 2026-01-01", "%I:%M %p %F"), ("2023-366", "%Y-%j"),
    ("99999999999999999999", "epoch"),
    ("x", "epoch-ms"),
  ])
  func `that does not fit the format is refused`(text: String, format: String) async throws {
    #expect(try await read(text, format, zone: "UTC").contains(" "))
  }

  @Test(arguments: ["%Q", "%", "%H:%M", "%Y", "nonsense", "%m-%d"])
  func `can't have a format like this`(format: String) {
    #expect(throws: MappingError.timeFormat(format)) { try TimeReading(format, zone: nil) }
  }
}
