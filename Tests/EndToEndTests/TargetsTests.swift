import Foundation
import Testing

/// What an operator does with a second disk.
@Suite struct `A target in the configuration` {
  /// A store with one cold stream, and a configuration that calls a second disk `vault`.
  private func program() throws -> Program {
    let program = try Program()
    let disk = program.folder + "/disk"
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
    _ = try program.write(
      "config.yaml", "targets:\n  - name: vault\n    address: \(disk)\n")
    for number in 0..<3 {
      try program.run(["append", "ledger-a", "Booked", "--data", "{\"amount\":\(number)}"])
    }
    return program
  }

  private func archive(_ program: borrowing Program, _ setting: String) throws -> Program.Result {
    try program.run([
      "archive", "--config", "config.yaml", "--policy", "ledger-*:coldAfter=0,\(setting)",
    ])
  }

  @Test func `gets the copy of its policy, which is served when the first is lost`() throws {
    let program = try program()
    let archived = try archive(program, "mirror=vault")
    #expect(archived.status == 0, "\(archived.err)")
    #expect(archived.out.contains("copied and read back: "))
    #expect(archived.out.contains(program.folder + "/disk"))
    let list = try program.run(["segments", "list", "--config", "config.yaml", "--json"])
    let segment = (list.json["segments"] as? [[String: Any]])?.first
    let copies = segment?["copies"] as? [[String: Any]]
    #expect(copies?.map { $0["target"] as? String } == [program.folder + "/disk"])
    let compared = try program.shell(
      "diff -r disk store.db.segments -x .lock && rm -r store.db.segments/??")
    #expect(compared.status == 0, "\(compared.out)")
    let read = try program.run(["read", "ledger-a", "--config", "config.yaml", "--json"])
    #expect(read.status == 0, "\(read.err)")
    #expect(read.out.split(separator: "\n").count == 3)
  }

