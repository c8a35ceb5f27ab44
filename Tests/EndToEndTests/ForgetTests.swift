import Foundation
import Testing

/// `rookery user forget`, as an operator runs it.
@Suite struct `Forgetting a user` {
  private static let secret = "canary-91b2"

  /// Two users' loans, archived, and an activity report of what they did.
  private func program(encrypt: Bool) throws -> Program {
    let program = try Program()
    for user in ["7", "8"] {
      for number in 0..<5 {
        let data = #"{"userId":"\#(user)","category":"search","secret":"\#(Self.secret)-\#(user)"}"#
        let appended = try program.run([
          "append", "user-\(user)-loans", "UserDataUpdated", "--data", data, "--timestamp",
          "2025-02-0\(number + 1)T10:00:00Z",
        ])
        #expect(appended.status == 0, "\(appended.err)")
      }
    }
    let policy = "user-*:coldAfter=1d" + (encrypt ? ",encrypt=true" : "")
    let archived = try program.run(["archive", "--policy", policy])
    #expect(archived.status == 0, "\(archived.err)")
    #expect(archived.out.contains("10 events"))
    return program
  }

  /// The activity report of February, without when and at which position it was made.
  private func figures(_ program: borrowing Program) throws -> String {
    let report = try program.run([
      "report", "activity", "--from", "2025-02-01", "--to", "2025-03-01", "--json",
    ])
    #expect(report.status == 0 && report.out.contains("search"))
    return report.out
      .replacing(/"madeAt":\s*"[^"]*"/, with: "").replacing(/"throughPosition":\s*\d+/, with: "")
  }

  @Test(arguments: [false, true])
  func `leaves nothing to be read and the figures of the past as they were`(
    encrypt: Bool
  ) throws {
    let program = try program(encrypt: encrypt)
    let before = try figures(program)
    let other = try program.run(["read", "user-8-loans", "--json"]).out
    let forget = ["user", "forget", "7", "--reason", "asked"]

    // Nothing happens unless it is confirmed.
    #expect(try program.run(forget).status == 2)
    let planned = try program.run(forget + ["--dry-run", "--json"])
    #expect(planned.json["events"] as? Int == 5)
    #expect(planned.json["erased"] as? Bool == false)
    #expect(try program.run(["read", "user-7-loans"]).out.contains(Self.secret))
    // Another user has no right to it.
    #expect(try program.run(forget + ["--yes", "--as", "user:8"]).status == 1)

    let done = try program.run(forget + ["--yes", "--json"])
    #expect(done.status == 0, "\(done.err)")
    #expect(done.json["erased"] as? Bool == true)
    #expect(done.json["hadKey"] as? Bool == encrypt)
    #expect((done.json["segmentsRewritten"] as? [String])?.count == (encrypt ? 0 : 1))

    let read = try program.run(["read", "user-7-loans"])
    #expect(read.status == 1 && read.err.contains("stream-deleted"))
    #expect(try program.run(["read", "user-8-loans", "--json"]).out == other)
    #expect(try figures(program) == before)
    let full = try program.run([
      "report", "activity", "--from", "2025-02-01", "--to", "2025-03-01", "--full", "--json",
    ])
    #expect(full.status == 0, "\(full.err)")
    let found = try program.shell(
      """
      find . -type f ! -name '.out' ! -name '.err' | while read -r file; do
        { cat "$file"; zstd -dcq "$file" 2>/dev/null; } | grep -aq '\(Self.secret)-7' && echo "$file"
      done; true
      """)
    #expect(found.out == "")
    #expect(try program.run(["segments", "verify"]).status == 0)
    #expect(try program.run(forget + ["--yes"]).status == 0)
  }

  @Test(arguments: [[], ["--dry-run"]])
  func `tells others neither why a stream is held nor which users there are`(
    options: [String]
  ) throws {
    let program = try program(encrypt: true)
    try program.run(["stream", "hold", "user-7-loans", "--reason", "case 17"])
    for user in ["7", "nobody"] {
      let refused = try program.run(
        ["user", "forget", user, "--reason", "asked", "--as", "user:8"] + options)
      #expect(refused.status == 1)
      #expect(refused.out == "" && refused.err.contains("permission-denied: "), "\(refused)")
    }
  }

  @Test func `says so when it does not know the user, or the answer is another`() throws {
    let program = try program(encrypt: true)
    let unknown = try program.run(["user", "forget", "70", "--reason", "asked", "--yes"])
    #expect(unknown.status == 1 && unknown.err.contains("user-not-found: "), "\(unknown)")
    let answer = try program.shell(
      "echo 8 | script -qec \"$ROOKERY user forget 7 --reason asked\" /dev/null; echo rc $?")
    #expect(answer.out.contains("Nothing was erased."), "\(answer)")
    #expect(answer.out.contains("rc 1"))
    #expect(try program.run(["read", "user-7-loans"]).out.contains(Self.secret))
  }

  @Test func `needs no signing key where nothing is signed`() throws {
    let program = try program(encrypt: false)
    _ = try program.write("config.yaml", "signingKey: /nowhere/signing.pem\n")
    for command in [
      ["keys", "list"], ["archive", "--policy", "user-*:coldAfter=1d"],
      ["run", Program.checkout + "/pipelines/nightly.yaml", "--date", "2025-03-01"],
      ["user", "forget", "7", "--reason", "asked", "--yes"],
    ] {
      let done = try program.run(command + ["--config", "config.yaml"])
      #expect(done.status == 0, "\(done)")
    }
    let signed = try program.run([
      "archive", "--policy", "*:coldAfter=0,sign=true", "--config", "config.yaml",
    ])
    #expect(signed.status == 0 || signed.err.contains("/nowhere/signing.pem"))
  }

  @Test func `is refused while a stream is held`() throws {
    let program = try program(encrypt: true)
    try program.run(["stream", "hold", "user-7-loans", "--reason", "case 17"])
    let refused = try program.run(["user", "forget", "7", "--reason", "asked", "--yes"])
    #expect(refused.status == 1 && refused.err.contains("legal-hold"))
    #expect(try program.run(["read", "user-7-loans"]).out.contains(Self.secret))
  }
}
