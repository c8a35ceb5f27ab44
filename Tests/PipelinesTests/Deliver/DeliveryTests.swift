import EventStore
import Foundation
import Glibc
import Pipelines
import Streams
import Synchronization
import Testing
import Transport

@Suite struct `A delivery` {
  private func webhook(_ server: TestServer) -> String {
    delivering("- webhook: http://127.0.0.1:\(server.port)/x")
  }

  // MARK: - Never twice

  @Test(arguments: DeliveryMoment.allCases)
  func `whose process is killed is not made twice`(moment: DeliveryMoment) async throws {
    let scratch = try Scratch.withFacts()
    let server = try TestServer("webhook", "200")
    let yaml = webhook(server)
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [
        root = scratch.root as String, yaml = yaml as String, moment = moment as DeliveryMoment
      ] in
      let store = try EventStore(path: root + "/store.db")
      let now = try time("2025-01-06T04:00:00Z")
      _ = try PipelineRunner(root: root, store: store, yaml) { reached in
        if reached == moment { kill(getpid(), SIGKILL) }
      }.run(date: CivilDate("2025-01-03"), now: now)
    }
    let before = moment == .marked ? 0 : 1
    #expect(try server.received().count == before)

    let doctor = Doctor(store: scratch.store, folder: scratch.folder)
    let finding = try doctor.examine(now: try time("2025-01-06T05:00:00Z"))
      .first { $0.check == "deliveries" }
    let step = try scratch.deliver(yaml)
    #expect(try server.received().count == before)
    guard moment != .recorded else {
      #expect(finding == nil)
      #expect(step.result == .done)
      #expect(step.detail.hasSuffix("was sent already"))
      return
    }
    #expect(finding?.grade == .note)
    #expect(step.result == .failed)
    #expect(step.detail.contains("unknown whether it arrived"), "\(step.detail)")
    #expect(try scratch.deliver(yaml).result == .done)
    #expect(try server.received().count == before)
    #expect(try scratch.deliver(yaml, redeliver: true).result == .done)
    // One key: a receiver that has it drops the second.
    #expect(try keys(server).count == before + 1)
    #expect(Set(try keys(server)).count == 1)
    #expect(try scratch.deliveries().map(\.state) == [.sent])
  }

  private func keys(_ server: TestServer) throws -> [String] {
    try server.received().compactMap { ($0["headers"] as? [String: String])?["idempotency-key"] }
  }

  @Test func `that was made is made again on purpose only, with another key`() throws {
    let scratch = try Scratch.withFacts()
    let server = try TestServer("webhook", "200")
    for _ in 1...3 { try scratch.deliver(webhook(server)) }
    #expect(try server.received().count == 1)
    try scratch.deliver(webhook(server), redeliver: true)
    try scratch.deliver(webhook(server))
    #expect(try keys(server).count == 2)
    #expect(Set(try keys(server)).count == 2)
  }

  @Test func `is known again when other steps come before it`() throws {
    let scratch = try Scratch.withFacts()
    let server = try TestServer("webhook", "200")
    try scratch.deliver(webhook(server))
    try scratch.deliver(
      webhook(server).replacing("steps:\n", with: "steps:\n- step: rollup\n"))
    #expect(try server.received().count == 1)
  }

  @Test func `of each of two steps is one of its own`() throws {
    let scratch = try Scratch.withFacts()
    let server = try TestServer("webhook", "200")
    let second = "\n- step: deliver\n  to:\n  - webhook: http://127.0.0.1:\(server.port)/x\n"
    for _ in 1...2 { try scratch.deliver(webhook(server) + second) }
    #expect(Set(try keys(server)).count == 2)
    #expect(try server.received().count == 2)
  }

  @Test func `of a day that is not over does not stand for the whole day`() throws {
    let scratch = try Scratch.withFacts()
    let server = try TestServer("webhook", "200")
    let runner = try scratch.runner(webhook(server))
    let date = CivilDate("2025-01-03")
    for now in ["2025-01-03T12:00:00Z", "2025-01-03T13:00:00Z"] {
      let now = try time(now)
      _ = try runner.run(date: date, now: now)
    }
    #expect(try server.received().count == 1)
    for now in ["2025-01-04T04:00:00Z", "2025-01-04T05:00:00Z"] {
      let now = try time(now)
      _ = try runner.run(date: date, now: now)
    }
    #expect(Set(try keys(server)).count == 2)
    #expect(try server.received().count == 2)
  }

  // MARK: - Many nights

  @Test func `of many missed nights is that of the last one, but folders get all`() throws {
    let scratch = try Scratch.withFacts()
    let server = try TestServer("webhook", "200")
    let each = try TestServer("webhook", "200")
    let yaml =
      webhook(server) + """

          - webhook: http://127.0.0.1:\(each.port)/each
            catchUp: each
          - folder: \(scratch.root)/www
        """
    let outcome = try scratch.run(yaml, now: try time("2025-01-06T04:00:00Z"))
    #expect(outcome.runs.count == 5 && !outcome.hasFailed)
    #expect(try server.received().count == 1)
    #expect(try each.received().count == 5)
    let body = try #require(try server.received().first?["body"] as? String)
    #expect(body.contains("\"date\":\"2025-01-05\""))
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.root + "/www")
    #expect(
      names.sorted() == (1...5).map { "2025-01-0\($0)" } + ["index.html", "latest"])
    #expect(
      try scratch.deliveries().filter { $0.destination.contains(String(server.port)) }
        .map(\.state) == [.skipped, .skipped, .skipped, .skipped, .sent])
    #expect(try scratch.run(yaml, now: try time("2025-01-06T05:00:00Z")).isUpToDate)
    // Who names the date wants it.
    _ = try scratch.run(yaml, date: "2025-01-02", now: try time("2025-01-06T05:00:00Z"))
    #expect(try server.received().count == 2)
  }

  @Test
  func `that failed in its own night is made in the next one, and the doctor tells till then`()
    throws
  {
    let scratch = try Scratch.withFacts()
    let server = try TestServer("webhook", "404,200")
    let doctor = Doctor(store: scratch.store, folder: scratch.folder)
    func finding(_ now: Timestamp) throws -> Doctor.Finding? {
      try doctor.examine(now: now).first { $0.check == "deliveries" }
    }
    let (first, second) = (try time("2025-01-02T04:00:00Z"), try time("2025-01-03T04:00:00Z"))
    #expect(try finding(first) == nil)
    #expect(try scratch.run(webhook(server), now: first).hasFailed)
    let found = try #require(try finding(first))
    #expect(found.grade == .problem)
    #expect(found.says.contains("2025-01-01 to webhook http://127.0.0.1"), "\(found.says)")
    #expect(found.says.contains("status 404"), "\(found.says)")
    let outcome = try scratch.run(webhook(server), now: second)
    #expect(outcome.runs.map(\.date.description) == ["2025-01-01", "2025-01-02"])
    #expect(!outcome.hasFailed)
    #expect(try server.received().count == 3)
    #expect(try finding(second) == nil)
  }

  // MARK: - Stopping

  @Test func `that waits for another attempt ends at once when asked to, and goes on later`() throws
  {
    let scratch = try Scratch.withFacts()
    let server = try TestServer("webhook", "503,200")
    let isStopped = SharedFlag()
    var patience = Patience.quick
    patience.firstPause = 600_000
    patience.longestPause = 600_000
    let now = try time("2025-01-06T04:00:00Z")
    let runner = try PipelineRunner(
      root: scratch.root, store: scratch.store, webhook(server), patience: patience
    ) { if $0 == .handedOver { isStopped.set() } }
    let outcome = try runner.run(
      date: CivilDate("2025-01-03"), now: now, stop: StopRequest { isStopped.isSet })
    #expect(outcome.wasInterrupted)
    #expect(try scratch.deliveries().map(\.state) == [.pending])
    #expect(try scratch.deliver(webhook(server)).result == .done)
    #expect(try server.received().count == 2)
  }

  @Test func `that waits for an answer ends when asked to, and is unknown`() throws {
    let scratch = try Scratch.withFacts()
    let server = try TestServer("webhook", "silent")
    let isStopped = SharedFlag()
    var patience = Patience.quick
    patience.timeout = 600_000
    let runner = try PipelineRunner(
      root: scratch.root, store: scratch.store, webhook(server), patience: patience
    ) { if $0 == .marked { isStopped.set() } }
    // The flag is up before anything is sent: the request may or may not get out.
    let now = try time("2025-01-06T04:00:00Z")
    _ = try runner.run(
      date: CivilDate("2025-01-03"), now: now, stop: StopRequest { isStopped.isSet })
    let state = try #require(try scratch.deliveries().first?.state)
    #expect(try server.received().isEmpty ? state == .pending : state == .unknown)
  }

  // MARK: - Files

  @Test(arguments: ["files: missing.html", "files: [uptime.html, 'x*']"])
  func `of files that are not there fails, and says so`(files: String) throws {
    let scratch = try Scratch.withFacts()
    let step = try scratch.deliver(delivering("- folder: \(scratch.root)/www\n  \(files)"))
    #expect(step.result == .failed)
    #expect(step.detail.contains("No file of \(scratch.root)/reports/2025-01-03 matches"))
  }

  @Test func `of no reports at all fails, and says so`() throws {
    let scratch = try Scratch.withFacts()
    let step = try scratch.deliver(
      "steps:\n- step: deliver\n  to: [{folder: \(scratch.root)/www}]")
    #expect(step.detail.contains("There are no reports in"), "\(step.detail)")
  }

  @Test func `to a folder that can't be written is tried again`() throws {
    let scratch = try Scratch.withFacts()
    try Data().write(to: URL(filePath: scratch.root + "/file"))
    let yaml = delivering("- folder: \(scratch.root)/file/www")
    let step = try scratch.deliver(yaml)
    #expect(step.detail.contains("can't be written"), "\(step.detail)")
    #expect(try scratch.deliveries().map(\.attempts) == [5])
    try FileManager.default.removeItem(atPath: scratch.root + "/file")
    #expect(try scratch.deliver(yaml).result == .done)
  }
}

final class SharedFlag: Sendable {
  private let flag = Atomic(false)
  func set() { flag.store(true, ordering: .relaxed) }
  var isSet: Bool { flag.load(ordering: .relaxed) }
}
