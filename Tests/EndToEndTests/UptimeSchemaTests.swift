import Foundation
import Testing

/// `reports/schemas/uptime.schema.json` against what the program prints.
@Suite struct `An uptime report as JSON keeps to its published schema` {
  private static let python = Program.checkout + "/.build/test-venv/bin/python"
  private static let schema = Program.checkout + "/reports/schemas/uptime.schema.json"

  /// What is asked for, and what then is so of the report: a Python expression.
  struct Shape: Sendable, CustomTestStringConvertible {
    var holds: String
    var options: [String]
    var testDescription: String { holds }

    static func any(_ holds: String, _ options: String...) -> Shape {
      Shape(holds: holds, options: options)
    }

    /// Of January 2025, with a target.
    static func january(_ holds: String, _ options: String...) -> Shape {
      Shape(holds: holds, options: options + ["--period", "2025-01", "--slo-target", "99.9"])
    }
  }

  /// `check.py SCHEMA REPORT HOLDS CHANGE…`: the report is of the shape that is meant, and valid;
  /// with any of the changes it is not.
  private static let script = #"""
    import json, sys
    from jsonschema import Draft202012Validator
    with open(sys.argv[1]) as file:
        schema = json.load(file)
    with open(sys.argv[2]) as file:
        report = json.load(file)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    for error in validator.iter_errors(report):
        sys.exit(f"{error.json_path}: {error.message}"[:500])
    overall, services, groups = report["overall"], report["services"], report["groups"]
    if not eval(sys.argv[3]):
        sys.exit(f"not so: {sys.argv[3]}")
    text = json.dumps(report)
    for change in sys.argv[4:]:
        report = json.loads(text)
        overall, services = report["overall"], report["services"]
        exec(change)
        if validator.is_valid(report):
            sys.exit(f"anything goes: {change}")
    print("valid")
    """#

  /// What `check.py` says of the report that `options` ask for.
  private func check(
    _ program: borrowing Program, _ options: [String], _ holds: String, _ changes: [String] = []
  ) throws -> Program.Result {
    let made = try program.run(["report", "uptime", "--format", "json"] + options)
    #expect(made.status == 0, "\(made.err)")
    let script = try program.write("check.py", Self.script)
    let report = try program.write("report.json", made.out)
    return try Program.run(
      Self.python, [script, Self.schema, report, holds] + changes, input: nil,
      folder: program.folder, environment: [:])
  }

  private func fact(
    _ service: String, _ status: String, _ time: String, _ more: String = ""
  ) -> String {
    let name = String(decoding: (try? JSONEncoder().encode(service)) ?? Data(), as: UTF8.self)
    return #"{"serviceName":\#(name),"status":"\#(status)","#
      + #""timestamp":"2025-01-\#(time)Z"\#(more)}"#
  }

  /// Four files of facts: `one`, `two`, `hostile` and `unknown`.
  private func facts() throws -> Program {
    let program = try Program()
    let one = [
      fact("api", "up", "01T00:00:00", #","responseMs":20"#),
      fact("api", "down", "10T06:00:00", #","metadata":{"cause":"disk"}"#),
      fact("api", "up", "10T06:10:00.5", #","responseMs":21.75"#),
      fact("api", "degraded", "12T06:00:00"), fact("api", "up", "12T07:00:00"),
      fact("api", "down", "31T23:00:00"),
    ]
    let two = [
      fact("web", "up", "01T00:00:00"), fact("web", "maintenance", "05T00:00:00"),
      fact("web", "up", "05T04:00:00"), fact("web", "down", "20T00:00:00"),
      fact("web", "unknown", "20T01:00:00"),
    ]
    let hostile = [
      "\"quoted\" & 'so'", "<script>alert(1)</script>", "שירות مرحبا", "🦉 owl", "a=b,c:worst",
      String(repeating: "ü", count: 127) + "x",
    ].map { fact($0, "down", "02T00:00:00") }
    let unknown = [fact("ghost", "unknown", "01T00:00:00"), fact("ghost", "what", "03T00:00:00")]
    for (name, lines) in [
      ("one", one), ("two", one + two), ("hostile", hostile), ("unknown", unknown),
    ] {
      _ = try program.write(name + ".ndjson", lines.joined(separator: "\n") + "\n")
    }
    return program
  }

  private static let ofFacts: [Shape] = [
    .january("len(services) == 1", "one"),
    .any("services[0]['latencyMs']['max'] == 21.75", "one", "--period", "2025-01"),
    .any("services[0]['incidentList'][0]['cause'] == 'disk'", "one", "--period", "2025-01-10"),
    .january("len(services) == 6 and services[0]['incidentList']", "hostile"),
    .january("services[0]['availabilityPct'] is None", "unknown"),
    .january("report['warnings']['unknownStatus'] == 1", "unknown", "--service", "ghost"),
    .january(
      "len(groups) == 2 and groups[1]['burnDown']", "two", "--group", "all=api,web:worst",
      "--group", "any=api,web,nobody:best"),
    .january("overall is None", "two", "--service", "web"),
    .any(
      "services[0]['sla']['verdict'] == 'missed' and len(services[0]['strictPct']) == 12", "two",
      "--period", "2025-01", "--slo-target", "100", "--decimals", "9"),
    .any(
      "services[0]['strictPct'] == '99'", "two", "--period", "2025-01", "--decimals", "0",
      "--degraded-weight", "0.3"),
    .any("services[0]['maskedDownSeconds'] == 300.5", "two", "--options", windows),
    .any(
      "services[0]['state'] is None and overall['coveragePct'] is None", "two", "--period", "2190",
      "--slo-target", "99"),
    .january("services[0]['burnDown']['doubt']", "two", "--as-of", "2025-01-03T00:00:00Z"),
    .any("services[0]['previous']['incidents']['touching'] == 2", "two", "--period", "2025-02"),
    .any("services[0]['change']['mttrSeconds'] is None", "two", "--period", "2025-W03"),
    .any("services[0]['step'] == 'week'", "two", "--period", "2025", "--slo-target", "99"),
    .any("services[0]['previous'] is None", "two", "--from", "1970-01-01", "--to", "1970-01-02"),
    .any(
      "len(services[0]['bars']['hours']) == 1 and services[0]['step'] == 'hour'", "two", "--start",
      "2025-01-10T05:30:00Z", "--end", "2025-01-10T06:30:00Z"),
    .any(
      "len(services[0]['steps']) == 23", "two", "--from", "2025-03-30", "--to", "2025-03-31",
      "--tz", "Europe/Berlin"),
  ]

  private static let windows = """
    {"period":"2025-01","maintenance":[
    {"start":"2025-01-10T06:05:00Z","end":"2025-01-10T08:00:00Z"},
    {"service":"web","start":"2025-01-20T00:30:00Z","end":"2025-01-21T00:00:00Z"}]}
    """

  @Test(arguments: ofFacts) func `of a file of facts`(shape: Shape) throws {
    let program = try facts()
    let file = ["--facts", shape.options[0] + ".ndjson"]
    let result = try check(program, file + shape.options.dropFirst(), shape.holds)
    #expect(result.status == 0 && result.out == "valid\n", "\(result.err)")
  }

  /// Facts of two services, one publication, and corrections of each kind that came after it.
  private func store() throws -> Program {
    let program = try facts()
    let pipeline = try program.write("m.yaml", "steps:\n- step: uptime-report\n  period: month\n")
    let (api, at) = (["--service", "api"], "2025-01-10T06:05:00Z")
    for command in [
      ["import", "facts", "two.ndjson"], ["run", pipeline, "--date", "2025-01-31"],
      ["incident", "annotate", "--at", at, "--text", "disk \"full\"", "--reason", "why"] + api,
      [
        "incident", "annotate", "--at", at, "--text", "x", "--link", "https://example.net/17",
        "--reason", "why",
      ] + api,
      [
        "incident", "reclassify", "--from", "2025-01-10T06:00:00Z", "--to", "2025-01-10T06:04:00Z",
        "--as-state", "degraded", "--reason", "why",
      ] + api,
      [
        "incident", "exclude", "--service", "web", "--from", "2025-01-20T00:00:00Z", "--to",
        "2025-01-20T00:20:00Z", "--reason", "why",
      ],
      [
        "maintenance", "add", "--from", "2025-01-31T10:00:00Z", "--to", "2025-01-31T12:00:00Z",
        "--reason", "why", "--event-id", Self.window,
      ],
      [
        "maintenance", "cancel", Self.window, "--from", "2025-01-31T11:00:00Z", "--reason", "done",
      ],
    ] {
      let result = try program.run(command)
      #expect(result.status == 0, "\(command): \(result.err)")
    }
    return program
  }

  private static let window = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"

  private static let ofStore: [Shape] = [
    .january("len(report['corrections']['list']) == 5"),
    .january("report['corrections']['list'][-1]['withdrawal']['from']"),
    .january("len(report['corrections']['differences']) == 3"),
    .january("services[0]['incidentList'][0]['corrections'][1]['link']"),
    .january("services[1]['excludedDownSeconds'] == 1200"),
    .january("services[0]['stream'] and services[0]['days'][0]['firstRevision'] == 0"),
    .any("report['published']['path'] and report['published']['events']", "--period", "2025-01"),
    .january("report['published']['madeAt'] is None", "--published-at", "3"),
    .january(
      "[d for d in report['published']['differences'] if d['kind'] == 'group']", "--published-at",
      "0", "--group", "all=api,web:worst"),
    .january("not report['corrections']['list']", "--without-corrections"),
    .january(
      "not report['corrections']['differences'] and report['published']", "--without-corrections",
      "--published-at", "3"),
    .january("report['report']['throughPosition'] == 5", "--through", "5"),
    .any(
      "services[1]['availabilityPct'] is None and services[1]['excludedSeconds'] == 900", "--start",
      "2025-01-20T00:00:00Z", "--end", "2025-01-20T00:15:00Z"),
  ]

  @Test(arguments: ofStore)
  func `of a store, with what was corrected and published`(shape: Shape) throws {
    let program = try store()
    let result = try check(program, shape.options, shape.holds)
    #expect(result.status == 0 && result.out == "valid\n", "\(result.err)")
  }

  private static let changes = [
    "report.pop('warnings')", "report.update(extra=1)", "report['report'].pop('reproduce')",
    "report['report'].update(madeAt='2025-01-01T00:00:00+01:00')",
    "report['report']['options'].update(decimals=10)", "overall.update(availabilityPct=99.9)",
    "overall.update(availabilityPct='100.001')", "overall.update(coveragePct='-1.000')",
    "services[0].update(state='broken')", "services[0]['seconds'].update(down='600')",
    "services[0]['seconds'].pop('unknown')", "services[0]['bars'].pop('hours')",
    "services[0]['steps'][0].pop('latencyMs')", "services[0]['days'][0].update(date='1.1.2025')",
    "services[0]['incidentList'][0].update(ending='over')",
    "services[0]['sla'].update(verdict='perhaps')",
    "services[0]['burnDown'].update(doubt='tooEarly')",
    "services[1].pop('excludedDownSeconds')", "services[0].update(mttrSeconds=-1)",
    "report['corrections']['list'][0].pop('text')",
    "report['corrections']['list'][0].update(status='up')",
    "report['corrections']['list'][2].pop('status')",
    "report['corrections']['list'][-1]['withdrawal'].pop('reason')",
    "report['corrections']['differences'][0]['after'].update(downSeconds=None)",
    "report['published'].update(eventCount=-1)",
    "report['published']['events'][0].update(extra=None)",
  ]

  /// Else a schema that allows anything would pass.
  @Test func `which notices any change`() throws {
    let program = try store()
    let shape = Shape.january("report['published']", "--published-at", "3")
    let result = try check(program, shape.options, shape.holds, Self.changes)
    #expect(result.status == 0 && result.out == "valid\n", "\(result.err)")
  }
}
