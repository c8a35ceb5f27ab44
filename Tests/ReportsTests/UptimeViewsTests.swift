import Analytics
import Foundation
import Streams
import Testing

@testable import Reports

@Suite struct `An uptime report` {
  private func figures(up: Int64, down: Int64, unknown: Int64 = 0) throws -> UptimeFigures {
    var durations = StateDurations()
    (durations.up, durations.down, durations.unknown) = (up, down, unknown)
    return try Samples.figures("api", durations)
  }

  @Test(arguments: [
    // Exactly the target is met.
    (999, 1, 0, "met"), (998, 2, 0, "missed"),
    // Of 1000 to judge, 1 may be down.
    (999, 0, 1, "met"), (998, 1, 1, "undecided"), (997, 2, 1, "missed"),
    (0, 0, 1000, "noData"), (0, 0, 0, "noData"),
  ])
  func `decides on a promise only where the unknown can't change it`(
    up: Int64, down: Int64, unknown: Int64, verdict: String
  ) throws {
    let figures = try figures(up: up, down: down, unknown: unknown)
    #expect(SLAVerdict(figures, target: Fraction(999, over: 1000))?.rawValue == verdict)
    #expect(SLAVerdict(figures, target: nil) == nil)
  }

  @Test func `says so far of a period that is not over`() throws {
    var report = try Samples.report([try figures(up: 86_400_000, down: 0)]) {
      $0.sloTarget = Fraction(999, over: 1000)
    }
    #expect(report.text().contains("Target 99.9 %: met. 100.000 % available, coverage 100.000 %."))
    report.options.asOf = report.options.end.adding(seconds: -1)
    #expect(report.text().contains("Target 99.9 %: met so far."))
    #expect(report.json().contains(#""sla":{"verdict":"met","final":false}"#))
  }

  @Test func `compares exactly, and then cuts`() throws {
    var now = try figures(up: 86_400_000, down: 0)
    now.availability = Fraction(2, over: 3)
    var before = PreviousFigures(
      start: now.start, end: now.end, durations: now.durations)
    before.availability = Fraction(1, over: 3)
    before.coverage = .one
    now.views.previous = before
    let change = try #require(PeriodChange(now))
    // 66.666 − 33.333 would be the same here, but 33.333 − 66.666 is cut toward zero as well.
    #expect(change.availability?.percent(decimals: 3) == "33.333")
    before.availability = Fraction(66_667, over: 100_000)
    now.views.previous = before
    #expect(PeriodChange(now)?.availability?.percent(decimals: 3) == "0.000")
    #expect(PeriodChange(now)?.availability?.percent(decimals: 6) == "-0.000333")
    #expect(change.mttr == nil)
  }

  @Test func `compares nothing with nothing`() throws {
    var known = try figures(up: 86_400_000, down: 0)
    known.views.previous = PreviousFigures(
      start: known.start, end: known.end, durations: StateDurations())
    let change = try #require(PeriodChange(known))
    #expect(change.availability == nil)
    #expect(change.downMilliseconds == nil)
    #expect(change.incidents == nil)
    known.views.previous = nil
    #expect(PeriodChange(known) == nil)
    let json = try Samples.report([try Samples.noData()]).json()
    #expect(json.contains(#""availabilityPoints":null"#))
  }

  @Test(arguments: [
    ("api", "service-api"), ("api-2", "service-api-2"),
  ])
  func `anchors a plain name as it is`(name: String, anchor: String) {
    #expect(ReportAnchor.entry(.service, name: name) == anchor)
  }

  @Test func `anchors any names apart, and without a space`() {
    let names =
      Samples.hostileNames + [
        "", " ", "API", "api", "api-", "-api", "a pi", "a_pi", "ａｐｉ", "مرحبا", "😀",
        String(repeating: "x", count: 255), String(repeating: "x", count: 254) + "y",
      ]
    let anchors = names.map { ReportAnchor.entry(.service, name: $0) }
    #expect(Set(anchors).count == names.count)
    #expect(anchors.allSatisfy { $0.utf8.count <= 80 && !$0.contains(" ") })
    #expect(ReportAnchor.entry(.group, name: "api") != ReportAnchor.entry(.service, name: "api"))
  }

