import Foundation
import Testing

@Suite struct `A journey after the store is lost` {
  private static let policies = ["--policy", "*:coldAfter=1s"]

  @Test func `ends with the same history, and goes on`() throws {
    let program = try Program()
    try program.run(["demo", "--days", "4", "--users", "3"])
    #expect(try program.run(["archive"] + Self.policies).status == 0)
    // All but when it was made, and from which position on.
    let now = Date().formatted(.iso8601)
    let report = """
      $ROOKERY report uptime --full --from 2000-01-01 --to 2040-01-01 --as-of \(now) --json |
        jq -c 'walk(if type == "object" then del(.madeAt, .throughPosition, .reproduce) else . end)'
      """
    let streams = try program.shell("$ROOKERY streams '[^$]*' --json | jq -c '.streams[].stream'")
    let names = streams.out.split(separator: "\n").map { $0.trimming(["\""]) }
    try #require(names.count > 10)
    let uptime = try program.shell(report)
    let reads = try names.map { try program.run(["read", $0, "--json"]).out }
    try #require(uptime.out.count > 1000 && reads.allSatisfy { !$0.isEmpty })

    try program.shell("rm store.db store.db-wal store.db-shm")
    let dry = try program.run(["archive", "reindex", "--rebuild", "--dry-run", "--json"])
    #expect(dry.status == 0)
    #expect(dry.json["dryRun"] as? Bool == true)
    #expect(!FileManager.default.fileExists(atPath: program.store))
    let rebuilt = try program.run(["archive", "reindex", "--rebuild", "--json"])
    #expect(rebuilt.status == 0)
    #expect((dry.json["taken"] as? [Any])?.count == (rebuilt.json["taken"] as? [Any])?.count)

    #expect(try program.shell(report).out == uptime.out)
    #expect(try names.map { try program.run(["read", $0, "--json"]).out } == reads)
    #expect(try program.run(["segments", "verify"]).status == 0)

    let name = names[0]
    let count = reads[0].split(separator: "\n").count
    try program.run(["stream", "reopen", name, "--reason", "test"])
    let appended = try program.run(["append", name, "Noted", "--data", "{}", "--json"])
    #expect(appended.json["revision"] as? Int ?? appended.json["first"] as? Int == count)
    try program.run(["stream", "archive", name, "--without-policy"])
    #expect(try program.run(["read", name, "--json"]).out.hasPrefix(reads[0]))
    let verified = try program.run(["segments", "verify", "--json"])
    #expect(verified.status == 0)
    #expect(verified.json["orphans"] as? [String] == [])
    #expect(try program.run(["read", "$audit"]).out.contains("ArchiveReindexed"))
  }

  @Test func `is told what is lost for good`() throws {
    let program = try Program()
    for number in 0..<4 {
      try program.run(["append", "ledger", "Booked", "--data", "{\"n\":\(number)}"])
      try program.run(["stream", "archive", "ledger", "--without-policy"])
      try program.run(["stream", "reopen", "ledger", "--reason", "test"])
    }
    try program.shell("rm store.db store.db-wal store.db-shm store.db.segments/*/*-000000000002-*")
    let rebuilt = try program.run(["archive", "reindex", "--rebuild"])
    #expect(rebuilt.status == 5)
    #expect(rebuilt.out.contains("lost: ledger revisions 2 to 2\n"))
    #expect(rebuilt.out.contains("segment number 3 of the chain is missing"))
    #expect(try program.run(["read", "ledger", "--json", "-n", "1"]).out.contains(#""n":3"#))
    let read = try program.run(["read", "ledger", "--json"])
    #expect(read.status == 5)
    #expect(read.err.contains("ledger"))
    let doctor = try program.run(["doctor"])
    #expect(doctor.status == 5)
    #expect(doctor.out.contains("ledger"))
  }

