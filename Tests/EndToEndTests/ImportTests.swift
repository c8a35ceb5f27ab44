import Foundation
import Testing

/// What an operator does who comes from another tool.
@Suite struct `An import` {
  static let map = ["--map", "service=host,status=state,timestamp=time"]
  static let csv = """
    time,host,state,ms
    2026-01-01 00:00:00,a,1,10
    2026-01-01 12:00:00,a,0,
    2026-01-01 18:00:00,a,1,12
    sometime,a,1,12

    """

  @Test func `of a table ends with what was taken and what was refused, and a report`() throws {
    let program = try Program()
    let file = try program.write("checks.csv", Self.csv)
    let command =
      ["import", "csv", file] + Self.map + ["--status", "1=up,0=down", "--tz", "UTC"]
    let first = try program.run(command + ["--rejects", "refused.ndjson"])
    #expect(first.status == 3)
    #expect(
      first.out == """
        4 records: 3 appended, 0 already there, 1 rejected
        from 2026-01-01T00:00:00Z to 2026-01-01T18:00:00Z
        rejected: 1 invalid-timestamp (timestamp)

        """)
    let refused = try String(contentsOfFile: program.folder + "/refused.ndjson", encoding: .utf8)
    #expect(refused.contains(#""line":5,"code":"invalid-timestamp","field":"timestamp""#))
    #expect(refused.contains(#""raw":"sometime,a,1,12""#))
    let again = try program.run(command + ["--json"])
    #expect(again.status == 3)
    #expect(again.json["appended"] as? Int == 0 && again.json["duplicates"] as? Int == 3)
    #expect(again.json["rejected"] as? Int == 1 && again.json["to"] as? String != nil)
    let report = try program.run([
      "report", "uptime", "--from", "2026-01-01", "--to", "2026-01-02", "--json",
    ])
    #expect(report.out.contains(#""availabilityPct":"75.000""#))
  }

  @Test(arguments: [
    (["csv", "c.csv"], "--map must give either 'service' or 'user'"),
    (
      ["csv", "c.csv", "--map", "service=hots,status=state,timestamp=time"], "has no column 'hots'"
    ),
    (["csv", "c.csv", "--map", "service=host,status=state,timestamp=time"], "give --tz"),
    (
      ["csv", "c.csv", "--map", "service=host,status=state,timestamp=time", "--tz", "Mars/Base"],
      "no time zone called"
    ),
    (["csv", "c.csv", "--map", "user=host,timestamp=time", "--delimiter", "ab"], "one character"),
    (
      ["csv", "c.csv", "--map", "user=host,timestamp=time", "--time-format", "%Q"],
      "no pattern with a date"
    ),
    (["facts", "c.csv", "--map", "user=host,timestamp=time"], "rookery import activity"),
    (["facts", "c.csv", "--tz", "UTC"], "need --map"), (["clf", "c.csv", "--user", "me"], "name"),
    (["csv"], "<files>"), (["nagios", "x"], "nagios"),
  ])
  func `that is asked for wrongly exits with 2 and stores nothing`(
    arguments: [String], message: String
  ) throws {
    let program = try Program()
    _ = try program.write("c.csv", Self.csv.replacingOccurrences(of: "sometime,a,1,12\n", with: ""))
    let result = try program.run(["import"] + arguments)
    #expect(result.status == 2)
    #expect(result.err.contains(message), "\(result.err)")
    #expect(!(try program.run(["streams"]).out.contains("service-uptime")))
  }

  @Test(arguments: ["upptime", "gatus", "kuma", "statuspage", "incidents"])
  func `of something else exits with 1 and names the file`(tool: String) throws {
    let program = try Program()
    let file = try program.write("notes.txt", "dear diary\n")
    let result = try program.run(["import", tool, file])
    #expect(result.status == 1)
    #expect(result.err.contains("io-error") && result.err.contains("notes.txt"))
  }

  @Test(arguments: [
    "facts", "activity", "csv", "clf", "upptime", "gatus", "kuma", "statuspage", "incidents",
  ])
  func `says in its help how it is used`(kind: String) throws {
    let program = try Program()
    let help = try program.run(["import", kind, "--help"])
    #expect(help.status == 0 && help.out.contains("EXAMPLES\n"))
    #expect(help.out.contains("rookery import \(kind)"))
    #expect(try program.run(["import", "--help"]).out.contains("  \(kind) "))
  }

  @Test func `goes from a table of Uptime Kuma to the night's report`() throws {
    let program = try Program()
    let made = try program.shell(
      """
      sqlite3 kuma.db "CREATE TABLE monitor (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(150));
        CREATE TABLE heartbeat (id INTEGER PRIMARY KEY AUTOINCREMENT, important BOOLEAN,
          monitor_id INTEGER NOT NULL, status SMALLINT NOT NULL, msg TEXT, time DATETIME NOT NULL,
          ping INTEGER, duration INTEGER);
        INSERT INTO monitor VALUES (1, 'Shop');
        INSERT INTO heartbeat VALUES (1, 1, 1, 1, 'OK', '2026-01-01 00:00:00.000', 20, 0),
          (2, 1, 1, 0, 'ECONNREFUSED', '2026-01-01 23:59:59.000', NULL, 60);"
      $ROOKERY import kuma kuma.db && $ROOKERY import kuma kuma.db --source other
      """)
    #expect(made.status == 0)
    #expect(made.out.contains("2 records: 2 appended, 0 already there, 0 rejected"))
    let night = try program.run([
      "run", Program.checkout + "/pipelines/nightly.yaml", "--date", "2026-01-01",
    ])
    #expect(night.status == 0)
    let read = try program.run(["read", "service-uptime-shop", "--json"])
    #expect(read.out.contains(#""source":"uptime-kuma","instance":"other","heartbeat":2"#))
  }

  @Test func `stays below 256 MiB, however large the source`() throws {
    let program = try Program()
    let result = try program.shell(
      #"""
      { echo 'time,host,state,note'
        awk 'BEGIN { for (i = 0; i < 400000; i++)
          printf "%d,host %d,%s,\"a long note, quoted \"\"%d\"\" and so on and on\"\n",
            1700000000 + i, i % 100, i % 7 ? "up" : "down", i }'; } > c.csv
      /usr/bin/env python3 - "$ROOKERY" <<'PY'
      import resource, subprocess, sys
      code = subprocess.call([sys.argv[1], "import", "csv", "c.csv",
        "--map", "service=host,status=state,timestamp=time"])
      print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 256 * 1024)
      PY
      """#)
    #expect(result.out.contains("400000 appended"))
    #expect(result.out.hasSuffix("0 True\n"))
  }
}
