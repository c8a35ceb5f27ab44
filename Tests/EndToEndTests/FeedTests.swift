import Foundation
import Testing

/// Feeds, calendars, metrics and badges, read by parsers that owe Rookery nothing.
@Suite struct `What other programs read of an uptime report` {
  private static let python = Program.checkout + "/.build/test-venv/bin/python"

  /// Names and causes that have ended many a document early.
  private static let names = [
    "api", #"a"quoted"'one"#, "<script>alert(1)</script>", "مرحبا بالعالم", "🦉 owl",
    #"back\slash;semi,comma"#, "line\nbreak\ttab", "bell\u{7}", "]]>&amp;", "{{title}}",
    String(repeating: "long name ", count: 25),
  ]

  private func facts(_ program: borrowing Program) throws -> String {
    let lines = try Self.names.enumerated().flatMap { index, name in
      try [("00:00", "up"), ("06:\(10 + index)", "down"), ("07:00", "up")].map { time, status in
        let fact: [String: Any] = [
          "service": name, "status": status, "timestamp": "2025-01-10T\(time):00Z",
          "responseMs": 12.5, "metadata": ["cause": "because of \(name)"],
        ]
        return String(
          decoding: try JSONSerialization.data(withJSONObject: fact), as: UTF8.self)
      }
    }
    return try program.write("facts.ndjson", lines.joined(separator: "\n") + "\n")
  }

  private static let options = """
    {"from": "2025-01-10", "to": "2025-01-11", "asOf": "2025-01-11T00:00:00Z", "sloTarget": "99",
     "maintenance": [{"start": "2025-01-10T20:00:00Z", "end": "2025-01-10T21:00:00Z"},
       {"service": \(quotedNames[5]), "start": "2025-01-10T22:00:00Z", "end": "2025-01-10T23:00:00Z"},
       {"service": \(quotedNames[10]), "start": "2025-01-10T22:00:00Z", "end": "2025-01-10T23:00:00Z"}]}
    """

  private static let quotedNames = names.map {
    String(
      decoding: (try? JSONSerialization.data(withJSONObject: $0, options: .fragmentsAllowed))
        ?? Data(),
      as: UTF8.self)
  }

  /// Writes `report.FORMAT`, and runs `script` beside it, with `names` and `read(path)` at hand.
  private func python(_ format: String, _ script: String) throws -> Program.Result {
    let program = try Program()
    let facts = try facts(program)
    let options = try program.write("options.json", Self.options)
    let report = try program.run(
      ["report", "uptime", "--facts", facts, "--options", options, "--format", format])
    #expect(report.status == 0, "\(report.err)")
    _ = try program.write("report", report.out)
    _ = try program.write("names.json", "[\(Self.quotedNames.joined(separator: ","))]")
    let file = try program.write(
      "check.py",
      "import json\nnames = json.load(open('names.json'))\nreport = open('report', 'rb').read()\n"
        + script)
    return try Program.run(
      Self.python, [file], input: nil, folder: program.folder, environment: [:])
  }

