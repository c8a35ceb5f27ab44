import Analytics
import Reports
import Streams
import Testing

@Suite struct `Corrections in a report` {
  private let words = [
    "system-incidents revision 3", "system-incidents revision 4", "1 h 59 min", "1 h 49 min",
    "service-uptime-mixed", "2 more", "/r/uptime.html",
  ]

  @Test func `are on the page, escaped, with what they changed`() throws {
    let page = try Samples.fullReport().html(try `The report templates`.load())
    for word in words + [
      "postmortem &lt;17&gt;", "disk &amp; &quot;dust&quot;",
      #"<a href="https://w.example/?a=1&amp;b=2" rel="noreferrer">"#, "archive chain head 3:ab",
      "Facts alone", "As corrected", "As published", "As restated",
      "system-incidents revision 9", "2\u{A0}corrections in it",
    ] {
      #expect(
        page.replacing("\u{A0}", with: " ").contains(word.replacing("\u{A0}", with: " ")), "\(word)"
      )
    }
  }

  @Test func `are in the text and in the data`() throws {
    let report = try Samples.fullReport()
    let text = report.text()
    for word in words + ["FACTS ALONE", "AS RESTATED", "Group shop needs one of api, mixed."] {
      #expect(text.contains(word), "\(word)")
    }
    let json = report.json()
    for member in [
      #""excludedSeconds":600,"excludedDownSeconds":600"#, #""difference":{"availabilityPct":"#,
      #""downSeconds":-600"#, #""eventCount":3"#, #""link":"https://w.example/?a=1&b=2""#,
    ] {
      #expect(json.contains(member), "\(member)")
    }
    #expect(report.correctionsCSV().contains("exclusion,mixed,2025-01-10T06:00:00Z"))
    #expect(report.restatementsCSV().contains("restated,service,mixed,"))
  }

  @Test func `leave no trace in the figures of a report without any`() throws {
    let report = try Samples.report([try Samples.mixed()])
    let json = report.json()
    #expect(json.contains(#""corrections":{"list":[],"unreadable":[],"differences":[]}"#))
    #expect(json.contains(#""published":null"#))
    #expect(!json.contains("excluded"))
    #expect(try !report.html(try `The report templates`.load()).contains("As published"))
  }

  @Test func `facts from after the as-of time are counted, and not odd`() throws {
    var figures = try Samples.oneOutage()
    figures.warnings.future = 2
    let report = try Samples.report([figures])
    #expect(report.text().contains("- 2 facts from after the as-of time: not counted."))
    #expect(!report.text().contains("Warnings"))
    #expect(try !report.html(try `The report templates`.load()).contains("Odd input"))
  }
}
