import Foundation
import Testing

/// The main job, as its users do it.
@Suite struct `A journey` {
  static let nightly = Program.checkout + "/pipelines/nightly.yaml"

  @Test func `from facts to a report, an archive, and a restored copy`() throws {
    let program = try Program()
    var lines: [String] = []
    for day in 1...28 {
      let date = String(format: "2025-02-%02d", day)
      lines.append(
        #"{"serviceName":"Shop API","status":"up","timestamp":"\#(date)T00:00:00Z","responseMs":12}"#
      )
      lines.append(#"{"serviceName":"Shop API","status":"down","timestamp":"\#(date)T06:00:00Z"}"#)
      lines.append(#"{"serviceName":"Shop API","status":"up","timestamp":"\#(date)T06:10:00Z"}"#)
    }
    let facts = try program.write("facts.ndjson", lines.joined(separator: "\n") + "\n")
    #expect(try program.run(["import", "facts", facts, "--json"]).json["appended"] as? Int == 84)
    #expect(try program.run(["import", "facts", facts, "--json"]).json["appended"] as? Int == 0)

    let period = ["--from", "2025-02-01", "--to", "2025-03-01", "--json"]
    let hot = try program.run(["report", "uptime"] + period)
    #expect(hot.out.contains(#""availabilityPct":"99.305""#))
    let fromFile = try program.run(["report", "uptime", "--facts", facts] + period)
    #expect(figures(hot) == figures(fromFile))

    let archived = try program.run([
      "stream", "archive", "service-uptime-shop-api", "--without-policy",
    ])
    #expect(archived.out.contains("84 events"))
    let shown = try program.run(["streams", "service-*", "--json"])
    #expect(shown.out.contains(#""hot":0,"cold":84"#))
    #expect(figures(try program.run(["report", "uptime", "--full"] + period)) == figures(hot))
    let latest = try program.run(["read", "-n", "2", "service-uptime-shop-api", "--json"])
    #expect(latest.out.split(separator: "\n").count == 2)
    #expect(latest.out.contains(#""revision":83"#))

    let restored = try program.run([
      "restore", "service-uptime-shop-api", "--into", "audit.db", "--json",
    ])
    #expect(restored.json["events"] as? Int == 84)
    let original = try program.run(["read", "service-uptime-shop-api", "--json"])
    let copy = try program.run(
      ["read", "service-uptime-shop-api", "--json"], store: program.folder + "/audit.db")
    #expect(copy.out == original.out)
  }

  private func figures(_ result: Program.Result) -> NSDictionary? {
    (result.json["services"] as? [[String: Any]])?.first.map { entry in
      // What names streams and revisions is not in a file of facts.
      entry.filter { !["stream", "incidentList", "days", "bars", "steps"].contains($0.key) }
        as NSDictionary
    }
  }

  @Test func `of an auditor who has tar, zstd and jq, and no Rookery`() throws {
    let program = try Program()
    for number in 0..<20 {
      try program.run(["append", "ledger", "Booked", "--data", "{\"amount\":\(number).10}"])
    }
    try program.run(["stream", "archive", "ledger", "--without-policy"])
    let audit = try program.shell(
      """
      set -e
      f=$(find store.db.segments -name '*.tar.zst')
      zstd -tq $f
      mkdir out && tar --zstd -xf $f -C out
      cat out/events/*/*.ndjson | jq -r '[.rev, .type, (.data.amount|tostring)] | join(" ")' | tail -1
      jq -r '.chunks[0].sha256' out/manifest.json
      sha256sum out/$(jq -r '.chunks[0].member' out/manifest.json) | cut -d' ' -f1
      bsdtar -tf $f | tail -1
      """)
    let lines = audit.out.split(separator: "\n").map(String.init)
    #expect(audit.status == 0)
    try #require(lines.count == 4)
    #expect(lines[0] == "19 Booked 19.1")
    #expect(lines[1] == lines[2])
    #expect(lines[3] == "manifest.sig")
  }

  @Test func `through missed nights, ends where every night is done once`() throws {
    let program = try Program()
    try program.run(["demo", "--days", "6", "--users", "8"])
    #expect(try program.run(["run", Self.nightly]).status == 0)
    #expect(try program.run(["run", Self.nightly]).out == "No night is missing.\n")
    let runs = try program.run(["runs", "--json"]).json["runs"] as? [[String: Any]]
    #expect(runs?.count == 6)
    #expect(runs?.allSatisfy { $0["result"] as? String == "done" } == true)
    for name in ["uptime.html", "uptime.json", "uptime.csv", "activity.html", "activity.json"] {
      let path = program.store + ".reports/latest/" + name
      #expect(FileManager.default.fileExists(atPath: path))
    }
    #expect(try program.run(["report", "uptime", "--check"]).status == 0)
  }

  /// The second run starts while the first is stopped in the middle.
  @Test func `of two nightly runs at once is one run and one polite refusal`() throws {
    let program = try Program()
    try program.run(["demo", "--days", "12", "--users", "20"])
    let result = try program.shell(
      """
      $ROOKERY run \(Self.nightly) >first.log 2>&1 & first=$!
      until inode=$(stat -c %i store.db.lock) && grep -q ":$inode " /proc/locks; do
        sleep 0.01
      done
      kill -STOP $first
      $ROOKERY run \(Self.nightly) 2>second.err; echo "second $?"
      kill -CONT $first; wait $first; echo "first $?"
      """)
    #expect(result.out.contains("second 4"), "\(result.out)")
    #expect(result.out.contains("first 0"), "\(result.out)")
  }

  @Test func `through kill -9 in the middle of an ingest loses nothing and adds nothing twice`()
    throws
  {
    let program = try Program()
    let lines = (0..<120_000).map {
      "{\"stream\":\"s\($0 % 7)\",\"type\":\"T\",\"data\":{\"n\":\($0)}}"
    }
    _ = try program.write("in.ndjson", lines.joined(separator: "\n") + "\n")
    let result = try program.shell(
      """
      $ROOKERY ingest in.ndjson & pid=$!
      for i in $(seq 1000); do
        n=$(sqlite3 store.db 'SELECT coalesce(sum(events),0) FROM streams' 2>/dev/null)
        [ "${n:-0}" -gt 20000 ] && break
        sleep 0.01
      done
      kill -9 $pid; wait $pid; echo "killed $? after $n"
      $ROOKERY ingest in.ndjson --json
      sqlite3 store.db "SELECT sum(events) FROM streams WHERE name GLOB 's*'"
      sqlite3 store.db "SELECT count(DISTINCT data) FROM events WHERE CAST(data AS TEXT) LIKE '{\\"n\\"%'"
      $ROOKERY doctor --json | jq -r '.findings[] | select(.grade == "damage") | .says'
      """)
    #expect(result.out.contains("killed 137"))
    #expect(result.out.hasSuffix("120000\n120000\n"))
  }

  @Test func `ends cleanly on SIGTERM and goes on when it is run again`() throws {
    let program = try Program()
    let lines = (0..<200_000).map { "{\"stream\":\"s\",\"type\":\"T\",\"data\":{\"n\":\($0)}}" }
    _ = try program.write("in.ndjson", lines.joined(separator: "\n") + "\n")
    let result = try program.shell(
      """
      $ROOKERY ingest in.ndjson & pid=$!
      for i in $(seq 1000); do
        n=$(sqlite3 store.db 'SELECT coalesce(sum(events),0) FROM streams' 2>/dev/null)
        [ "${n:-0}" -gt 20000 ] && break
        sleep 0.01
      done
      kill -TERM $pid; wait $pid; echo "ended $?"
      $ROOKERY ingest in.ndjson; echo "again $?"
      sqlite3 store.db "SELECT events FROM streams WHERE name = 's'"
      """)
    #expect(result.out.contains("ended 143"))
    #expect(result.out.contains("again 0"))
    #expect(result.out.hasSuffix("200000\n"))
  }

  @Test func `of a user is told no more than the rights allow`() throws {
    let program = try Program()
    try program.run(["append", "user-42-loans", "UserDataUpdated", "--data", "{}"])
    #expect(try program.run(["read", "user-42-loans", "--as", "user:42"]).status == 0)
    for principal in ["user:43", "anonymous"] {
      let denied = try program.run(["read", "user-42-loans", "--as", principal])
      #expect(denied.status == 1)
      #expect(denied.err.contains("permission-denied"))
      let absent = try program.run(["read", "user-99-loans", "--as", principal])
      #expect(absent.err.contains("permission-denied"))
    }
    try program.run(["read", "user-42-loans"])
    #expect(try program.run(["read", "$audit"]).out.contains("UserDataRead"))
  }

  @Test func `of who did what ends in the audit stream, with the reason`() throws {
    let program = try Program()
    let me = ["--as", "user:42"]
    try program.run(["append", "system-setup", "Installed", "--data", "{}"])
    try program.run(["append", "user-42-offers", "UserDataUpdated", "--data", "{}"] + me)
    try program.run(
      ["stream", "archive", "user-42-offers", "--without-policy", "--reason", "I am leaving"] + me)
    let audit = try program.run(["read", "$audit"]).out
    #expect(audit.contains(#"StreamCreated  {"name":"user-42-offers","by":"user:42"}"#))
    #expect(audit.contains(#""reason":"I am leaving","by":"user:42"}"#))
  }

  @Test(arguments: ["[]", #"{"reed":["*"]}"#, #"{"read":"*"}"#, #"{"read":["user:"]}"#])
  func `to permissions that say nothing sensible is refused`(rule: String) throws {
    let program = try Program()
    try program.run(["append", "board", "T", "--data", "{}"])
    let result = try program.run(["stream", "describe", "board", "--permissions", rule])
    #expect(result.status == 1)
    #expect(result.err.contains("permissions"))
  }

  @Test func `of one stream into the archive leaves the rows of others in their grace`() throws {
    let program = try Program()
    for stream in ["a", "b"] {
      try program.run(["append", stream, "T", "--data", "{}"])
    }
    try program.run(["stream", "archive", "a", "--without-policy", "--grace", "1d"])
    try program.run(["stream", "archive", "b", "--without-policy"])
    #expect(try program.run(["streams", "a", "--json"]).out.contains(#""hot":1,"cold":0"#))
    #expect(try program.run(["streams", "b", "--json"]).out.contains(#""hot":0,"cold":1"#))
  }

  @Test func `over a pipe ingests what another command prints`() throws {
    let program = try Program()
    try program.run(["append", "a", "T", "--data", "{\"n\":1}"])
    let piped = try program.shell(
      "$ROOKERY read a --json | $ROOKERY ingest - --store copy.db && $ROOKERY read a --json --store copy.db"
    )
    #expect(piped.out.contains(#""data":{"n":1}"#))
  }
}