  @Test func `finds the segments at a target, and trusts the key that it is given`() throws {
    let program = try Program()
    try FileManager.default.createDirectory(
      atPath: program.folder + "/disk", withIntermediateDirectories: true)
    _ = try program.write(
      "config.yaml",
      """
      signingKey: \(program.folder)/key.pem
      targets:
        - name: vault
          address: \(program.folder)/disk
      """)
    let config = ["--config", "config.yaml"]
    for number in 0..<3 {
      try program.run(["append", "ledger", "Booked", "--data", "{\"n\":\(number)}"])
    }
    try program.run(["keys", "create"] + config)
    try program.shell("$ROOKERY keys show > kept.pub")
    let archived = try program.run(
      ["archive", "--policy", "ledger:coldAfter=0,sign=true,target=vault"] + config)
    try #require(archived.status == 0, "\(archived.err)")
    let before = try program.run(["read", "ledger", "--json"] + config).out
    try program.shell("rm -r store.db store.db-* store.db.segments")

    // The configured target is looked at, unless it is told not to be.
    let none = try program.run(["archive", "reindex", "--rebuild", "--no-targets"] + config)
    #expect(none.status != 0 && none.err.contains("no segment"))
    let plain = try program.run(
      ["archive", "reindex", "--rebuild", "--store", "plain.db", "--json"] + config)
    #expect(plain.status == 0, "\(plain.err)")
    #expect((plain.json["untrustedKeys"] as? [String])?.count == 1)
    let told = try program.run(["segments", "verify", "--store", "plain.db"] + config)
    #expect(told.status == 0 && told.out.contains("which is not trusted"))
    let signed = ["segments", "verify", "--signed"] + config
    #expect(try program.run(signed + ["--store", "plain.db"]).status == 5)

    let rebuilt = try program.run([
      "archive", "reindex", "--rebuild", "--from", program.folder + "/disk", "--key", "kept.pub",
      "--json",
    ])
    #expect(rebuilt.status == 0, "\(rebuilt.err)")
    let taken = (rebuilt.json["taken"] as? [[String: Any]])?.first
    #expect(taken?["target"] as? String == program.folder + "/disk")
    #expect(try program.run(["read", "ledger", "--json"] + config).out == before)
    #expect(try program.run(signed).status == 0)
    #expect(
      try program.run(["archive", "reindex", "--no-targets", "--from", "/x"]).status == 2)
  }

  @Test func `of somebody who is not the system ends at once`() throws {
    let program = try Program()
    let result = try program.run(["archive", "reindex", "--rebuild", "--as", "user:1"])
    #expect(result.status == 2)
    #expect(try program.run(["archive", "reindex"]).err.contains("store-missing"))
    #expect(try program.run(["archive", "reindex", "--rebuild"]).status == 5)
  }
}

extension Substring {
  fileprivate func trimming(_ characters: Set<Character>) -> String {
    String(drop { characters.contains($0) }.reversed().drop { characters.contains($0) }.reversed())
  }
}

@Suite struct `A journey through a damaged disk` {
  @Test func `ends with the segment healed from its parity`() throws {
    let program = try Program()
    let lines = (0..<400).map { number in
      let pad = (0..<40).map { String(number &* 7919 &+ $0 &* 104_729, radix: 36) }.joined()
      return "{\"stream\":\"ledger\",\"type\":\"T\",\"data\":{\"n\":\(number),\"pad\":\"\(pad)\"}}"
    }
    _ = try program.write("in.ndjson", lines.joined(separator: "\n") + "\n")
    try program.run(["ingest", "in.ndjson"])
    let archived = try program.run(["archive", "--policy", "ledger:coldAfter=0s,parity=20%"])
    try #require(archived.status == 0 && !archived.out.contains("without parity"))
    let before = try program.run(["read", "ledger", "--json"]).out
    let broken = try program.shell(
      """
      set -e
      f=$(ls store.db.segments/*/*.tar.zst); [ -e $f.par2 ]
      chmod 644 $f
      dd if=/dev/zero of=$f bs=512 seek=20 count=1 conv=notrunc status=none
      chmod 444 $f
      """)
    try #require(broken.status == 0)
    #expect(try program.run(["segments", "verify"]).status == 5)
    #expect(try program.run(["doctor"]).out.contains("rookery segments repair"))
    let repaired = try program.run(["segments", "repair", "--reason", "bad sector"])
    #expect(repaired.status == 0)
    #expect(repaired.out.contains("healed, from parity"))
    #expect(try program.run(["segments", "verify"]).status == 0)
    #expect(try program.run(["read", "ledger", "--json"]).out == before)
    #expect(try program.run(["read", "$audit"]).out.contains(#""reason":"bad sector""#))
  }

  @Test func `without parity is told what is lost`() throws {
    let program = try Program()
    try program.run(["append", "ledger", "T", "--data", "{}"])
    try program.run(["stream", "archive", "ledger", "--without-policy"])
    try program.shell("rm store.db.segments/*/*.tar.zst")
    let result = try program.run(["segments", "repair", "--json"])
    #expect(result.status == 5)
    let segment = try #require((result.json["segments"] as? [[String: Any]])?.first)
    #expect(segment["damage"] as? [String] == ["the file is missing"])
    #expect(
      (segment["lost"] as? [[String: Any]])?.first as NSDictionary?
        == ["stream": "ledger", "first": 0, "last": 0])
  }
}
