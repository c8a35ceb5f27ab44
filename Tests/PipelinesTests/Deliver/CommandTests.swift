import Foundation
import Glibc
import Pipelines
import Streams
import Testing

@Suite struct `A command that gets the reports` {
  private func yaml(_ script: String, _ more: String = "") -> String {
    let quoted = script.replacing("'", with: "''")
    return delivering(
      """
      - command: [/bin/sh, -c, '\(quoted)', sh, "{{date}}", "{{folder}}"]
        \(more)
      """)
  }

  @Test func `has a clean environment with what it needs`() throws {
    let scratch = try Scratch.withFacts()
    let out = scratch.root + "/out"
    let step = try scratch.deliver(
      yaml("{ env; echo \"$1 $2\"; cat; } >\(out)", "pass: TOKEN"),
      environment: ["TOKEN": "abc", "OTHER": "x", "HOME": "/home/someone"])
    #expect(step.result == .done, "\(step.detail)")
    let lines = try String(contentsOfFile: out, encoding: .utf8).split(separator: "\n")
    let reports = scratch.root + "/reports/2025-01-03"
    #expect(lines.last == "2025-01-03 \(reports)")
    let variables = Set(lines.dropLast().map { $0.prefix { $0 != "=" } })
    #expect(
      variables.subtracting(["PWD", "_", "SHLVL", "OLDPWD"]) == [
        "PATH", "HOME", "LANG", "TOKEN", "ROOKERY_DATE", "ROOKERY_PIPELINE", "ROOKERY_RUN",
        "ROOKERY_REPORTS", "ROOKERY_KEY",
      ])
    #expect(lines.contains("ROOKERY_DATE=2025-01-03"))
    #expect(lines.contains("ROOKERY_REPORTS=\(reports)"))
    #expect(lines.contains("ROOKERY_RUN=1"))
  }

  @Test func `is run once, whatever is run again`() throws {
    let scratch = try Scratch.withFacts()
    let yaml = yaml("echo x >>\(scratch.root)/out")
    for _ in 1...3 { #expect(try scratch.deliver(yaml).result == .done) }
    #expect(try String(contentsOfFile: scratch.root + "/out", encoding: .utf8) == "x\n")
    try scratch.deliver(yaml, redeliver: true)
    #expect(try String(contentsOfFile: scratch.root + "/out", encoding: .utf8) == "x\nx\n")
  }

  @Test func `that is not done for now is tried again, another failure is not`() throws {
    let scratch = try Scratch.withFacts()
    let later = "test -e \(scratch.root)/flag || { touch \(scratch.root)/flag; exit 75; }"
    #expect(try scratch.deliver(yaml(later)).result == .done)
    #expect(try scratch.deliveries().map(\.attempts) == [2])
    let step = try scratch.deliver(yaml("echo 'no such bucket' >&2; exit 3"))
    #expect(step.result == .failed)
    #expect(step.detail.contains("exit code 3: no such bucket"), "\(step.detail)")
  }

  @Test func `is killed at its limit, with all it has started`() throws {
    let scratch = try Scratch.withFacts()
    let file = scratch.root + "/pid"
    let step = try scratch.deliver(
      yaml("sleep 600 & echo $! >\(file); echo begun; wait", "limit: 1s"))
    #expect(step.result == .failed)
    #expect(step.detail.contains("killed at its limit of 1 s: begun"), "\(step.detail)")
    #expect(try scratch.deliveries().map(\.state) == [.unknown])
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let child = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect(isGone(child))
  }

  /// Nobody may wait for it: then it is a zombie.
  private func isGone(_ process: Int32) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else {
      return true
    }
    return status.contains(") Z ")
  }

  @Test func `may write as much as it likes`() throws {
    let scratch = try Scratch.withFacts()
    let step = try scratch.deliver(yaml("head -c 20000000 /dev/zero | tr '\\0' x; echo end >&2"))
    #expect(step.result == .done, "\(step.detail)")
    #expect(try #require(try scratch.deliveries().first).detail.count == 500)
  }

  @Test func `that is not there is told of`() throws {
    let scratch = try Scratch.withFacts()
    let step = try scratch.deliver(delivering("- command: /no/such/program"))
    #expect(step.detail.contains("/no/such/program can't be started"), "\(step.detail)")
  }

  @Test func `keeps what is passed to it out of the ledger`() throws {
    let scratch = try Scratch.withFacts()
    try scratch.deliver(
      yaml("echo \"token $TOKEN\"; exit 1", "pass: TOKEN"), environment: ["TOKEN": "s3same"])
    #expect(try scratch.deliveries().map(\.detail) == ["exit code 1: token (hidden) "])
    try expectNowhere("s3same", scratch.root)
  }
}
