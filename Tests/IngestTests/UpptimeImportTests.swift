import EventStore
import Foundation
import Ingest
import Streams
import Testing

@Suite struct `An Upptime repository` {
  static func check(
    _ status: String = "up", code: Int = 200, ms: Int = 120,
    at time: String = "2026-01-01T00:00:00.123Z"
  ) -> String {
    """
    url: https://example.org
    status: \(status)
    code: \(code)
    responseTime: \(ms)
    lastUpdated: \(time)
    startTime: 2025-01-01T00:00:00.000Z
    generator: Upptime <https://github.com/upptime/upptime>

    """
  }

  /// A repository in `folder`, and what is done to it.
  struct Repository {
    let folder: String

    init(_ folder: String) throws {
      self.folder = folder
      try FileManager.default.createDirectory(
        atPath: folder + "/history", withIntermediateDirectories: true)
      try run("git", ["init", "-q", "-b", "master"], in: folder)
    }

    func commit(
      _ message: String, _ files: [String: String?], at date: String = "2026-01-01T00:00:05+01:00"
    ) throws {
      for (name, content) in files {
        let url = URL(fileURLWithPath: folder + "/" + name)
        if let content {
          try Data(content.utf8).write(to: url)
        } else {
          try FileManager.default.removeItem(at: url)
        }
      }
      try run("git", ["add", "-A"], in: folder)
      try run(
        "env",
        [
          "GIT_AUTHOR_DATE=\(date)", "GIT_COMMITTER_DATE=\(date)", "git", "-c", "user.name=u", "-c",
          "user.email=u@example.org", "commit", "-q", "--allow-empty", "-m", message,
        ], in: folder)
    }
  }

