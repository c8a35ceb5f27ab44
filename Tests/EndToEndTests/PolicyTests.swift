import Foundation
import Testing

/// What an operator tells the archive to do, and what it then does.
@Suite struct `A policy` {
  private static let cold = ["archive", "--policy", "user-*:coldAfter=90d", "--json"]

  /// Three users who were last seen years ago, and one who is here now.
  private func program() throws -> Program {
    let program = try Program()
    var lines: [String] = []
    for user in 1...3 {
      for day in 1...20 {
        let date = String(format: "2024-03-%02d", day)
        lines.append(
          #"{"stream":"user-\#(user)-loans","type":"UserDataUpdated","data":{"n":\#(day)},"#
            + #""timestamp":"\#(date)T00:00:00Z"}"#)
      }
    }
    lines.append(#"{"stream":"user-4-loans","type":"UserDataUpdated","data":{}}"#)
    let file = try program.write("in.ndjson", lines.joined(separator: "\n") + "\n")
    #expect(try program.run(["ingest", file]).status == 0)
    return program
  }

  @Test func `tells in a dry run exactly what the run then does, and changes nothing`() throws {
    let program = try program()
    let forecast = try program.run(Self.cold + ["--dry-run"])
    #expect(forecast.status == 0)
    #expect(try program.run(["segments", "list", "--json"]).out.contains(#""segments":[]"#))
    let planned = try moves(forecast.json["segments"], "archiveSeq", "streams")
    #expect(planned.count == 3)
    #expect(
      forecast.out.contains(
        #""policy":"user-*","sealed":false,"reason":"user-*: last event 2024-03-20"#))
    #expect(forecast.out.contains(#""stream":"user-4-loans","policy":"user-*","reason":"last ev"#))
    let text = try program.run(Self.cold.dropLast() + ["--dry-run"])
    #expect(text.out.contains("60 events"))
    #expect(text.out.contains("(an estimate)"))

    let run = try program.run(Self.cold)
    #expect(run.json["events"] as? Int == forecast.json["events"] as? Int)
    let catalog = try program.shell(
      """
      sqlite3 -json store.db "SELECT archive_seq AS seq, file, name AS stream, first, last
        FROM segment_ranges JOIN segments USING (archive_seq) JOIN streams ON streams.id = stream"
      """)
    let rows = try JSONSerialization.jsonObject(with: Data(catalog.out.utf8)) as? [[String: Any]]
    let made = try #require(rows).map { row in
      "\(row["seq"] ?? "") \(row["file"] ?? "") \(row["stream"] ?? "") "
        + "\(row["first"] ?? "") \(row["last"] ?? "")"
    }
    #expect(Set(made) == planned)
    #expect(try program.run(Self.cold + ["--dry-run"]).json["events"] as? Int == 0)
  }

  private func moves(_ segments: Any?, _ seq: String, _ streams: String) throws -> Set<String> {
    var moves: Set<String> = []
    for segment in try #require(segments as? [[String: Any]]) {
      for part in try #require(segment[streams] as? [[String: Any]]) {
        moves.insert(
          "\(segment[seq] ?? "") \(segment["file"] ?? "") \(part["stream"] ?? "") "
            + "\(part["first"] ?? "") \(part["last"] ?? "")")
      }
    }
    return moves
  }

  @Test func `deletes what its retention is over for, and never what is held`() throws {
    let program = try program()
    _ = try program.write(
      "keep.yaml",
      """
      steps:
      - step: archive
        policies: [{streams: "user-*", coldAfter: 90d, retainFor: 365d}]
      - step: retention
        needs: archive
        policies: [{streams: "user-*", retainFor: 365d}]
      """)
    try program.run(["holds", "place", "--streams", "user-3-*", "--reason", "case 7"])
    let night = ["run", "keep.yaml", "--date", "2026-01-01"]
    let first = try program.run(night)
    #expect(first.status == 0, "\(first.err)")
    #expect(first.out.contains("2 streams deleted, 0 segments removed, 1 rewritten"))
    let held = try program.run(
      ["stream", "delete", "user-3-loans", "--reason", "x", "--early"])
    #expect(held.status == 1)
    #expect(held.err.contains("legal-hold"))
    #expect(!(try program.run(["doctor"]).out.contains("deleted streams still have events")))
    #expect(try program.run(["stream", "show", "user-1-loans"]).out.contains("were taken out"))

    try program.run(["holds", "lift", "--streams", "user-3-*", "--reason", "closed"])
    #expect(try program.run(night).out.contains("1 streams deleted, 1 segments removed"))
    #expect(try program.shell("find store.db.segments -name '*.zst'").out == "")
    #expect(try program.run(["segments", "verify"]).status == 0)
    #expect(try program.run(["segments"]).out.contains("deleted"))
    #expect(try program.run(["stream", "show", "user-1-loans"]).out.contains("which was removed"))
    let audit = try program.run(["read", "$audit"]).out
    #expect(audit.contains("SegmentRetired"))
    #expect(audit.contains("HoldLifted"))
  }