  @Test func `may take the place of the archive folder, and is asked by the doctor`() throws {
    let program = try program()
    #expect(try archive(program, "target=vault").status == 0)
    let files = try program.shell(
      "find store.db.segments -name '*.zst' | wc -l; ls disk/*/*.zst | wc -l")
    #expect(
      files.out.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) } == [
        "0", "1",
      ])
    #expect(try program.run(["segments", "verify", "--config", "config.yaml"]).status == 0)
    #expect(try program.run(["read", "ledger-a", "--config", "config.yaml"]).status == 0)
    let doctor = try program.run(["doctor", "--config", "config.yaml"])
    #expect(doctor.out.contains("1 in use, each answers and has its segments"))
    try program.shell("mv disk away")
    let away = try program.run(["doctor", "--config", "config.yaml"])
    #expect(away.out.contains("No such file"))
    #expect(!away.out.contains("are damaged"))
    let lost = try program.run(["read", "ledger-a", "--config", "config.yaml"])
    #expect(lost.status != 0)
    #expect(lost.out.isEmpty)
    // Nobody knows that anything is wrong with the segment.
    let verified = try program.run(["segments", "verify", "--config", "config.yaml"])
    #expect(verified.status == 1, "\(verified.out)")
    try program.shell("mv away disk")
    #expect(try program.run(["segments", "verify", "--config", "config.yaml"]).status == 0)
  }

  /// Another stream that is cold by another policy, so that it has a segment of its own.
  private func archiveBoth(_ program: borrowing Program) throws -> Program.Result {
    try program.run([
      "archive", "--config", "config.yaml", "--policy", "ledger-*:coldAfter=0,mirror=vault",
      "--policy", "local-*:coldAfter=0",
    ])
  }

  @Test func `that is away keeps its own streams waiting and no others, and the doctor says so`()
    throws
  {
    let program = try program()
    try program.run(["append", "local-a", "Booked", "--data", "{}"])
    try program.shell("mv disk away")
    let run = try archiveBoth(program)
    #expect(run.status == 1, "\(run.out) \(run.err)")
    #expect(run.err.contains("target-unavailable"))
    #expect(run.out.contains("pending, its rows stay: "))
    #expect(run.out.contains(program.folder + "/disk"))
    let hot = try program.run(["read", "ledger-a", "--hot-only", "--json"])
    #expect(hot.out.split(separator: "\n").count == 3)
    #expect(try program.run(["streams", "local-*", "--json"]).out.contains(#""hot":0,"cold":1"#))
    let doctor = try program.run(["doctor", "--config", "config.yaml", "--json"])
    let findings = doctor.json["findings"] as? [[String: Any]]
    let jobs = findings?.first { $0["check"] as? String == "jobs" }
    #expect((jobs?["says"] as? String)?.contains(program.folder + "/disk") == true)
    #expect(jobs?["grade"] as? String == "problem")
    try program.shell("mv away disk")
    let again = try archiveBoth(program)
    #expect(again.status == 0 && again.out.contains("3 rows released"), "\(again.out)")
    let after = try program.run(["doctor", "--config", "config.yaml", "--json"])
    #expect(!after.out.contains(#""check":"jobs""#))
    #expect(try program.run(["segments", "verify", "--config", "config.yaml"]).status == 0)
  }

  @Test func `that is added later gets what was archived before, and --dry-run says so`() throws {
    let program = try program()
    #expect(try archive(program, "compression=3").status == 0)
    let planned = try program.run([
      "archive", "--config", "config.yaml", "--policy", "ledger-*:coldAfter=0,mirror=vault",
      "--dry-run", "--json",
    ])
    let copies = planned.json["copies"] as? [[String: Any]]
    #expect(copies?.map { $0["target"] as? String } == [program.folder + "/disk"])
    let run = try archive(program, "mirror=vault")
    #expect(run.status == 0 && run.out.contains("copied and read back: "), "\(run.err)")
    let compared = try program.shell("diff -r disk store.db.segments -x .lock")
    #expect(compared.status == 0, "\(compared.out)")
  }

  @Test(arguments: [[], ["--quick"], ["--stat"], ["--json"]])
  func `is checked as the archive folder is, copy by copy`(options: [String]) throws {
    let program = try program()
    #expect(try archive(program, "mirror=vault").status == 0)
    let verify = ["segments", "verify", "--config", "config.yaml"] + options
    #expect(try program.run(verify).status == 0)
    try program.shell("mv disk away")
    let away = try program.run(verify)
    // What was checked is on standard output, and the one summary on standard error.
    #expect(away.status == 1 && away.err.hasPrefix("rookery: target-unavailable: "))
    #expect(away.err.split(separator: "\n").count == 1 && away.err.contains("/disk"))
    #expect(away.out.contains(program.folder + "/disk"))
    if options == ["--json"] {
      #expect(away.json["sound"] as? Bool == false)
      #expect((away.json["damaged"] as? [Any])?.isEmpty == true)
      #expect((away.json["unavailable"] as? [Any])?.count == 1)
      #expect((away.json["copies"] as? [Any])?.count == 2)
    }
    try program.shell("mv away disk && truncate -s -100 disk/??/*.zst")
    let damaged = try program.run(verify)
    #expect(damaged.status == 5 && damaged.err.hasPrefix("rookery: segment-corrupt: "))
    #expect(damaged.out.contains(program.folder + "/disk"))
    if options != ["--json"] {
      #expect(damaged.out.contains("is sound: 'rookery segments repair "))
    }
    let healed = try program.run(["segments", "repair", "--config", "config.yaml"])
    #expect(healed.status == 0 && healed.out.contains("1 healed"), "\(healed.out)")
    #expect(try program.run(verify).status == 0)
  }

  @Test(arguments: [
    ("mirror=nowhere", "is no target"), ("target=s3://bucket/x", "AWS_ACCESS_KEY_ID is not set"),
  ])
  func `that can't be used stops the run before anything moves`(
    setting: String, says: String
  ) throws {
    let program = try program()
    let result = try archive(program, setting)
    #expect(result.status == 1 || result.status == 2)
    #expect(result.err.contains(says), "\(result.err)")
    #expect(try program.run(["segments", "list", "--json"]).out.contains("\"segments\":[]"))
  }

  @Test(arguments: [
    ("name: a", "targets[0].address is missing"), ("address: /x", "targets[0].name is missing"),
    ("name: a\n    address: http://x", "targets[0].address must be"),
    ("name: a\n    address: /x\n    lock: forever", "targets[0].lock must be"),
    ("name: a\n    address: s3://abc\n    lock: compliance", "targets[0].lockFor is missing"),
    ("name: a\n    address: /x\n    secret: s", "no key targets[0].secret"),
  ])
  func `is refused by the key that is wrong`(yaml: String, says: String) throws {
    let program = try Program()
    _ = try program.write("config.yaml", "targets:\n  - \(yaml)\n")
    let result = try program.run(["streams", "--config", "config.yaml"])
    #expect(result.status == 1 || result.status == 2)
    #expect(result.err.contains(says), "\(result.err)")
  }
}