  @Test func `gives a fact for each commit of a check, at the time of the check`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let repository = try Repository(scratch.path("status page"))
    try repository.commit("Initial commit", ["README.md": "x"])
    try repository.commit(
      "🟩 My Site is up (200 in 120 ms) [skip ci] [upptime]",
      ["history/my-site.yml": Self.check()])
    try repository.commit(
      "🟥 My Site is down (0 in 0 ms) [skip ci] [upptime]",
      [
        "history/my-site.yml": Self.check(
          "down", code: 0, ms: 0, at: "2026-01-02T00:00:00.000Z"), "README.md": "y",
      ], at: "2026-01-02T01:00:09+01:00")
    try repository.commit(
      "a commit of several sites",
      [
        "history/my-site.yml": Self.check("degraded", at: "2026-01-03T00:00:00.000Z"),
        "history/other é.yml": Self.check(at: "2026-01-03T00:00:00.000Z"),
      ])
    try repository.commit(
      "Prettier", ["history/other é.yml": Self.check(at: "2026-01-03T00:00:00.000Z") + "\n"])
    try repository.commit(
      "Remove a site", ["history/my-site.yml": nil], at: "2026-01-05T00:00:00+01:00")
    let loaded = try await load(repository.folder, into: store, importing: .upptime)
    #expect(loaded.rejects.isEmpty && loaded.summary.appended == 5)
    #expect(loaded.summary.passedOver == 1)
    let found = try events(of: "service-uptime-my-site", in: store)
    #expect(
      found.map { data($0) } == [
        #"{"serviceName":"My Site","status":"up","timestamp":"2026-01-01T00:00:00.123Z","responseMs":120}"#,
        #"{"serviceName":"My Site","status":"down","timestamp":"2026-01-02T00:00:00.000Z","responseMs":0}"#,
        #"{"serviceName":"My Site","status":"degraded","timestamp":"2026-01-03T00:00:00.000Z","responseMs":120}"#,
        #"{"serviceName":"My Site","status":"removed","timestamp":"2026-01-05T00:00:00+01:00"}"#,
      ])
    #expect(found[1].recordedAt.rfc3339 == "2026-01-02T00:00:09Z")
    #expect(metadata(found[0]).hasPrefix(#"{"source":"upptime","commit":""#))
    #expect(
      metadata(found[0]).hasSuffix(
        #","path":"history/my-site.yml","additional":{"httpCode":200,"url":"https://example.org"}}"#
      ))
    #expect(
      try events(of: "service-uptime-other-é", in: store).map { data($0) }.first?.contains(
        #""serviceName":"other é""#) == true)
  }

  @Test func `that has grown, or as a bare clone, adds only what is new`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let repository = try Repository(scratch.path("a"))
    for second in 10..<15 {
      try repository.commit(
        "🟩 A is up (200 in 1 ms)",
        ["history/a.yml": Self.check(at: "2026-01-01T00:00:\(second).000Z")])
    }
    #expect(
      try await load(repository.folder, into: store, importing: .upptime).summary.appended == 5)
    try repository.commit(
      "🟩 A 2 is up (200 in 1 ms)", ["history/a.yml": Self.check(at: "2026-01-01T00:01:00.000Z")])
    try run("git", ["clone", "-q", "--bare", "a", "b.git"], in: scratch.folder)
    let grown = try await load(scratch.path("b.git"), into: store, importing: .upptime)
    #expect(grown.summary.appended == 1 && grown.summary.duplicates == 5)
    #expect(try events(of: "service-uptime-a-2", in: store).count == 1)
  }

  @Test(arguments: [
    ("", "", "is no YAML mapping"), ("- up\n- down\n", "", "is no YAML mapping"),
    ("status: [up\n", "", "is not YAML"), ("status: up\n", "lastUpdated", "is missing"),
    ("lastUpdated: 2026-01-01T00:00:00Z\n", "status", "is missing"),
    ("status: up\nlastUpdated: soon\n", "timestamp", "RFC 3339"),
    ("status: {a: b}\nlastUpdated: 2026-01-01T00:00:00Z\n", "status", "is missing"),
    ("a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\n", "status", "is missing"),
    (String(repeating: "[", count: 60_000), "", "is not YAML"),
    ("#" + String(repeating: "x", count: 200_000), "", "larger than 64 KiB"),
    ("status: \"a\\0b\nx", "", "is not YAML"),
  ])
  func `has versions refused that are no check, by commit and file`(
    content: String, field: String, reason: String
  ) async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let repository = try Repository(scratch.path("a"))
    try repository.commit("🟩 A is up (200 in 1 ms)", ["history/a.yml": Self.check()])
    try repository.commit("broken", ["history/a.yml": content])
    try repository.commit(
      "🟥 A is down (0 in 1 ms)",
      ["history/a.yml": Self.check("down", at: "2026-01-01T00:00:01.000Z")])
    let loaded = try await load(repository.folder, into: store, importing: .upptime)
    #expect(loaded.summary.appended == 2 && loaded.rejects.count == 1)
    let reject = try #require(loaded.rejects.first)
    #expect(reject.rejection.field == field && reject.rejection.reason.contains(reason))
    #expect(reject.rejection.service == "A")
    #expect(reject.file.hasSuffix(":history/a.yml"))
    #expect(reject.file.hasPrefix(repository.folder + ":"))
  }

  @Test func `does not follow links, and runs nothing that its configuration names`()
    async throws
  {
    let scratch = try Scratch()
    let store = try scratch.store()
    let repository = try Repository(scratch.path("a"))
    try repository.commit("🟩 A is up (200 in 1 ms)", ["history/a.yml": Self.check()])
    try run("ln", ["-s", "/etc/hostname", "history/b.yml"], in: repository.folder)
    try repository.commit("a link", ["history/c.txt": "x"])
    let mark = scratch.path("ran")
    for key in ["core.fsmonitor", "core.pager", "diff.external", "core.sshCommand", "pager.log"] {
      try run("git", ["config", key, "touch \(mark)"], in: repository.folder)
    }
    try run("git", ["config", "log.showSignature", "true"], in: repository.folder)
    try run("git", ["config", "log.follow", "true"], in: repository.folder)
    #expect(
      try await load(repository.folder, into: store, importing: .upptime).summary.appended == 1)
    #expect(!FileManager.default.fileExists(atPath: mark))
  }

  @Test func `must be one with checks, and the message says what git says`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    func message(_ path: String) async -> String {
      do {
        _ = try await load(path, into: store, importing: .upptime)
        return ""
      } catch { return "\(error)" }
    }
    #expect(await message(scratch.path("none")).contains("No such file or directory"))
    try FileManager.default.createDirectory(
      atPath: scratch.path("plain"), withIntermediateDirectories: true)
    #expect(await message(scratch.path("plain")).contains("not a git repository"))
    let repository = try Repository(scratch.path("a"))
    #expect(await message(repository.folder).contains("does not have any commits yet"))
    try repository.commit("x", ["history/summary.json": "[]"])
    #expect(await message(repository.folder).contains("no commit of the branch"))
  }
}