  @Test func `of a stream that must be kept is overruled only by --early, with a reason`() throws {
    let program = try program()
    try program.run(["archive", "--policy", "user-*:coldAfter=90d,retainFor=36500d"])
    let delete = ["stream", "delete", "user-1-loans", "--reason", "account closed"]
    let refused = try program.run(delete)
    #expect(refused.status == 1)
    #expect(refused.err.contains("retention: Stream user-1-loans must be kept until 2124-"))
    #expect(try program.run(delete + ["--early"]).status == 0)
    #expect(
      try program.run(["stream", "delete", "user-2-loans", "--early"]).status == 2, "no reason")
  }

  @Test func `counts for a stream that is archived by hand, too`() throws {
    let program = try program()
    let archive = ["stream", "archive", "user-1-loans"]
    for options in [
      [], ["--policy", "service-*:keepHot=1d"],
      ["--policy", "user-*:encrypt=true", "--without-policy"],
    ] {
      let refused = try program.run(archive + options)
      #expect(refused.status == 2 && refused.err.contains("--without-policy"), "\(refused)")
    }
    #expect(try program.run(["segments", "list", "--json"]).out.contains(#""segments":[]"#))
    _ = try program.write(
      "keep.yaml",
      """
      steps:
      - step: archive
        grace: 1d
        policies: [{streams: "user-*", coldAfter: 9000d, encrypt: true, retainFor: 36500d}]
      """)
    let done = try program.run(archive + ["--pipeline", "keep.yaml"])
    #expect(done.status == 0, "\(done.err)")
    #expect(done.out.contains("20 events") && done.out.contains("0 rows released"))
    #expect(
      try program.shell("zstd -dcq $(find store.db.segments -name '*.zst') | grep -ac '\"n\"'").out
        == "0\n")
    #expect(try program.run(["read", "user-1-loans"]).out.contains(#"{"n":20}"#))
    let kept = try program.run(["stream", "delete", "user-1-loans", "--reason", "closed"])
    #expect(kept.err.contains("retention: Stream user-1-loans must be kept until 2124-"))
    let plain = try program.run(["stream", "archive", "user-2-loans", "--without-policy"])
    #expect(plain.status == 0 && plain.out.contains("20 rows released"), "\(plain.err)")
  }

  @Test(arguments: [
    ("user-*:coldAfter=90d,sign=maybe", 2, "must be true or false"),
    ("user-*", 2, "GLOB:coldAfter"),
    ("user-*:coldAfter=90d,segmentSize=1", 2, "must be a size from 64KiB to 16GiB"),
    ("user-*:retainFor=90d", 2, "must say coldAfter or keepHot"),
  ])
  func `that says nothing sensible is refused`(policy: String, status: Int32, says: String) throws {
    let program = try program()
    let result = try program.run(["archive", "--policy", policy])
    #expect(result.status == status)
    #expect(result.err.contains(says), "\(result.err)")
  }

  @Test func `is not followed by a clock that is years ahead, unless somebody has looked`() throws {
    let program = try program()
    try program.shell(
      "sqlite3 store.db \"INSERT INTO store VALUES ('clock', '1700000000000000')\"")
    let refused = try program.run(Self.cold)
    #expect(refused.status == 1)
    #expect(refused.err.contains("clock-jumped: "))
    #expect(try program.run(["segments", "list", "--json"]).out.contains(#""segments":[]"#))
    #expect(try program.run(Self.cold + ["--even-so"]).json["events"] as? Int == 60)
    #expect(try program.run(Self.cold).status == 0)
  }
}
