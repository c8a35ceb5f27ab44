import Foundation
import Testing

/// `rookery report activity`, as a product owner runs it.
@Suite struct `An activity report on the command line` {
  private static let python = Program.checkout + "/.build/test-venv/bin/python"
  private static let march = ["--from", "2025-03-10", "--to", "2025-04-07"]
  private static let tables = [
    "summary", "days", "windows", "cohorts", "breakdown", "distribution", "sessions", "hours",
  ]

  /// Twelve people over ten weeks, some every day, some once, in two streams each.
  private func program() throws -> Program {
    let program = try Program()
    var lines: [String] = []
    for day in 0..<70 {
      for user in 0..<12 where user == 0 || day % (user + 1) == 0 {
        let date = String(
          Date(timeIntervalSince1970: Double(1_738_540_800 + day * 86_400)).ISO8601Format()
            .prefix(10))
        for (category, minute) in [("activity", 10), ("loans", 25)] where day % 3 != user % 3 {
          lines.append(
            #"{"stream":"user-\#(user)-\#(category)","type":"UserDataUpdated","#
              + #""timestamp":"\#(date)T\#(10 + user % 8):\#(minute):00Z","#
              + #""data":{"category":"t\#(day % 2)","userId":"\#(user)"}}"#)
        }
      }
    }
    let file = try program.write("in.ndjson", lines.joined(separator: "\n") + "\n")
    #expect(try program.run(["ingest", file]).status == 0)
    return program
  }

  private func report(
    _ program: borrowing Program, _ options: [String]
  ) throws -> Program.Result {
    try program.run(["report", "activity"] + options)
  }

  @Test func `is written in every form and table`() throws {
    let program = try program()
    for (format, start) in [
      ("text", "User activity"), ("json", "{\"report\":"), ("html", "<!doctype html>"),
      ("markdown", "# User activity"), ("csv", "date,actions,dau"),
    ] {
      let made = try report(program, Self.march + ["--format", format])
      #expect(made.status == 0 && made.out.hasPrefix(start), "\(format): \(made)")
    }
    for table in Self.tables {
      let made = try report(program, Self.march + ["--format", "csv", "--table", table])
      #expect(made.status == 0, "\(made.err)")
      let rows = made.out.split(separator: "\r\n")
      #expect(rows.count > 1)
      #expect(
        Set(rows.map { $0.split(separator: ",", omittingEmptySubsequences: false).count }).count
          == 1)
    }
  }

  @Test(arguments: [
    (["--table", "hours"], "--table needs --format csv."),
    (["--format", "csv", "--table", "=x"], "there are summary, days, windows"),
    (["--format", "pdf"], "pdf"), (["--cohort-weeks=-1"], "--cohort-weeks must be 0 to 520."),
    (["--from", "2025-02-30"], "--from must be a date"),
  ])
  func `is refused what it does not understand`(options: [String], message: String) throws {
    let program = try Program()
    #expect(try program.run(["append", "user-1-loans", "T", "--data", "{}"]).status == 0)
    let refused = try report(program, options)
    #expect(refused.status == 2 && refused.out.isEmpty)
    #expect(refused.err.contains(message), "\(refused.err)")
  }

  @Test(arguments: [
    ["--from", "2025-04-07", "--to", "2025-03-10"], ["--from", "2025-04-07", "--to", "2025-04-07"],
    ["--tz", "Mars/Olympus_Mons"], ["--tz", "+02:00"],
  ])
  func `needs a period and a zone that exist`(options: [String]) throws {
    let program = try program()
    let refused = try report(program, options)
    #expect(refused.status == 2 && refused.out.isEmpty)
    #expect(refused.err.contains("invalid-option"), "\(refused.err)")
  }

  @Test func `of a period in the future has no figures, and says so`() throws {
    let program = try program()
    let text = try report(program, ["--from", "2150-01-01", "--to", "2150-02-01"])
    #expect(text.status == 0 && text.out.contains("The period has not begun."))
    let json = try report(program, ["--from", "2150-01-01", "--to", "2150-02-01", "--json"]).json
    #expect((json["days"] as? [Any])?.isEmpty == true)
    #expect(json["stickinessPct"] is NSNull)
  }

