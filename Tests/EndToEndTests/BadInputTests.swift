import Foundation
import Testing

/// What an operator gets at 3 a.m.: a code, a sentence, a remedy, and nothing lost.
@Suite struct `Bad input` {
  static let good = #"{"stream":"s","type":"T","data":{"n":1}}"#

  @Test(arguments: [
    (#"{"stream":"s","type":"T","data":{"n":"#, "invalid-json", ""),
    (#"{"stream":"../../etc/passwd","type":"T","data":{}}"#, "invalid-stream-name", "stream"),
    (
      #"{"stream":"\#(String(repeating: "x", count: 300))","type":"T","data":{}}"#,
      "invalid-stream-name", "stream"
    ),
    (
      #"{"stream":"s","type":"T","data":{},"timestamp":"2025-01-10T03:00:00"}"#,
      "invalid-timestamp", "timestamp"
    ),
    (
      #"{"stream":"s","type":"T","data":{},"timestamp":"9999-01-01T00:00:00Z"}"#,
      "invalid-timestamp", "timestamp"
    ),
    (
      #"{"stream":"s","type":"T","data":{},"timestamp":"1969-12-31T23:59:59Z"}"#,
      "invalid-timestamp", "timestamp"
    ),
    (#"{"stream":"s","type":"T"}"#, "invalid-event", "data"),
    (#"{"stream":"$audit","type":"T","data":{}}"#, "permission-denied", "stream"),
    (
      #"{"stream":"service-uptime-x","type":"ServiceStatusChanged","data":{"serviceName":"x"}}"#,
      "invalid-event", "data.status"
    ),
  ])
  func `lines go to the rejects file with code and field, and harm no other`(
    line: String, code: String, field: String
  ) throws {
    let program = try Program()
    let file = try program.write("in.ndjson", [Self.good, line, Self.good].joined(separator: "\n"))
    let result = try program.run(["ingest", file, "--rejects", "rejects.ndjson", "--json"])
    #expect(result.status == 3)
    #expect(result.json["appended"] as? Int == 2)
    #expect(result.json["rejected"] as? Int == 1)
    let reject = try #require(
      try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(fileURLWithPath: program.folder + "/rejects.ndjson")))
        as? [String: Any])
    #expect(reject["line"] as? Int == 2)
    #expect(reject["code"] as? String == code)
    #expect(reject["field"] as? String == field)
    #expect(reject["raw"] as? String == line)
    let again = try program.run(["ingest", file, "--json"])
    #expect(again.json["appended"] as? Int == 0)
  }

  @Test func `that is not UTF-8 is rejected by line`() throws {
    let program = try Program()
    var data = Data((Self.good + "\n").utf8)
    data += Data(#"{"stream":"s","type":"T","data":{"n":""#.utf8) + Data([0xFF, 0xFE])
    data += Data("\"}}\n".utf8)
    let file = try program.write("in.ndjson", data)
    let result = try program.run(["ingest", file, "--rejects", "r.ndjson", "--json"])
    #expect(result.status == 3)
    #expect(result.json["appended"] as? Int == 1)
  }

  @Test func `of one id with two bodies keeps the first and rejects the second`() throws {
    let program = try Program()
    let file = try program.write(
      "in.ndjson",
      """
      {"stream":"s","type":"T","data":{"n":1},"eventId":"a"}
      {"stream":"s","type":"T","data":{"n":2},"eventId":"a"}
      """)
    let result = try program.run(["ingest", file, "--rejects", "r.ndjson", "--json"])
    #expect(result.status == 3)
    #expect(result.json["appended"] as? Int == 1)
    let rejects = try String(contentsOfFile: program.folder + "/r.ndjson", encoding: .utf8)
    #expect(rejects.contains("event-id-conflict"))
    #expect(try program.run(["read", "s"]).out.contains(#"{"n":1}"#))
  }

  @Test func `of 64 MiB is over the limit, which the configuration can raise`() throws {
    let program = try Program()
    let body = String(repeating: "x", count: 64 * 1024 * 1024 - 100)
    let file = try program.write(
      "big.ndjson", "{\"stream\":\"s\",\"type\":\"T\",\"data\":\"\(body)\"}\n\(Self.good)\n")
    let refused = try program.run(["ingest", file, "--json"])
    #expect(refused.status == 3)
    #expect(refused.json["appended"] as? Int == 1)
    #expect(refused.err.contains("event-too-large"))
    let config = try program.write("c.yaml", "maxEventBytes: 67108864\n")
    let taken = try program.run(["ingest", file, "--config", config, "--json"])
    #expect(taken.json["appended"] as? Int == 1)
    let counted = try program.run(["streams", "s", "--json"])
    #expect(counted.out.contains("\"events\":2"))
  }

  @Test func `to an archived or a deleted stream says so, and why`() throws {
    let program = try Program()
    for number in 0..<3 {
      try program.run(["append", "orders-7", "T", "--data", "{\"n\":\(number)}"])
    }
    #expect(try program.run(["stream", "archive", "orders-7"]).status == 0)
    let archived = try program.run(["append", "orders-7", "T", "--data", "{}"])
    #expect(archived.status == 1)
    #expect(archived.err.contains("stream-archived"))
    #expect(archived.err.contains("rookery stream reopen orders-7 --reason"))
    #expect(try program.run(["read", "orders-7", "--json"]).out.split(separator: "\n").count == 3)
    #expect(
      try program.run(["stream", "delete", "orders-7", "--reason", "case closed"]).status == 0)
    for command in [["append", "orders-7", "T", "--data", "{}"], ["read", "orders-7"]] {
      let deleted = try program.run(command)
      #expect(deleted.status == 1)
      #expect(deleted.err.contains("stream-deleted"))
      #expect(deleted.err.contains("case closed"))
    }
  }

  @Test func `of a wrong expected revision changes nothing`() throws {
    let program = try Program()
    #expect(
      try program.run(["append", "s", "T", "--data", "{}", "--expect", "none"]).status == 0)
    let wrong = try program.run(["append", "s", "T", "--data", "{}", "--expect", "7"])
    #expect(wrong.status == 1)
    #expect(wrong.err.contains("wrong-expected-revision"))
    #expect(
      try program.run(["append", "s", "T", "--data", "{}", "--expect", "0"]).out.contains(
        "revision 1"))
  }

  @Test func `for a store is refused and not touched`() throws {
    let program = try Program()
    let text = try program.write("notes.txt", "not a store, but dear to somebody\n")
    let result = try program.run(["streams"], store: text)
    #expect(result.status == 1)
    #expect(result.err.contains("not-a-store"))
    let appended = try program.run(["append", "s", "T", "--data", "{}"], store: text)
    #expect(appended.err.contains("not-a-store"))
    #expect(
      try String(contentsOfFile: text, encoding: .utf8) == "not a store, but dear to somebody\n")
    try program.run(["append", "s", "T", "--data", "{}"])
    try program.shell("sqlite3 store.db 'PRAGMA user_version = 99'")
    #expect(try program.run(["read", "s"]).err.contains("store-newer"))
  }

  @Test func `such as a read-only or a full disk is named, and nothing is lost`() throws {
    let program = try Program()
    let lines = (0..<20_000).map {
      "{\"stream\":\"s\",\"type\":\"T\",\"data\":{\"n\":\($0),\"pad\":\"0123456789\"}}"
    }
    _ = try program.write("in.ndjson", lines.joined(separator: "\n") + "\n")
    let result = try program.shell(
      """
      set -u
      mkdir small && mount -t tmpfs -o size=3m none small || exit 99
      trap 'umount small' EXIT
      export ROOKERY_STORE=$PWD/small/store.db
      $ROOKERY append s T --data '{"first":true}' || exit 98
      $ROOKERY ingest in.ndjson 2>full.err; echo "full $?"
      $ROOKERY read s --limit 1 --json | grep -c first
      mount -o remount,ro small
      $ROOKERY append s T --data '{}' 2>ro.err; echo "ro $?"
      $ROOKERY read s --limit 1 --json | grep -c first
      mount -o remount,rw,size=200m small
      $ROOKERY ingest in.ndjson; echo "rerun $?"
      $ROOKERY streams s --json
      """)
    let full = try String(contentsOfFile: program.folder + "/full.err", encoding: .utf8)
    let readOnly = try String(contentsOfFile: program.folder + "/ro.err", encoding: .utf8)
    #expect(full.contains("storage-full"))
    #expect(readOnly.contains("store-read-only"))
    #expect(result.out.contains("full 1\n1\nro 1\n1\n"))
    #expect(result.out.contains("rerun 0"))
    #expect(result.out.contains("\"events\":20001"))
  }

  @Test func `of an empty store, one event, or no data is no error and no 100 percent`() throws {
    let program = try Program()
    #expect(try program.run(["streams"]).err.contains("store-missing"))
    try program.run(["demo", "--days", "1", "--users", "0"])
    let lonely = try Program()
    try lonely.run([
      "append", "service-uptime-a", "ServiceStatusChanged", "--data",
      #"{"serviceName":"a","status":"up","timestamp":"2025-01-01T12:00:00Z"}"#,
    ])
    let report = try lonely.run([
      "report", "uptime", "--from", "2024-01-01", "--to", "2024-02-01", "--json",
    ])
    #expect(report.status == 0)
    #expect(report.out.contains(#""availabilityPct":null"#))
    let activity = try lonely.run(["report", "activity", "--json"])
    #expect(activity.status == 0)
    let nights = try lonely.run([
      "run", Program.checkout + "/pipelines/nightly.yaml", "--date", "2025-01-01",
    ])
    #expect(nights.status == 0)
  }

  @Test func `in a segment is found, named, and the rest is served`() throws {
    let program = try Program()
    for number in 0..<50 {
      try program.run(["append", "orders-7", "T", "--data", "{\"n\":\(number)}"])
    }
    try program.run(["stream", "archive", "orders-7"])
    try program.run(["append", "other", "T", "--data", "{}"])
    #expect(try program.run(["segments", "verify"]).status == 0)
    // Another byte than there was, whatever that is: ids are random, and so is what they compress to.
    try program.shell(
      """
      f=$(find store.db.segments -name '*.tar.zst')
      byte=$(od -An -tu1 -j1600 -N1 $f)
      chmod u+w $f
      printf "\\x$(printf %x $((byte ^ 255)))" | dd of=$f bs=1 seek=1600 conv=notrunc
      chmod 0444 $f
      """)
    let verify = try program.run(["segments", "verify"])
    #expect(verify.status == 5)
    #expect(verify.out.contains("orders-7 revisions 0 to 49"))
    let read = try program.run(["read", "orders-7"])
    #expect(read.status == 5)
    #expect(read.out.isEmpty)
    #expect(read.err.contains("segment-corrupt"))
    #expect(try program.run(["read", "other"]).status == 0)
    try program.shell("rm -f $(find store.db.segments -name '*.tar.zst')")
    let missing = try program.run(["read", "orders-7"])
    #expect(missing.status == 5)
    #expect(missing.err.contains("segment-missing"))
    #expect(try program.run(["doctor"]).status == 5)
  }

  @Test(arguments: ["in.ndjson", "store.db", "store.db-wal"])
  func `never lets the rejects file be an input or the store`(target: String) throws {
    let program = try Program()
    try program.run(["append", "s", "T", "--data", "{}"])
    _ = try program.write("in.ndjson", "not json\n")
    let keeper = try program.shell(
      "sqlite3 store.db 'PRAGMA wal_checkpoint(PASSIVE)' >/dev/null; touch store.db-wal; ls")
    #expect(keeper.out.contains(target))
    let result = try program.run(["ingest", "in.ndjson", "--rejects", target])
    #expect(result.status == 2)
    #expect(try program.run(["read", "s"]).status == 0)
    #expect(
      try String(contentsOfFile: program.folder + "/in.ndjson", encoding: .utf8) == "not json\n")
  }

  @Test func `that is not UTF-8 on the command line is not stored`() throws {
    let program = try Program()
    let result = try program.shell(#"$ROOKERY append s T --data $'"\xff"'; echo "rc $?""#)
    #expect(result.out == "rc 2\n")
  }

  @Test func `of a full disk behind standard output is not reported as success`() throws {
    let program = try Program()
    try program.run(["append", "s", "T", "--data", "{}"])
    let result = try program.shell(
      "$ROOKERY streams >/dev/full; echo $?; $ROOKERY doctor --json >/dev/full; echo $?")
    #expect(result.out == "1\n1\n")
  }

  @Test func `on the command line exits with 2`() throws {
    let program = try Program()
    #expect(try program.run(["append", "s"]).status == 2)
    #expect(try program.run(["read", "s", "--from", "-1"]).status == 2)
    #expect(try program.run(["nonsense"]).status == 2)
    #expect(try program.run(["--help"]).status == 0)
  }
}
