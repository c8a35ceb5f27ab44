import Foundation
import Testing

/// `rookery seal`, as an operator runs it.
@Suite struct `Sealing streams` {
  private static let secret = "canary-3d1e"

  private func append(_ program: borrowing Program, _ stream: String, _ count: Int) throws {
    for number in 0..<count {
      let appended = try program.run([
        "append", stream, "UserDataUpdated", "--data",
        #"{"userId":"7","category":"search","secret":"\#(Self.secret)-\#(number)"}"#,
        "--timestamp", "2025-02-0\(number + 1)T10:00:00Z",
      ])
      #expect(appended.status == 0, "\(appended.err)")
    }
  }

  private func secrets(_ program: borrowing Program) throws -> String {
    try program.shell(
      """
      find . -type f ! -name '.out' ! -name '.err' ! -name '*.ndjson' | while read -r file; do
        { cat "$file"; zstd -dcq "$file" 2>/dev/null; } | grep -aq '\(Self.secret)' && echo "$file"
      done; true
      """
    ).out
  }

  @Test func `hides what is there and what comes from all files, and from no reader`() throws {
    let program = try Program()
    try append(program, "user-7-loans", 3)
    #expect(try secrets(program) != "")
    let before = try program.run(["read", "user-7-loans", "--json"]).out
    let added = try program.run(["seal", "add", "user-*", "--reason", "privacy", "--json"])
    #expect(added.status == 0, "\(added.err)")
    #expect(added.json["events"] as? Int == 3 && added.json["sealed"] as? Bool == true)
    #expect(try secrets(program) == "")
    #expect(try program.run(["read", "user-7-loans", "--json"]).out == before)

    // Every way in: an append, and lines that are ingested, twice.
    try append(program, "user-7-offers", 2)
    let lines = try program.write(
      "lines.ndjson",
      (0..<20).map { number in
        #"{"stream":"user-8-loans","type":"UserDataUpdated","timestamp":"2025-03-01T10:00:\#(number + 10)Z","#
          + #""data":{"userId":"8","category":"search","secret":"\#(Self.secret)-\#(number)"}}"#
      }.joined(separator: "\n") + "\n")
    for round in 0..<2 {
      let ingested = try program.run(["ingest", lines, "--json"])
      #expect(ingested.status == 0, "\(round): \(ingested.err)")
    }
    #expect(try program.run(["read", "user-8-loans"]).out.contains("\(Self.secret)-19"))
    #expect(try secrets(program) == "")

    let listed = try program.run(["seal", "list", "--json"])
    let seals = listed.json["seals"] as? [[String: Any]]
    #expect(seals?.count == 1 && seals?.first?["streams"] as? Int == 3)
    #expect(try program.run(["seal"]).out.contains("privacy"))

    let forecast = try program.run(["archive", "--policy", "*:coldAfter=1d", "--dry-run"])
    #expect(forecast.out.contains("sealed, hence encrypted"))
    #expect(try program.run(["archive", "--policy", "*:coldAfter=1d"]).status == 0)
    #expect(try program.run(["read", "user-7-loans", "--json"]).out == before)
    #expect(try program.run(["segments", "verify", "--against-store"]).status == 0)
    #expect(try secrets(program) == "")

    let audit = try program.run(["read", "$audit"]).out
    #expect(audit.contains("StreamsSealed") && audit.contains("privacy"))
    // Forgotten, and the same lines do not come again.
    #expect(try program.run(["user", "forget", "8", "--reason", "asked", "--yes"]).status == 0)
    #expect(try program.run(["ingest", lines]).status == 3)
    #expect(try program.run(["read", "user-8-loans"]).err.contains("stream-deleted"))

    let removed = try program.run(["seal", "remove", "user-*", "--reason", "no more"])
    #expect(removed.status == 0)
    #expect(try program.run(["seal", "remove", "user-*", "--reason", "no more"]).status == 2)
    #expect(try program.run(["seal", "add", "$audit", "--reason", "why"]).status == 2)
    #expect(try program.run(["seal", "add", "x", "--reason", "why", "--as", "user:7"]).status == 2)
  }

  @Test func `is what the doctor asks for where only segments are encrypted`() throws {
    let program = try Program()
    try append(program, "user-7-loans", 2)
    func finding(_ arguments: String...) throws -> [String: Any]? {
      let findings = try program.run(["doctor", "--json"] + arguments).json["findings"]
      return (findings as? [[String: Any]])?.first { $0["check"] as? String == "seals" }
    }
    #expect(try finding() == nil)
    let pipeline = try program.write(
      "night.yaml",
      """
      steps:
        - step: archive
          policies:
            - streams: 'user-*'
              coldAfter: 1d
              encrypt: true
      """)
    #expect(
      try finding("--pipeline", pipeline)?["remedy"] as? String
        == "Run 'rookery seal add 'user-*' --reason WHY'.")
    #expect(try program.run(["archive", "--pipeline", pipeline]).status == 0)
    // The catalog tells, too.
    #expect((try finding()?["says"] as? String)?.contains("user-7-loans") == true)
    #expect(try program.run(["seal", "add", "user-*", "--reason", "privacy"]).status == 0)
    #expect(try finding("--pipeline", pipeline)?["grade"] as? String == "good")
  }

  @Test func `can be killed at any instant and goes on`() throws {
    let program = try Program()
    let lines = try program.write(
      "lines.ndjson",
      (0..<20_000).map { number in
        #"{"stream":"user-8-loans","type":"Noted","timestamp":"2025-03-01T10:00:10Z","#
          + #""data":{"n":\#(number),"secret":"\#(Self.secret)-\#(number)"}}"#
      }.joined(separator: "\n") + "\n")
    #expect(try program.run(["ingest", lines]).status == 0)
    let sum = "$ROOKERY read user-8-loans --json | sha256sum"
    let before = try program.shell(sum).out
    for milliseconds in [20, 60, 150, 300, 600] {
      _ = try program.shell(
        "timeout -s KILL 0.\(String(format: "%03d", milliseconds)) $ROOKERY seal add 'user-*' --reason r"
      )
      #expect(try program.shell(sum).out == before)
    }
    #expect(try program.run(["seal", "add", "user-*", "--reason", "r"]).status == 0)
    #expect(try program.shell(sum).out == before)
    #expect(try secrets(program) == "")
  }
}
