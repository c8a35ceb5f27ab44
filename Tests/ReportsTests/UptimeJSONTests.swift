import Analytics
import Foundation
import Reports
import Streams
import Testing

@Suite struct `An uptime report as JSON` {
  /// The text of the member `name` of the first service, as it stands in the document.
  private func service(_ figures: UptimeFigures, decimals: Int = 3) throws -> [String: Any] {
    let json = try Samples.report([figures]) { $0.decimals = decimals }.json()
    let document = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    return try #require((document?["services"] as? [[String: Any]])?.first)
  }

  @Test func `gives every figure in the form of the conformance table`() throws {
    let json = try Samples.report([try Samples.oneOutage()]).json()
    for member in [
      #""service":"api""#, #""stream":"service-uptime-api""#,
      #""start":"2025-01-10T00:00:00Z","end":"2025-01-11T00:00:00Z""#, #""state":"up""#,
      #""lastFactAt":"2025-01-10T06:10:00Z""#, #""elapsedSeconds":86400"#,
      #""seconds":{"up":85800,"down":600,"degraded":0,"maintenance":0,"unknown":0}"#,
      #""measuredSeconds":86400"#, #""maskedDownSeconds":0"#, #""availabilityPct":"99.305""#,
      #""strictPct":"99.305""#, #""lenientPct":"99.305""#, #""coveragePct":"100.000""#,
      #""lowerBoundPct":"99.305","upperBoundPct":"99.305""#,
      #""incidents":{"touching":1,"started":1,"recovered":1,"open":0,"censored":0}"#,
      #""mttrSeconds":600"#, #""mtbfSeconds":85800"#, #""longestDownSeconds":600"#,
      #""errorBudget":{"budgetSeconds":86.4,"consumedSeconds":600,"remainingSeconds":-513.6,"#
        + #""consumedPct":"694.444"}"#,
      #""latencyMs":{"count":6,"p50":200,"p95":1000,"p99":1000.5,"max":1200}"#,
      #""date":"2025-01-10""#, #""daySeconds":86400"#,
      #""warnings":{"outOfOrder":0,"duplicates":0,"conflicts":0,"rejected":0,"clampedSkew":0,"#
        + #""future":0,"unknownStatus":0}"#,
      #""incidentList":[{"id":"service-api-20250110T060000Z","beganAt":"2025-01-10T06:00:00Z","#
        + #""start":"2025-01-10T06:00:00Z","end":"2025-01-10T06:10:00Z","lengthSeconds":600,"#
        + #""downSeconds":600,"maskedDownSeconds":0,"#
        + #""ending":"recovered","censored":false,"startedInside":true,"#
        + #""cause":"HTTP 503","firstRevision":1,"lastRevision":2}]"#,
    ] {
      #expect(json.contains(member), "\(member) is not in \(json)")
    }
  }

  @Test func `says null where there is nothing to divide by`() throws {
    let service = try service(try Samples.noData())
    for name in [
      "availabilityPct", "strictPct", "lenientPct", "mttrSeconds", "mtbfSeconds",
      "longestDownSeconds", "errorBudget", "latencyMs", "stream", "lastFactAt",
    ] {
      #expect(service[name] is NSNull, "\(name)")
    }
    #expect(service["coveragePct"] as? String == "0.000")
    #expect(service["lowerBoundPct"] as? String == "0.000")
    #expect(service["upperBoundPct"] as? String == "100.000")
  }

  @Test func `cuts seconds at the millisecond and drops the zeros behind`() throws {
    var figures = try Samples.mixed()
    figures.mttr = Fraction(2, over: 3)
    figures.mtbf = Fraction(75, over: 100)
    let json = try Samples.report([figures]).json()
    #expect(json.contains(#""up":43200.25,"down":7199.75"#))
    #expect(json.contains(#""mttrSeconds":0.666,"mtbfSeconds":0.75"#))
  }

  @Test(arguments: [
    (-1, "99"), (0, "99"), (1, "99.9"), (3, "99.999"), (9, "99.999961419"), (99, "99.999961419"),
  ])
  func `cuts and never rounds a percentage`(decimals: Int, text: String) throws {
    var durations = StateDurations()
    durations.up = 2_591_999_000
    durations.down = 1_000
    let service = try service(try Samples.figures("api", durations), decimals: decimals)
    #expect(service["availabilityPct"] as? String == text)
  }

  @Test func `names its zone, position and choices`() throws {
    let json = try Samples.fullReport().json()
    for member in [
      #""zone":"UTC""#, #""throughPosition":4711"#, #""madeAt":"2025-01-11T02:00:00Z""#,
      #""staleAfterSeconds":90000"#, #""sloTargetPct":"99.9""#, #""degradedWeight":"0""#,
    ] {
      #expect(json.contains(member), "\(member)")
    }
  }

  @Test func `publishes the head of the archive's chain in every form`() throws {
    let templates = try `The report templates`.load()
    var report = try Samples.fullReport()
    #expect(report.json().contains(#""archiveHead":null"#))
    #expect(!report.text().contains("Archive chain head"))
    #expect(try !report.html(templates).contains("Archive chain head"))
    report.archiveHead = "12:9f86d081"
    #expect(report.json().contains(#""archiveHead":"12:9f86d081""#))
    #expect(report.text().contains(" Archive chain head 12:9f86d081\n"))
    #expect(try report.html(templates).contains("Archive chain head 12:9f86d081</p>"))
  }

  @Test func `sums up the warnings of its services`() throws {
    let json = try Samples.report([try Samples.mixed("a"), try Samples.mixed("b")]).json()
    #expect(json.contains(#""outOfOrder":2"#))
    #expect(json.contains(#""unknownStatus":4"#))
  }

  @Test func `is the same bytes every time`() throws {
    #expect(try Samples.fullReport().json() == (try Samples.fullReport().json()))
  }

  @Test func `survives hostile names`() throws {
    let name = "a\"b\\c\u{1}\n</script>\u{2028}😀"
    let service = try service(try Samples.oneOutage(name, cause: name))
    #expect(service["service"] as? String == name)
    let incidents = service["incidentList"] as? [[String: Any]]
    #expect(incidents?.first?["cause"] as? String == name)
  }
}
