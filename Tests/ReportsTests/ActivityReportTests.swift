import Analytics
import Foundation
import Streams
import Testing

@testable import Reports

@Suite struct `An activity report` {
  private func forms(_ report: ActivityReport) throws -> [String] {
    [
      report.json(), report.text(), report.markdown(),
      ActivityTable.allCases.map(report.csv).joined(),
      try report.html(`The report templates`.load()),
    ]
  }

  @Test func `gives the same figures in every form`() throws {
    let report = try Samples.activityReport()
    let json = report.json()
    for member in [
      #""actors":40,"actions":400,"bytes":123456,"new":10,"returning":24,"resurrected":6,"#
        + #""dormant":7,"stickinessPct":"41.666""#,
      #""sessions":{"count":61,"lengthP50Seconds":340,"lengthP95Seconds":4120,"#,
      #""perActor":{"p50":7,"p95":30,"max":41,"histogram":[{"fromActions":1,"toActions":1,"#
        + #""actors":9},"#,
      #""previous":{"start":"2025-01-04T00:00:00Z","end":"2025-01-06T00:00:00Z","actors":31,"#
        + #""actions":300,"bytes":100000,"sessions":50}"#,
      #"{"days":7,"first":"2025-01-01","last":"2025-01-07","active":45,"new":11,"returning":26,"#
        + #""resurrected":8,"dormant":9,"complete":true}"#,
      #"{"weekday":1,"hour":8,"actions":60,"actors":12,"elapsedSeconds":3600}"#,
      #"{"weekday":7,"hour":8,"actions":null,"actors":null,"elapsedSeconds":0}"#,
      #"{"date":"2025-01-06","actions":210,"dau":30,"wau":50,"mau":65,"new":6,"returning":18,"#
        + #""resurrected":6,"dormant":9,"stickinessPct":"46.153","complete":true}"#,
      #"{"active":13,"sharePct":"65.000","complete":true}"#,
      #""throughPosition":99"#, #""zone":"UTC""#, #""topActors":null"#,
    ] {
      #expect(json.contains(member), "\(member) is not in \(json)")
    }
    #expect(report.csv(.days).contains("2025-01-06,210,30,50,65,6,18,6,9,46.153,true\r\n"))
    #expect(report.csv(.cohorts).contains("2024-12-30,20,1,13,65.000,true\r\n"))
    #expect(report.text().contains("2025-01-06      210   30   50   65       6         18"))
    #expect(report.text().contains("65.0 %"))
  }

  @Test func `hides what fewer than five people did, in every form`() throws {
    let report = try Samples.activityReport()
    #expect(report.json().contains(#"{"active":"<5","sharePct":"hidden","complete":false}"#))
    #expect(report.json().contains(#""week":"2025-01-06","size":"<5""#))
    #expect(
      report.csv(.breakdown).contains(
        "type,profile,UserDataUpdated,,hidden,<5,hidden,hidden,hidden,hidden\r\n"))
    for form in try forms(report) { #expect(!form.contains("anna-lena")) }
  }

  @Test func `withholds a second number where subtraction would show the first`() throws {
    let report = try Samples.activityReport()
    // Two of 25 were resurrected that day: the smallest other part goes too.
    #expect(
      report.json().contains(#""new":"hidden","returning":18,"resurrected":"<5","dormant":9"#))
    // Of three kinds only `profile` has too few people; 400 - 300 - 97 would give its events.
    #expect(
      report.csv(.breakdown).contains(
        "type,loans,UserDataUpdated,,hidden,hidden,hidden,hidden,hidden,hidden\r\n"))
    // The one topic of `loans` is all of it.
    #expect(report.csv(.breakdown).contains("topic,loans,UserDataUpdated,renewal,hidden,hidden"))
    #expect(report.csv(.breakdown).contains("topic,activity,UserDataUpdated,search,100,20,10000"))
  }

  @Test func `hides the share of the last day when it would give its people away`() throws {
    var report = try Samples.activityReport()
    report.figures.days[1].dau = 4
    report.figures.stickiness = Fraction(4, over: 60)
    #expect(report.json().contains(#""stickinessPct":"hidden""#))
  }

  @Test func `says nothing of a period with fewer than five people`() throws {
    var report = try Samples.activityReport()
    report.figures.actors = 3
    let json = report.json()
    #expect(json.contains(#""actors":"<5","actions":"hidden","bytes":"hidden""#))
    #expect(json.contains(#""sessions":{"count":"hidden","lengthP50Seconds":"hidden""#))
    #expect(report.text().contains("Fewer than 5 people were active."))
  }

  @Test func `names people and hides nothing for those who may see it`() throws {
    let report = try Samples.activityReport(showActors: true)
    #expect(report.json().contains(#""topActors":[{"actor":"anna-lena","actions":41}]"#))
    #expect(report.json().contains(#""resurrected":2,"#))
    for form in try forms(report) {
      #expect(!form.contains("<5") && !form.contains("&lt;5") && !form.contains("hidden,"))
    }
  }

  @Test func `of nothing says that there was no activity`() throws {
    let start = try Samples.instant("2025-01-06T00:00:00Z")
    let report = ActivityReport(
      title: "Empty", figures: ActivityFigures(start: start, end: start, asOf: start), zone: .utc,
      madeAt: start, throughPosition: nil)
    #expect(report.text().contains("No activity."))
    #expect(report.json().contains(#""stickinessPct":null"#))
    #expect(try report.html(`The report templates`.load()).contains("No activity."))
  }
}
