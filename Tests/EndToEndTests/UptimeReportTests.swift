import Foundation
import Testing

/// `rookery report uptime` with what people and machines put into it.
@Suite struct `An uptime report of the program` {
  private func line(_ service: String, _ status: String, _ time: String) -> String {
    let name = String(decoding: (try? JSONEncoder().encode(service)) ?? Data(), as: UTF8.self)
    return #"{"serviceName":\#(name),"status":"\#(status)","timestamp":"\#(time)","responseMs":20}"#
  }

  private func facts(_ program: borrowing Program) throws -> String {
    try program.write(
      "facts.ndjson",
      [
        line("api", "up", "2025-01-01T00:00:00Z"), line("api", "down", "2025-01-10T06:00:00Z"),
        line("api", "up", "2025-01-10T06:10:00Z"), line("web", "up", "2025-01-01T00:00:00Z"),
        line("ghost", "unknown", "2025-01-01T00:00:00Z"),
      ].joined(separator: "\n") + "\n")
  }

  private static let period = ["--period", "2025-01", "--slo-target", "99.9"]

  @Test func `is printed to a PDF with its figures and pages`() throws {
    let program = try Program()
    let file = try facts(program)
    let result = try program.run(
      ["report", "uptime", "--facts", file, "--service", "api", "--format", "pdf"] + Self.period
        + ["--output", "sla.pdf"])
    #expect(result.status == 0, "\(result.err)")
    #expect(result.out == "")
    let text = try program.shell("pdftotext -layout sla.pdf - | tr -s '  ' ' '").out
    for figure in [
      "SLA report", "2025-01, 2025-01-01 00:00 UTC to 2025-02-01 00:00 UTC", "99.977 %",
      "Target 99.9 %: met.", "2025-01-10 06:00", "10 min", "Compared with the period before",
      "rookery report uptime --facts", "Error budget",
    ] {
      #expect(text.contains(figure), "\(figure) is not in \(text)")
    }
    let info = try program.shell("pdfinfo sla.pdf").out
    #expect(info.contains("594.96 x 841.92 pts (A4)"))
    let pages = try #require(info.firstMatch(of: /Pages: +(\d+)/)?.output.1)
    #expect((1...4).contains(Int(pages) ?? 0), "\(pages) pages")
    #expect(text.contains("1/\(pages)") || text.contains("1 / \(pages)"))
  }

  @Test func `says what to do where there is no browser, and keeps the old file`() throws {
    let program = try Program()
    let file = try facts(program)
    _ = try program.write("sla.pdf", "old")
    let result = try Program.run(
      Program.binary,
      ["report", "uptime", "--facts", file, "--format", "pdf", "--output", "sla.pdf"] + Self.period,
      input: nil, folder: program.folder, environment: ["PATH": ""])
    #expect(result.status == 1)
    #expect(result.err.contains("no chromium, no chromium-browser, no google-chrome, in $PATH"))
    #expect(result.err.contains("apt-get install chromium"))
    #expect(try String(contentsOfFile: program.folder + "/sla.pdf", encoding: .utf8) == "old")
  }

  @Test func `of a night without a browser fails for the PDF alone`() throws {
    let program = try Program()
    try program.run(["import", "facts", try facts(program)])
    let pipeline = try program.write(
      "monthly.yaml", "steps:\n- step: uptime-report\n  period: month\n  pdf: true\n")
    let run = ["run", pipeline, "--date", "2025-01-31"]
    let failed = try Program.run(
      Program.binary, run, input: nil, folder: program.folder,
      environment: ["ROOKERY_STORE": program.store, "PATH": ""])
    #expect(failed.status == 1)
    #expect((failed.out + failed.err).contains("tool-missing: A PDF is made by a headless browser"))
    let folder = program.store + ".reports/2025-01-31/"
    #expect(FileManager.default.fileExists(atPath: folder + "uptime-2025-01.html"))
    #expect(!FileManager.default.fileExists(atPath: folder + "uptime-2025-01.pdf"))

    #expect(try program.run(run).status == 0)
    let pdf = try program.shell("pdftotext '\(folder)uptime-2025-01.pdf' -").out
    #expect(pdf.contains("99.977"))
  }

  @Test(arguments: [
    (["--period", "fortnight"], "Option period must be day, week, month, quarter or year"),
    (["--period", "2025-01", "--from", "2025-01-01"], "A period is named, and another is given"),
    (["--from", "2025-02-01", "--to", "2025-01-01"], "is empty or not within 1970 to 2199"),
    (["--tz", "Europe/Atlantis"], "There is no time zone called \"Europe/Atlantis\"."),
    (["--group", "web"], "Option group must be NAME=MEMBER,MEMBER:RULE"),
    (["--format", "pdf"], "A PDF goes into a file: give --output FILE."),
    (["--table", "chairs"], "--table must be one of services, days, incidents, bars, steps"),
  ])
  func `is refused with a reason`(arguments: [String], message: String) throws {
    let program = try Program()
    let result = try program.run(
      ["report", "uptime", "--facts", try facts(program)] + arguments)
    #expect(result.status == 2)
    #expect(result.err.replacing("\n", with: " ").contains(message), "\(result.err)")
  }

