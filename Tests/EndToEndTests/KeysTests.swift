import Foundation
import Testing

/// What an operator does with keys, and an auditor without Rookery.
@Suite struct `Keys and signatures` {
  static let policy = "ledger-*:coldAfter=0,sign=true"

  /// A store with one signed segment; its key is in key.pem, its configuration in config.yaml.
  private func signed() throws -> Program {
    let program = try Program()
    _ = try program.write("config.yaml", "signingKey: \(program.folder)/key.pem\n")
    for number in 0..<3 {
      try program.run(["append", "ledger-a", "Booked", "--data", "{\"amount\":\(number)}"])
    }
    let created = try program.run(["keys", "create", "--config", "config.yaml", "--json"])
    try #require(created.status == 0, "\(created.err)")
    let archived = try program.run(["archive", "--policy", Self.policy, "--config", "config.yaml"])
    try #require(archived.status == 0, "\(archived.err)")
    return program
  }

  private func head(_ program: borrowing Program) throws -> String {
    try program.run(["segments", "head"]).out.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  @Test func `are checked by openssl over what tar unpacks`() throws {
    let program = try signed()
    let audit = try program.shell(
      """
      set -e
      $ROOKERY keys show > rookery.pub
      openssl pkey -in key.pem -pubout | cmp - rookery.pub
      stat -c %a key.pem
      mkdir out && tar --zstd -xf $(find store.db.segments -name '*.tar.zst') -C out && cd out
      stat -c %s manifest.sig
      openssl pkeyutl -verify -rawin -pubin -inkey ../rookery.pub -sigfile manifest.sig -in manifest.json
      openssl pkey -in ../key.pem -pubout -outform DER | tail -c 32 | sha256sum | cut -d' ' -f1
      jq -r .signing_key manifest.json
      sed -i 's/ledger-a/ledger-b/' manifest.json
      openssl pkeyutl -verify -rawin -pubin -inkey ../rookery.pub -sigfile manifest.sig -in manifest.json || echo forged
      """)
    let lines = audit.out.split(separator: "\n").map(String.init)
    #expect(audit.status == 0, "\(audit.err)")
    try #require(lines.count == 7, "\(lines)")
    #expect(lines[0] == "600")
    #expect(lines[1] == "64")
    #expect(lines[2] == "Signature Verified Successfully")
    #expect(lines[3] == lines[4])
    #expect(lines.last == "forged")
  }

  @Test func `are created once, listed, retired, and never written over`() throws {
    let program = try signed()
    let again = try program.run(["keys", "create", "--config", "config.yaml"])
    #expect(again.status == 2)
    #expect(again.err.contains("never written over"))
    let keys =
      try program.run(["keys", "list", "--config", "config.yaml", "--json"])
      .json["keys"] as? [[String: Any]]
    #expect(keys?.count == 1)
    #expect(keys?.first?["signs"] as? Bool == true)
    let id = try #require(keys?.first?["key"] as? String)
    #expect(
      try program.run(["keys", "retire", String(id.prefix(8)), "--reason", "yearly"]).status == 0)
    #expect(try program.run(["segments", "verify", "--signed"]).status == 0)
    try program.run(["append", "ledger-b", "Booked", "--data", "{}"])
    let refused = try program.run([
      "archive", "--policy", Self.policy, "--config", "config.yaml",
    ])
    #expect(refused.status == 2)
    #expect(refused.err.contains("is retired"))
    let audit = try program.run(["read", "$audit", "--json"]).out
    #expect(audit.contains("SigningKeyTrusted") && audit.contains("SigningKeyRetired"))
    #expect(try program.run(["keys", "trust", "key.pem", "--as", "user:1"]).status == 2)
  }

  @Test func `tell a whole archive that was made again by somebody else`() throws {
    let program = try signed()
    let head = try head(program)
    try program.shell("$ROOKERY keys show > kept.pub")
    let sound = ["segments", "verify", "--signed", "--key", "kept.pub", "--head", head, "--json"]
    let good = try program.run(sound)
    #expect(good.status == 0, "\(good.out)")
    #expect(good.json["signedThrough"] as? Int == 1)
    #expect(good.json["head"] as? String == head)
    // The forger begins anew, with other events and a key of his own.
    try program.shell("rm -rf store.db* key.pem")
    try program.run(["append", "ledger-a", "Booked", "--data", "{\"amount\":1000}"])
    try program.run(["keys", "create", "--config", "config.yaml"])
    try program.run(["archive", "--policy", Self.policy, "--config", "config.yaml"])
    #expect(try program.run(["segments", "verify", "--signed"]).status == 0)
    let byKey = try program.run(["segments", "verify", "--quick", "--key", "kept.pub"])
    #expect(byKey.status == 5)
    #expect(byKey.out.contains("which is not trusted"))
    let byHead = try program.run(["segments", "verify", "--quick", "--head", head, "--json"])
    #expect(byHead.status == 5)
    #expect(
      (byHead.json["chain"] as? [String]) == [
        "segment 1 is not the one that was published as the head"
      ])
  }
}