  @Test func `anchors an incident by when it began, whatever the period`() throws {
    var incident = try #require(try Samples.oneOutage().incidents.first)
    incident.start = try Samples.instant("2025-01-10T06:05:00Z")
    #expect(
      ReportAnchor.incident(incident, of: "service-api") == "service-api-20250110T060000Z")
  }

  @Test func `has a command for the events of an incident`() throws {
    let html = try Samples.report([try Samples.oneOutage()]).html(`The report templates`.load())
    #expect(html.contains("<code>rookery read service-uptime-api --from 1 --limit 2</code>"))
    #expect(html.contains("id=\"service-api-20250110T060000Z\""))
  }

  @Test func `has every figure beside the period in its tables`() throws {
    let report = try Samples.fullReport()
    #expect(
      report.barsCSV().contains(
        "service,api,service-uptime-api,day,2025-01-10,2025-01-10T00:00:00Z,2025-01-11T00:00:00Z,"
          + "86400,85800,600,0,0,0,0,99.305,100.000,1,1,2\r\n"))
    #expect(
      report.stepsCSV().contains(
        "service,api,service-uptime-api,hour,2025-01-10 00:00 UTC,2025-01-10T00:00:00Z,"
          + "2025-01-10T01:00:00Z,86400,85800,600,0,0,0,0,99.305,100.000,1,,,6,200,1000,1000.5,1200,"
          + "600,-513.6\r\n"))
    #expect(
      report.comparisonCSV().contains(
        "service,api,service-uptime-api,missed,2025-01-09T00:00:00Z,2025-01-10T00:00:00Z,99.305,"
          + "99.652,-0.347,100.000,100.000,0.000,600,300,300,1,2,-1,600,150,450,694.444,,\r\n"))
  }

  @Test func `has every figure beside the period in its JSON`() throws {
    let json = try Samples.fullReport().json()
    for member in [
      #""sla":{"verdict":"missed","final":true}"#, #""step":"hour""#,
      #""burnDown":{"allowanceSeconds":86.4,"exhaustedAt":"2025-01-10T06:01:26Z","#
        + #""outlook":"over","projectedExhaustionAt":null,"doubt":null}"#,
      #""previous":{"start":"2025-01-09T00:00:00Z","end":"2025-01-10T00:00:00Z","#
        + #""elapsedSeconds":86400"#,
      #""change":{"availabilityPoints":"-0.347","coveragePoints":"0.000","downSeconds":300,"#
        + #""incidentsTouching":-1,"mttrSeconds":450,"budgetConsumedPoints":null}"#,
      #""latencyMs":{"count":6,"p50":200,"p95":1000,"p99":1000.5,"max":1200},"#
        + #""budgetConsumedSeconds":600,"budgetRemainingSeconds":-513.6}"#,
      #"{"name":"2025-01-10","start":"2025-01-10T00:00:00Z","end":"2025-01-11T00:00:00Z","#
        + #""elapsedSeconds":86400"#,
    ] {
      #expect(json.contains(member), "\(member)")
    }
  }

  @Test func `shows a bar that was up throughout with its neighbours, and each other by itself`()
    throws
  {
    var figures = try Samples.oneOutage()
    var good = StateDurations()
    good.up = 86_400_000
    figures.days =
      [
        Samples.day("2025-01-07", good, revisions: 0...4),
        Samples.day("2025-01-08", good, revisions: nil),
        Samples.day("2025-01-09", good, revisions: 5...6),
      ].compactMap(\.self) + figures.days
    let page = UptimePage(try Samples.report([figures]), style: "")
    let rows = try #require(page.details.first?.barRows.first { $0.noun == "day" }?.rows.suffix(2))
    #expect(rows.map(\.name) == ["2025-01-07 to 2025-01-09", "2025-01-10"])
    #expect(rows.map(\.events) == ["revisions 0 to 6", "revisions 1 to 2"])
    #expect(rows.map(\.coverage) == ["100.000\u{A0}%", "100.000\u{A0}%"])
  }

  @Test func `bounds what a page holds and says what it left out`() throws {
    var services = try (0..<12).map { try Samples.oneOutage("service-\($0)") }
    services[3].incidents = Array(repeating: services[3].incidents[0], count: 7)
    services[3].availability = .zero
    var report = try Samples.report(services)
    report.details = ["service-9"]
    let limits = UptimePageLimits(
      details: 2, rowsWithBars: 3, rows: 8, incidentsInDetail: 5, incidents: 6)
    let page = UptimePage(report, style: "", limits: limits)
    #expect(page.details.map(\.name) == ["service-3", "service-0", "service-9"])
    #expect(page.details.map { $0.incidentTables[0].incidents.count } == [5, 1, 0])
    #expect(page.details[0].incidentTables[0].hidden[0].hasPrefix("2\u{A0}more incidents"))
    #expect(page.detailsNotes[0].contains("9\u{A0}more entries"))
    let table = page.tables[0]
    #expect(table.rows.count == 3)
    #expect(table.rests[0].rows.count == 5)
    #expect(table.rests[0].hidden == ["4 more are in the JSON and CSV of this report."])
    let linked = (table.rows + table.rests[0].rows).flatMap(\.links)
    #expect(linked == ["service-service-3", "service-service-0"])
  }

  @Test func `draws a chart of whatever numbers there are`() {
    for values in [[0.0], [1e300], [0, 1e-9], [0.001, 99_999_999]] {
      let steps = values.map { LatencyFigures(count: 1, p50: $0, p95: $0, p99: $0, max: $0) }
      let svg = ResponseChart(steps + [nil]).svg(label: "<x>", summary: "y")
      #expect(!svg.contains("nan") && !svg.contains("inf") && !svg.contains("<x>"))
    }
    let flat = BurnDownChart(allowance: .zero, remaining: [.zero], steps: 1)
    #expect(flat.svg(label: "l", summary: "s").contains("d=\"M0 100L10 100\""))
    let line = BurnDownChart(
      allowance: Fraction(3), remaining: [Fraction(2), Fraction(-1)], steps: 4)
    #expect(line.svg(label: "l", summary: "s").contains("d=\"M0 0L10 25L20 100\""))
    #expect(line.svg(label: "l", summary: "s").contains("d=\"M0 75h40\""))
  }
}