  @Test func `has no data for what is only unknown, and for a period to come`() throws {
    let program = try Program()
    let file = try facts(program)
    let ghost = try program.run(
      ["report", "uptime", "--facts", file, "--service", "ghost"] + Self.period)
    #expect(ghost.out.contains("ghost: no data") || ghost.out.contains("1 service: no data"))
    #expect(ghost.out.contains("Target 99.9 %: no data."))
    let future = try program.run(
      ["report", "uptime", "--facts", file, "--period", "2190", "--format", "html"])
    #expect(future.status == 0)
    #expect(future.out.contains("no data"))
  }

  @Test func `shows any name as it is, in every form`() throws {
    let program = try Program()
    let names = [
      "\"quoted\" & 'so'", "<script>alert(1)</script>", "שירות مرحبا", "🦉 owl", "a=b,c:worst",
      String(repeating: "ü", count: 127) + "x",
    ]
    let file = try program.write(
      "facts.ndjson", names.map { line($0, "down", "2025-01-02T00:00:00Z") }.joined(separator: "\n")
    )
    let common = ["report", "uptime", "--facts", file] + Self.period
    let json = try program.run(common + ["--format", "json"])
    let services = json.json["services"] as? [[String: Any]] ?? []
    #expect(Set(services.compactMap { $0["service"] as? String }) == Set(names))
    let html = try program.run(common + ["--format", "html", "--detail", names[1]]).out
    #expect(!html.contains("<script"))
    #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
    for name in names.dropFirst(2) { #expect(html.contains(name), "\(name)") }
    for table in ["services", "days", "incidents", "bars", "steps", "comparison"] {
      #expect(
        try program.run(common + ["--format", "csv", "--table", table]).out.contains("🦉 owl"))
    }
  }

  /// Also how long it takes, against a bound that only a quadratic way would miss.
  @Test func `of 200 000 incidents is a page that a browser opens, and data that has all`() throws {
    let program = try Program()
    try program.shell(
      """
      awk 'BEGIN { for (i = 0; i < 400000; i++) printf \
        "{\\"serviceName\\":\\"flap\\",\\"status\\":\\"%s\\",\\"timestamp\\":\\"%s\\"}\\n", \
        i % 2 ? "up" : "down", strftime("%Y-%m-%dT%H:%M:%SZ", 1735689600 + i * 15, 1) }' > facts.ndjson
      """)
    let file = program.folder + "/facts.ndjson"
    let common = [
      "report", "uptime", "--facts", file, "--from", "2025-01-01", "--to", "2025-04-01",
    ]
    let began = ContinuousClock.now
    let html = try program.run(common + ["--format", "html"]).out
    #expect(ContinuousClock.now - began < .seconds(120))
    #expect(html.utf8.count < 1_000_000)
    #expect(html.contains("199\u{202F}950\u{A0}more incidents"))
    let rows = try program.run(common + ["--format", "csv", "--table", "incidents"]).out
    #expect(rows.utf8.count { $0 == 0x0A } == 200_001)
  }

  private static let clock = Date.ISO8601FormatStyle()

  @Test func `of 10 000 services stays usable`() throws {
    let program = try Program()
    let lines = (0..<10_000).map { number in
      line("service-\(number)", number % 100 == 0 ? "down" : "up", "2025-01-10T00:00:00Z")
    }
    let file = try program.write("facts.ndjson", lines.joined(separator: "\n"))
    let html = try program.run(
      ["report", "uptime", "--facts", file, "--format", "html", "--detail", "service-77"]
        + Self.period
    ).out
    #expect(html.utf8.count < 10_000_000, "\(html.utf8.count) bytes")
    #expect(html.contains("id=\"service-service-77\""))
    #expect(html.contains("9800 more"))
    #expect(html.matches(of: /<details class="entry"/).count == 27)
    for number in [0, 99, 5000, 9999] { #expect(html.contains(">service-\(number)<")) }
  }

  @Test func `is made while the store is written to`() throws {
    let program = try Program()
    try program.run(["import", "facts", try facts(program)])
    let more = try program.write(
      "more.ndjson",
      (0..<20_000).map { number in
        line(
          "api", number % 2 == 0 ? "down" : "up",
          Self.clock.format(
            Date(timeIntervalSince1970: Double(1_741_000_000 + number))))
      }.joined(separator: "\n"))
    let result = try program.shell(
      """
      "$ROOKERY" import facts \(more) > import.txt 2>&1 &
      for i in 1 2 3 4 5 6; do
        "$ROOKERY" report uptime --period 2025-01 --service api --json || exit 1
      done
      wait $! && cat import.txt >&2
      """)
    #expect(result.status == 0, "\(result.err)")
    #expect(result.err.contains("20000 appended"))
    let reports = result.out.split(separator: "\n")
    #expect(reports.count == 6)
    #expect(reports.allSatisfy { $0.contains(#""availabilityPct":"99.977""#) })
  }
}