@Suite struct `A verification` {
  @Test(arguments: [
    "retired='superseded', manifest=x''", "retired='superseded'", "retired='deleted'",
    "retired='deleted', manifest=x''",
  ])
  func `names a segment that was taken away with its rows, whatever the catalog says of it`(
    set: String
  ) throws {
    let program = try Program()
    for name in ["a", "b", "c"] {
      try program.run(["append", name, "T", "--data", "{}"])
      try program.run(["stream", "archive", name, "--without-policy"])
    }
    #expect(try program.run(["segments", "verify"]).status == 0)
    let forged = try program.shell(
      """
      set -e
      file=$(sqlite3 store.db 'SELECT file FROM segments WHERE archive_seq = 2')
      rm -f store.db.segments/$file
      sqlite3 store.db "
        DELETE FROM segment_chunks WHERE archive_seq = 2;
        DELETE FROM segment_ranges WHERE archive_seq = 2;
        UPDATE segments SET \(set) WHERE archive_seq = 2"
      echo $file
      """)
    let file = forged.out.trimmingCharacters(in: .whitespacesAndNewlines)
    try #require(forged.status == 0 && file.hasSuffix(".tar.zst"), "\(forged.err)")
    let result = try program.run(["segments", "verify", "--quick", "--json"])
    #expect(result.status == 5)
    #expect((result.json["chain"] as? [String])?.contains { $0.contains(file) } == true)
    #expect(try program.run(["doctor"]).out.contains(file))
  }

  @Test func `names the segment, the stream, the revisions and what can still be read`() throws {
    let program = try Program()
    let pad = String(repeating: "x", count: 3000)
    let lines = (0..<2000).map {
      "{\"stream\":\"s\",\"type\":\"T\",\"data\":{\"n\":\($0),\"pad\":\"\(pad)\($0 &* 7919)\"}}"
    }
    _ = try program.write("in.ndjson", lines.joined(separator: "\n") + "\n")
    try program.run(["ingest", "in.ndjson"])
    try program.run(["stream", "archive", "s", "--without-policy"])
    let against = try program.run(["segments", "verify", "--against-store", "--json"])
    #expect(against.status == 0, "\(against.out)")
    #expect(against.json["events"] as? Int == 2000)
    let drill = try program.run(["segments", "verify", "--drill", "--json"])
    #expect(drill.status == 0, "\(drill.out)")
    #expect((drill.json["drill"] as? [String: Any])?["cold"] as? Int == 2000)
    #expect(!FileManager.default.fileExists(atPath: program.store + ".drill"))
    try program.shell(
      """
      f=$(find store.db.segments -name '*.tar.zst'); chmod u+w $f
      size=$(stat -c %s $f)
      printf '\\xff\\xfe\\xfd' | dd of=$f bs=1 seek=$((size / 2)) conv=notrunc && chmod 444 $f
      """)
    let result = try program.run(["segments", "verify", "--json"])
    #expect(result.status == 5)
    let damaged = try #require((result.json["damaged"] as? [[String: Any]])?.first)
    let lost = try #require((damaged["lost"] as? [[String: Any]])?.first)
    #expect(lost["stream"] as? String == "s")
    #expect(lost["inStore"] as? Bool == false)
    let (first, last) = (lost["first"] as? Int ?? 0, lost["last"] as? Int ?? 0)
    #expect(damaged["readableEvents"] as? Int == 2000 - (last - first + 1))
    #expect(damaged["totalEvents"] as? Int == 2000)
    let text = try program.run(["segments", "verify"])
    #expect(text.out.contains("  can't be read: s revisions \(first) to \(last)\n"))
    #expect(text.out.contains(" of 2000 events can be read"))
    #expect(try program.run(["segments", "verify", "--stat"]).status == 0)
  }

  @Test func `of a sample can be done again by its seed, and refuses nonsense`() throws {
    let program = try Program()
    for name in ["a", "b", "c", "d"] {
      try program.run(["append", name, "T", "--data", "{}"])
      try program.run(["stream", "archive", name, "--without-policy"])
    }
    let sample = try program.run(["segments", "verify", "--sample", "50%", "--json"])
    #expect(sample.json["checked"] as? Int == 2)
    let seed = (sample.json["sample"] as? [String: Any])?["seed"] as? Int
    let again = try program.run([
      "segments", "verify", "--sample", "50%", "--seed", String(try #require(seed)), "--json",
    ])
    #expect(again.json["checked"] as? Int == 2)
    for arguments in [
      ["--sample", "0"], ["--sample", "101%"], ["--sample", "x"], ["--head", "1:2"],
      ["--older-than", "soon"], ["--quick", "--full"], ["nothing"],
    ] {
      #expect(try program.run(["segments", "verify"] + arguments).status == 2, "\(arguments)")
    }
    #expect(
      try program.run(["segments", "verify", "--older-than", "1h", "--json"])
        .json["checked"] as? Int == 0)
  }
}