  @Test func `is the same from stored summaries and from events`() throws {
    let program = try program()
    let roll = try program.write("roll.yaml", "name: roll\nsteps:\n- step: rollup\n")
    #expect(try program.run(["run", roll, "--date", "2025-04-06"]).status == 0)
    // A late event: into a day that was reported on long ago.
    let before = try report(program, Self.march + ["--actors", "--format", "csv"]).out
    #expect(
      try program.run([
        "append", "user-late-activity", "UserDataUpdated", "--data", "{}", "--timestamp",
        "2025-03-12T11:00:00Z",
      ]).status == 0)
    let checked = try report(program, Self.march + ["--actors", "--format", "csv", "--check"])
    #expect(checked.status == 0, "\(checked.err)")
    let changed = zip(before.split(separator: "\r\n"), checked.out.split(separator: "\r\n"))
      .filter { $0 != $1 }.map { String($1.prefix(10)) }
    // Its day, the day after (dormant), and the windows that it lies in.
    #expect(changed.first == "2025-03-12")
    #expect(changed.last == "2025-04-06" && changed.count == 26)
    let day = checked.out.split(separator: "\r\n").first { $0.hasPrefix("2025-04-06") }
    #expect(day != nil)
    // A summary that says something else is found.
    let broken = try program.shell(
      """
      sqlite3 store.db "DELETE FROM rollups WHERE first = 0 AND stream = (SELECT id FROM streams WHERE name = 'user-0-activity');
      INSERT INTO rollups SELECT (SELECT id FROM streams WHERE name = 'user-0-activity'), 0, 0, summary FROM rollups WHERE stream = (SELECT id FROM streams WHERE name = 'user-1-activity')"
      """)
    #expect(broken.status == 0, "\(broken.err)")
    let found = try report(program, Self.march + ["--check"])
    #expect(found.status == 5 && found.out.isEmpty, "\(found)")
    #expect(found.err.contains("different figures"))
  }

  @Test func `keeps the figures of a forgotten user, and no name of theirs`() throws {
    let program = try program()
    let before = try Self.tables.map {
      try report(program, Self.march + ["--format", "csv", "--table", $0]).out
    }
    let named = try report(program, Self.march + ["--actors", "--json"])
    #expect(named.out.contains(#"{"actor":"3","#))
    let forgotten = try program.run(["user", "forget", "3", "--reason", "asked", "--yes"])
    #expect(forgotten.status == 0, "\(forgotten.err)")
    for (table, old) in zip(Self.tables, before) {
      let now = try report(program, Self.march + ["--format", "csv", "--table", table]).out
      #expect(now == old, "\(table)")
    }
    let still = try report(program, Self.march + ["--actors", "--json"])
    #expect(still.status == 0 && !still.out.contains(#"{"actor":"3","#), "\(still.out)")
  }

  @Test func `is made while the store is written to`() throws {
    let program = try program()
    let result = try program.shell(
      """
      for n in $(seq 1 40); do
        echo '{"stream":"user-w-activity","type":"T","timestamp":"2025-03-20T10:00:00Z","data":{}}'
      done > more.ndjson
      for n in 1 2 3; do $ROOKERY ingest more.ndjson > /dev/null; done &
      for n in 1 2 3; do
        $ROOKERY report activity --from 2025-03-10 --to 2025-04-07 --check --json > report.json || exit 1
        jq -e '.days | length == 28' report.json > /dev/null || exit 1
      done
      wait
      """)
    #expect(result.status == 0, "\(result)")
  }

  @Test func `keeps to its published schema, whatever it is of`() throws {
    let program = try program()
    let empty = try Program()
    _ = try empty.run(["append", "user-1-loans", "T", "--data", "{}"])
    let script = try program.write(
      "check.py",
      #"""
      import json, sys
      from jsonschema import Draft202012Validator
      with open(sys.argv[1]) as file:
          schema = json.load(file)
      Draft202012Validator.check_schema(schema)
      validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
      for path in sys.argv[2:]:
          with open(path) as file:
              report = json.load(file)
          for error in validator.iter_errors(report):
              sys.exit(f"{path}: {error.json_path}: {error.message}"[:500])
          # The schema must notice: without a member, and with one more.
          for change in (lambda r: r.pop("hours"), lambda r: r.update(extra=1),
                         lambda r: r.update(actors=-1), lambda r: r.update(stickinessPct=3.5)):
              other = json.loads(json.dumps(report))
              change(other)
              if validator.is_valid(other):
                  sys.exit(f"{path}: anything goes")
          print("valid")
      """#)
    let shapes = [
      Self.march, Self.march + ["--actors"], ["--from", "2025-03-10", "--to", "2025-03-11"],
      ["--from", "2025-01-01", "--to", "2026-01-01"],
      ["--from", "2150-01-01", "--to", "2150-02-01"],
      Self.march + ["--tz", "Europe/Berlin", "--as-of", "2025-03-20T10:00:00Z"],
      Self.march + ["--cohort-weeks", "0"],
    ]
    var files: [String] = []
    for (number, shape) in shapes.enumerated() {
      let made = try report(program, shape + ["--json"])
      files.append(try program.write("\(number).json", made.out))
      files.append(
        try program.write("empty-\(number).json", report(empty, shape + ["--json"]).out))
    }
    let result = try Program.run(
      Self.python, [script, Program.checkout + "/reports/schemas/activity.schema.json"] + files,
      input: nil, folder: program.folder, environment: [:])
    #expect(result.status == 0, "\(result.err)")
    #expect(result.out == String(repeating: "valid\n", count: files.count))
  }
}
