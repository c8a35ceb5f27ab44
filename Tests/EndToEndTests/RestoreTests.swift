import Foundation
import Testing

@Suite struct `The restore command` {
  /// Two users and a service, archived and released.
  private func program() throws -> Program {
    let program = try Program()
    let lines = (0..<40).map { number in
      let stream = ["user-7-loans", "user-7-offers", "user-7-a-loans", "service-uptime-api"][
        number % 4]
      return """
        {"stream":"\(stream)","type":"Counted","timestamp":"2025-01-01T00:00:\(10 + number)Z",\
        "data":{"n":\(number)}}
        """
    }
    _ = try program.write("events.ndjson", lines.joined(separator: "\n") + "\n")
    #expect(try program.run(["ingest", "events.ndjson"]).status == 0)
    #expect(try program.run(["archive", "--policy", "*:coldAfter=1d"]).status == 0)
    return program
  }

  @Test func `keeps the report of a copy beside it, and records who took it and why`() throws {
    let program = try program()
    let run = try program.run([
      "restore", "--user", "7", "--into", "audit.db", "--reason", "case 9", "--json",
    ])
    #expect(run.status == 0)
    #expect(run.json["events"] as? Int == 20)
    #expect(run.json["sound"] as? Bool == true)
    let kept = try String(contentsOfFile: program.folder + "/audit.db.report.json", encoding: .utf8)
    #expect(kept == run.out)
    let read = try program.run(
      ["read", "user-7-loans", "--json"], store: program.folder + "/audit.db")
    #expect(try program.run(["read", "user-7-loans", "--json"]).out == read.out)
    let audit = try program.run(["read", "$audit", "--type", "StreamRestored"]).out
    #expect(
      audit.contains(#"{"name":"user-7-loans","into":"audit.db","reason":"case 9","by":"system"}"#))
    #expect(audit.contains("user-7-offers") && !audit.contains("user-7-a"))
  }

  @Test func `writes a bundle whose page and instructions are those of the report`() throws {
    let program = try program()
    let run = try program.run([
      "restore", "--pattern", "user-*", "--since", "2025-01-01T00:00:20Z", "--bundle",
      "audit.tar.zst", "--json",
    ])
    #expect(run.status == 0)
    #expect(run.json["events"] as? Int == 22)
    #expect(
      try program.shell("sha256sum audit.tar.zst").out.hasPrefix(
        try #require(run.json["bundleSHA256"] as? String)))
    let verdict = try program.shell(
      """
      mkdir room; cp audit.tar.zst room; cd room
      tar --zstd -xOf audit.tar.zst VERIFY.txt | sed -n 's/^    //p' > verify.sh
      sh verify.sh | tail -n 1; grep -c 'user-7-a-loans' index.html
      """)
    #expect(verdict.out == "SOUND\n1\n")
    let again = try program.run(["restore", "user-7-loans", "--bundle", "audit.tar.zst"])
    #expect(again.status == 1)
    #expect(again.err.contains("audit.tar.zst"))
  }

  @Test func `brings a stream back into the store for a while and says so`() throws {
    let program = try program()
    let before = try program.run(["read", "user-7-loans", "--json"]).out
    let run = try program.run(["restore", "user-7-loans", "--hot", "--for", "2d", "--json"])
    #expect(run.status == 0)
    #expect(run.json["events"] as? Int == 10)
    let shown = try program.run(["stream", "show", "user-7-loans"]).out
    #expect(shown.contains("10 hot, 0 cold") && shown.contains("restored     until"))
    #expect(try program.run(["archive", "--policy", "*:coldAfter=1d"]).status == 0)
    #expect(try program.run(["stream", "show", "user-7-loans"]).out == shown)
    #expect(try program.run(["read", "user-7-loans", "--json"]).out == before)
    let deleted = try program.run(["stream", "delete", "user-7-loans", "--reason", "test"])
    #expect(deleted.err.contains("open-restore"))

    #expect(try program.run(["restore", "user-7-loans", "--hot", "--for", "0"]).status == 0)
    #expect(try program.run(["archive", "--policy", "*:coldAfter=1d"]).status == 0)
    #expect(try program.run(["stream", "show", "user-7-loans"]).out.contains("0 hot, 10 cold"))
    #expect(try program.run(["read", "user-7-loans", "--json"]).out == before)
  }

  @Test func `touches no store that is not a copy of this one`() throws {
    let program = try program()
    let other = program.folder + "/other.db"
    try program.run(["append", "s", "T", "--data", "{}"], store: other)
    try program.shell("sqlite3 other.db 'PRAGMA user_version = 1'")
    func content() throws -> Data { try Data(contentsOf: URL(fileURLWithPath: other)) }
    var before = try content()
    for code in ["store-older", "invalid-option"] {
      let run = try program.run(["restore", "user-7-loans", "--into", "other.db"])
      #expect(run.status != 0 && run.err.contains(code))
      #expect(try content() == before)
      try program.shell("sqlite3 other.db 'PRAGMA user_version = 4'")
      before = try content()
    }
    for _ in 0..<2 {
      #expect(try program.run(["restore", "user-7-loans", "--into", "copy.db"]).status == 0)
    }
  }

  @Test func `gives lines that can be loaded again, byte for byte`() throws {
    let program = try Program()
    let data = ["{\n\"a\":1}", " {\"é\":[] } ", "\"plain\"", "\r\n7"]
    for data in data {
      #expect(
        try program.run(["append", "s", "T", "--data", data, "--metadata", "[1,\n2]"]).status == 0)
    }
    _ = try program.write("b64.ndjson", #"{"stream":"s","type":"T","data_b64":"AP8KDSI="}"#)
    #expect(try program.run(["ingest", "b64.ndjson"]).status == 0)
    let read = try program.run(["read", "s", "--json"]).out
    #expect(read.split(separator: "\n").count == 5 && read.contains(#""data_b64":"AP8KDSI=""#))
    _ = try program.write("again.ndjson", read)
    #expect(
      try program.run(["ingest", "again.ndjson", "--json"]).json["duplicates"] as? Int == 5)
    let other = program.folder + "/other.db"
    #expect(try program.run(["ingest", "again.ndjson"], store: other).status == 0)
    let sums = "hex(e.data), hex(e.metadata), hex(e.id), timestamp, recorded_at"
    #expect(
      try program.shell(
        "for f in store.db other.db; do sqlite3 $f \"SELECT \(sums) FROM events e "
          + "JOIN streams s ON s.id = e.key >> 38 WHERE s.name = 's' ORDER BY key\" | sha256sum; "
          + "done | uniq | wc -l"
      ).out.trimmingCharacters(in: .whitespacesAndNewlines) == "1")
  }

  private static let refused: [([String], Int32)] = [
    (["restore"], Int32(2)), (["restore", "a", "--user", "7"], 2),
    (["restore", "a", "--hot", "--into", "b.db"], 2), (["restore", "a", "--hot", "--to", "5"], 2),
    (["restore", "a", "--from", "5", "--to", "4"], 2), (["restore", "a", "--since", "noon"], 2),
    (["restore", "user-7-loans", "--into", "store.db"], 2), (["restore", "nothing"], 1),
    (["restore", "--user", "7", "--as", "user:8"], 1),
    (["restore", "user-7-loans", "--as", "user:8"], 1),
    (["restore", "user-7-loans", "--hot", "--as", "user:8"], 1),
  ]

  @Test(arguments: refused)
  func `refuses what makes no sense or is not allowed, and makes nothing`(
    arguments: [String], status: Int32
  ) throws {
    let program = try program()
    let audit = try program.run(["read", "$audit"]).out
    #expect(try program.run(arguments).status == status)
    #expect(try program.run(["read", "$audit"]).out == audit)
    let files = try FileManager.default.contentsOfDirectory(atPath: program.folder)
    #expect(files.filter { $0.contains("restored") || $0.contains("report") } == [])
  }
}