  @Test func `is a valid feed with every incident, newest first`() throws {
    let result = try python(
      "atom",
      #"""
      import feedparser
      feed = feedparser.parse(report)
      assert not feed.bozo, feed.get("bozo_exception")
      assert feed.version == "atom10", feed.version
      assert len(feed.entries) == len(names), len(feed.entries)
      starts = [e.published for e in feed.entries]
      assert starts == sorted(starts, reverse=True)
      assert len({e.id for e in feed.entries}) == len(names)
      def plain(text): return "".join("\ufffd" if c == "\x07" else c for c in text).replace("\n", " ").replace("\t", " ")
      found = {e.tags[0].term for e in feed.entries}
      assert found == {plain(n) for n in names}, found ^ {plain(n) for n in names}
      api = next(e for e in feed.entries if e.tags[0].term == "api")
      assert api.published == "2025-01-10T06:10:00Z" and api.updated == "2025-01-10T07:00:00Z"
      assert "50\u00a0min" in api.title and "because of api" in api.content[0].value
      print("sound")
      """#)
    #expect(result.out == "sound\n", "\(result.err)")
  }

  @Test func `is a valid calendar with every planned window`() throws {
    let result = try python(
      "icalendar",
      #"""
      import icalendar
      assert all(len(line) <= 75 for line in report.split(b"\r\n"))
      events = icalendar.Calendar.from_ical(report).walk("VEVENT")
      titles = [str(e["SUMMARY"]) for e in events]
      assert titles == ["Maintenance of all services"] + ["Maintenance of " + names[i] for i in (5, 10)], titles
      assert len({str(e["UID"]) for e in events}) == 3
      assert events[0].decoded("DTSTART").isoformat() == "2025-01-10T20:00:00+00:00"
      assert events[0].decoded("DTEND").isoformat() == "2025-01-10T21:00:00+00:00"
      print("sound")
      """#)
    #expect(result.out == "sound\n", "\(result.err)")
  }

  @Test func `has coming and cancelled maintenance in its calendar, with the reason`() throws {
    let program = try Program()
    let fact = try program.write(
      "fact.ndjson", #"{"service":"api","status":"up","timestamp":"2025-01-01T00:00:00Z"}"# + "\n")
    #expect(try program.run(["import", "facts", fact]).status == 0)
    func plan(_ day: String) throws -> String {
      let window = ["--from", "\(day)T01:00:00Z", "--to", "\(day)T03:00:00Z"]
      let added = try program.run(
        ["maintenance", "add", "--service", "api", "--reason", "upgrade; and more", "--json"]
          + window)
      return try #require(added.json["id"] as? String, "\(added.err)\(added.out)")
    }
    _ = try plan("2099-12-01")
    let moved = try plan("2099-12-02")
    let cancelled = try plan("2099-12-03")
    let cut = [
      "maintenance", "cancel", moved, "--from", "2099-12-02T02:00:00Z", "--reason", "short",
    ]
    #expect(try program.run(cut).status == 0)
    #expect(try program.run(["maintenance", "cancel", cancelled, "--reason", "no"]).status == 0)
    let report = try program.run(["report", "uptime", "--format", "icalendar"])
    _ = try program.write("report", report.out)
    let file = try program.write(
      "check.py",
      #"""
      import icalendar
      events = icalendar.Calendar.from_ical(open("report", "rb").read()).walk("VEVENT")
      for e in events:
          print(e.decoded("DTSTART").strftime("%d %H"), e.decoded("DTEND").strftime("%H"), e["STATUS"], e["SEQUENCE"], e["DESCRIPTION"])
      """#)
    let result = try Program.run(
      Self.python, [file], input: nil, folder: program.folder, environment: [:])
    #expect(
      result.out == """
        01 01 03 CONFIRMED 0 upgrade; and more
        02 01 02 CONFIRMED 1 short
        03 01 03 CANCELLED 1 no

        """, "\(result.err)")
  }

  @Test func `is Prometheus text with the figures of every service`() throws {
    let result = try python(
      "prometheus",
      #"""
      from prometheus_client.parser import text_string_to_metric_families
      families = {f.name: f for f in text_string_to_metric_families(report.decode())}
      def samples(name): return [s for s in families["rookery_uptime_" + name].samples if s.labels.get("kind") != "overall"]
      assert {s.labels["service"] for s in samples("availability_ratio")} == set(names)
      down = {s.labels["service"]: s.value for s in samples("state_seconds") if s.labels["state"] == "down"}
      assert down["api"] == 3000, down["api"]
      assert all(0 <= s.value <= 1 for s in samples("coverage_ratio"))
      times = {s.labels["quantile"]: s.value for s in samples("response_time_seconds") if s.labels["service"] == "api"}
      assert times == {"0.5": 0.0125, "0.95": 0.0125, "0.99": 0.0125, "1": 0.0125}, times
      assert families["rookery_uptime_report_period_end_seconds"].samples[0].value == 1736553600
      seen = [(s.name, tuple(sorted(s.labels.items()))) for f in families.values() for s in f.samples]
      assert len(seen) == len(set(seen))
      print("sound")
      """#)
    #expect(result.out == "sound\n", "\(result.err)")
  }

  @Test func `is a badge that says its figure in words`() throws {
    let result = try python(
      "badge",
      #"""
      import xml.etree.ElementTree as xml
      root = xml.fromstring(report)
      label = root.attrib["aria-label"]
      assert label.startswith("All services: ") and label.endswith("\u00a0%"), label
      texts = [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")]
      assert ": ".join(texts) == label, texts
      assert "#b3261e" in report.decode()
      print("sound")
      """#)
    #expect(result.out == "sound\n", "\(result.err)")
  }

  @Test func `is Markdown in which a name can't end a row`() throws {
    let result = try python(
      "markdown",
      #"""
      from markdown_it import MarkdownIt
      html = MarkdownIt("commonmark", {"html": True}).enable("table").render(report.decode())
      assert "<script>" not in html
      import re, html as entities
      rows = [r for r in re.findall(r"<tr>(.*?)</tr>", html, re.S) if "<td" in r]
      cells = [[entities.unescape(re.sub(r"<[^>]*>", "", c)) for c in re.findall(r"<td[^>]*>(.*?)</td>", r, re.S)] for r in rows]
      for name in names[:6]:
          assert any(row[0] == name for row in cells), (name, [r[0] for r in cells])
      print("sound")
      """#)
    #expect(result.out == "sound\n", "\(result.err)")
  }
}
