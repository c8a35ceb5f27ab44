import Archive
import EventStore
import Foundation
import Glibc
import GRDB
import Pipelines
import Streams
import Synchronization
import Testing

@Suite struct `A pipeline's run` {
  private static let reports = """
    name: nightly
    steps:
    - step: rollup
    - step: uptime-report
      needs: rollup
      days: 7
    - step: activity-report
      needs: rollup
      days: 7
    """

  private func dates(_ outcome: PipelineRunner.Outcome) -> [String] {
    outcome.runs.map(\.date.description)
  }

  // MARK: - Nights

  @Test func `catches up every night since the first event, then none, then the next`() throws {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(3, 5)
    let first = try scratch.run(Self.reports, now: try time("2025-01-08T04:00:00Z"))
    #expect(dates(first) == ["2025-01-03", "2025-01-04", "2025-01-05", "2025-01-06", "2025-01-07"])
    #expect(first.runs.allSatisfy { $0.result == .done })
    #expect(try scratch.run(Self.reports, now: try time("2025-01-08T23:59:59Z")).isUpToDate)
    #expect(
      dates(try scratch.run(Self.reports, now: try time("2025-01-10T00:00:00Z")))
        == ["2025-01-08", "2025-01-09"])
  }

  @Test func `says of a night caught up late what it would have said then`() throws {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(3, 3)
    try scratch.run(Self.reports, now: try time("2025-01-04T04:00:00Z"))
    let then = try scratch.report("2025-01-03", "uptime-days.csv")
    try scratch.store.fillJanuary(4, 20)
    let late = try Scratch()
    try late.store.fillJanuary(3, 20)
    try late.run(Self.reports, now: try time("2025-01-21T04:00:00Z"))
    #expect(try late.report("2025-01-03", "uptime-days.csv") == then)
    #expect(then.contains(",2025-01-03,"))
    #expect(!then.contains(",2025-01-04,"))
  }

  @Test func `has its nights in its own zone`() throws {
    let scratch = try Scratch()
    try scratch.store.append(
      "service-uptime-api", fact("api", "up", at: try time("2025-01-03T23:30:00Z")))
    let yaml = "timezone: Asia/Tokyo\nsteps:\n- step: rollup"
    #expect(try scratch.run(yaml, now: try time("2025-01-04T14:59:59Z")).isUpToDate)
    #expect(
      dates(try scratch.run(yaml, now: try time("2025-01-04T15:00:00Z"))) == ["2025-01-04"])
  }

  @Test func `catches up no more nights than its definition says`() throws {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(1, 1)
    let outcome = try scratch.run(
      "catchUp: 3\nsteps:\n- step: rollup", now: try time("2025-06-01T04:00:00Z"))
    #expect(dates(outcome) == ["2025-05-29", "2025-05-30", "2025-05-31"])
    #expect(
      try scratch.run(
        "catchUp: 0\nsteps:\n- step: rollup", now: try time("2025-07-01T04:00:00Z")
      ).isUpToDate)
  }

  @Test func `has no night in an empty store`() throws {
    let scratch = try Scratch()
    #expect(try scratch.run(Self.reports, now: try time("2025-01-08T04:00:00Z")).isUpToDate)
    #expect(try RunLedger(scratch.store).runs(limit: 10).isEmpty)
    // Asked for by its date, it still has its reports.
    #expect(
      try !scratch.run(Self.reports, date: "2025-01-05", now: try time("2025-01-08T04:00:00Z"))
        .hasFailed)
    let json = leaves(ofText: try scratch.report("2025-01-05", "uptime.json"))
    #expect(json["report.start"] == "\"2024-12-30T00:00:00Z\"")
    #expect(json.keys.allSatisfy { !$0.hasPrefix("services.") })
    #expect(try scratch.report("2025-01-05", "uptime.html").contains("</html>"))
    #expect(try scratch.report("2025-01-05", "activity.html").contains("</html>"))
  }

  @Test func `reports a stream with a single event`() throws {
    let scratch = try Scratch()
    try scratch.store.append(
      "service-uptime-api", fact("api", "up", at: try time("2025-01-03T18:00:00Z")))
    try scratch.store.append(
      "user-7-activity", action("7", at: try time("2025-01-03T18:00:00Z")))
    #expect(
      dates(try scratch.run(Self.reports, now: try time("2025-01-04T04:00:00Z")))
        == ["2025-01-03"])
    let json = leaves(ofText: try scratch.report("2025-01-03", "uptime.json"))
    #expect(json["services.0.seconds.up"] == "21600")
    #expect(json["services.0.availabilityPct"] == "\"100.000\"")
    // Unknown are six days and eighteen hours of seven days.
    #expect(json["services.0.coveragePct"] == "\"3.571\"")
  }

  @Test func `of a period without data says so, and neither nought nor a hundred percent`() throws {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(20, 21)
    try scratch.run(Self.reports, date: "2025-01-05", now: try time("2025-02-01T04:00:00Z"))
    let json = leaves(ofText: try scratch.report("2025-01-05", "uptime.json"))
    #expect(json["services.0.availabilityPct"] == "null")
    #expect(json["services.0.coveragePct"] == "\"0.000\"")
    #expect(json["services.0.seconds.unknown"] == "604800")
    #expect(try scratch.report("2025-01-05", "uptime.html").contains("no data"))
  }

  // MARK: - The ledger

  @Test func `is entered in the ledger with what it ran on and what each step did`() throws {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(3, 3)
    let before = Timestamp.now()
    let outcome = try scratch.run(Self.reports, date: "2025-01-03", now: .now())
    let run = try #require(try RunLedger(scratch.store).runs(limit: 10).first)
    #expect(outcome.runs == [run])
    #expect(run.pipeline == "nightly")
    #expect(run.date == CivilDate("2025-01-03"))
    #expect(run.result == .done)
    // 24 facts and the audit's StreamCreated.
    #expect(run.throughPosition == 24)
    #expect(run.steps.map(\.name) == ["rollup", "uptime-report", "activity-report"])
    #expect(run.steps.map(\.result) == [.done, .done, .done])
    #expect(run.steps[0].detail == "24 events of 1 streams")
    #expect(
      run.steps[1].detail == "1 services: \(scratch.root)/reports/2025-01-03/uptime.html")
    let instants =
      [before, run.startedAt] + run.steps.flatMap { [$0.startedAt, $0.endedAt ?? .latest] }
      + [run.endedAt ?? .latest, .now()]
    #expect(instants == instants.sorted())
  }

  @Test func `of one step runs that one and is not entered as the night's`() throws {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(3, 3)
    let now = try time("2025-01-04T04:00:00Z")
    let outcome = try scratch.run(Self.reports, only: "uptime-report", now: now)
    #expect(outcome.runs.map(\.pipeline) == ["nightly:uptime-report"])
    #expect(outcome.runs.flatMap(\.steps).map(\.name) == ["uptime-report"])
    #expect(!outcome.hasFailed)
    #expect(dates(try scratch.run(Self.reports, now: now)) == ["2025-01-03"])
    let error = #expect(throws: PipelineError.self) {
      try scratch.run(Self.reports, only: "backup", now: now)
    }
    #expect(error?.code.rawValue == "invalid-option")
    #expect(error?.remedy.contains("rollup, uptime-report, activity-report") == true)
  }

  @Test func `for a day that is not over does not stand for its night`() throws {
    let scratch = try Scratch()
    let now = Timestamp.now()
    let today = CivilDate(utcDay: now.utcDay)
    try scratch.store.append("service-uptime-api", fact("api", "up", at: now))
    #expect(!(try scratch.run(Self.reports, date: today.description, now: now).hasFailed))
    let tomorrow = now.adding(seconds: 86_400)
    #expect(dates(try scratch.run(Self.reports, now: tomorrow)) == [today.description])
  }

  // MARK: - What goes wrong

  @Test func `that fails in a step skips what needs it, does the rest, and is run again`() throws {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(3, 3)
    try Data().write(to: URL(filePath: scratch.root + "/reports"))
    let yaml = """
      name: nightly
      steps:
      - step: uptime-report
      - step: rollup
      - step: archive
        needs: uptime-report
        policies: [{streams: "*", keepHot: 1d, rollOffEvery: 1d}]
      - step: verify
        needs: [rollup, archive]
      """
    let now = try time("2025-01-04T04:00:00Z")
    let outcome = try scratch.run(yaml, now: now)
    #expect(outcome.hasFailed)
    let run = try #require(outcome.runs.first)
    #expect(run.result == .failed)
    #expect(run.steps.map(\.result) == [.failed, .done, .skipped, .skipped])
    #expect(run.steps[0].detail.hasPrefix("io-error: \(scratch.root)/reports/2025-01-03 "))
    #expect(run.steps[2].detail.hasPrefix("uptime-report was not done: io-error: "))
    #expect(run.steps[3].detail == "archive was not done")
    #expect(try scratch.store.read { try Catalog.entries($0.db) }.isEmpty)

    try FileManager.default.removeItem(atPath: scratch.root + "/reports")
    let again = try scratch.run(yaml, now: now)
    #expect(dates(again) == ["2025-01-03"])
    #expect(!again.hasFailed)
    #expect(try scratch.run(yaml, now: now).isUpToDate)
    #expect(try RunLedger(scratch.store).runs(limit: 9).map(\.result) == [.done, .failed])
  }

  @Test func `makes up for a night that failed before others that were done`() throws {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(3, 5)
    let blocker = scratch.root + "/reports/2025-01-04"
    try FileManager.default.createDirectory(
      atPath: scratch.root + "/reports", withIntermediateDirectories: true)
    try Data("in the way".utf8).write(to: URL(fileURLWithPath: blocker))
    let first = try scratch.run(Self.reports, now: try time("2025-01-06T04:00:00Z"))
    #expect(first.runs.map(\.result) == [.done, .failed, .done])
    try FileManager.default.removeItem(atPath: blocker)
    let second = try scratch.run(Self.reports, now: try time("2025-01-07T04:00:00Z"))
    #expect(dates(second) == ["2025-01-04", "2025-01-06"])
    #expect(second.runs.allSatisfy { $0.result == .done })
  }

  @Test func `for one date leaves the nights before it to be caught up`() throws {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(3, 8)
    try scratch.run(Self.reports, now: try time("2025-01-04T04:00:00Z"))
    try scratch.run(Self.reports, date: "2025-01-07", now: try time("2025-01-08T03:00:00Z"))
    let outcome = try scratch.run(Self.reports, now: try time("2025-01-08T04:00:00Z"))
    #expect(dates(outcome) == ["2025-01-04", "2025-01-05", "2025-01-06"])
  }

  @Test func `gives way to another on the same store, and runs once that has ended`() throws {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(3, 3)
    let now = try time("2025-01-04T04:00:00Z")
    let other = try OtherProcess(holding: scratch.store.path + ".lock")
    let error = #expect(throws: PipelineError.self) { try scratch.run(Self.reports, now: now) }
    #expect(error == .running(scratch.store.path))
    #expect(error?.code.rawValue == "lock-held")
    #expect(try RunLedger(scratch.store).runs(limit: 9).isEmpty)
    other.end()
    #expect(dates(try scratch.run(Self.reports, now: now)) == ["2025-01-03"])
  }

  @Test func `that was killed is marked, and its date is run again`() async throws {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(1, 28)
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [root = scratch.root as String, yaml = Self.reports as String] in
      let store = try EventStore(path: root + "/store.db")
      let watcher = try EventStore(path: root + "/store.db")
      Thread.detachNewThread {
        while true {
          let runs = try? RunLedger(watcher).runs(limit: 1)
          if runs?.first?.result == .running { kill(getpid(), SIGKILL) }
        }
      }
      let now = try time("2025-01-29T04:00:00Z")
      _ = try PipelineRunner(root: root, store: store, yaml).run(now: now)
    }
    let killed = try #require(try RunLedger(scratch.store).runs(limit: 1).first)
    #expect(killed.result == .running)
    #expect(killed.endedAt == nil)

    // Another pipeline on the store marks it as well: nothing else can be at work.
    try scratch.run("name: other\nsteps: []", date: "2025-01-01", now: .now())
    let marked = try RunLedger(scratch.store).runs(limit: 99, pipeline: "nightly")
    #expect(marked.first?.id == killed.id)
    #expect(marked.first?.result == .interrupted)

    let outcome = try scratch.run(Self.reports, now: try time("2025-01-29T04:00:00Z"))
    #expect(outcome.runs.first?.date == killed.date)
    #expect(dates(outcome).last == "2025-01-28")
    #expect(!outcome.hasFailed)
  }

  @Test func `stops after a night when it is asked to, and goes on with the next`() throws {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(1, 5)
    let now = try time("2025-01-06T04:00:00Z")
    let seen = Mutex<[Int]>([])
    let stopped = try scratch.runner(Self.reports).run(
      now: now, stop: StopRequest { seen.withLock(\.count) == 2 },
      progress: { _, _, total in seen.withLock { $0.append(total) } })
    #expect(dates(stopped) == ["2025-01-01", "2025-01-02"])
    #expect(stopped.wasInterrupted)
    #expect(seen.withLock { $0 } == [5, 5])
    #expect(
      dates(try scratch.run(Self.reports, now: now)) == ["2025-01-03", "2025-01-04", "2025-01-05"])
  }

  @Test func `stops after a step when it is asked to, and goes on with the next`() throws {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(1, 2)
    let now = try time("2025-01-03T04:00:00Z")
    let report = scratch.root + "/reports/2025-01-01/uptime.html"
    let stopped = try scratch.runner(Self.reports).run(
      now: now, stop: StopRequest { FileManager.default.fileExists(atPath: report) })
    #expect(stopped.wasInterrupted)
    #expect(!stopped.hasFailed)
    #expect(stopped.runs.map(\.result) == [.interrupted])
    #expect(stopped.runs[0].steps.map(\.name) == ["rollup", "uptime-report"])
    let rest = try scratch.run(Self.reports, now: now)
    #expect(dates(rest) == ["2025-01-01", "2025-01-02"])
    #expect(rest.runs.map { $0.steps.map(\.name) }.first == ["activity-report"])
    #expect(rest.runs.map(\.result) == [.done, .done])
  }

  @Test func `stops between two segments when it is asked to, and goes on with the next`() throws {
    let scratch = try Scratch()
    for user in 1...2 {
      try scratch.store.append(
        "user-\(user)-activity", action("\(user)", at: try time("2025-01-01T10:00:00Z")))
    }
    let yaml = """
      steps:
      - step: archive
        policies: [{streams: "user-1-*", coldAfter: 1d}, {streams: "user-2-*", coldAfter: 1d, compression: 1}]
      """
    let store = scratch.store
    @Sendable func segments() throws -> Int { try store.read { try Catalog.entries($0.db).count } }
    let stopped = try scratch.runner(yaml).run(
      date: CivilDate("2025-02-01"), stop: StopRequest { (try? segments()) == 1 })
    #expect(stopped.wasInterrupted)
    #expect(stopped.runs.map(\.result) == [.interrupted])
    #expect(try segments() == 1)
    #expect(try !scratch.run(yaml, date: "2025-02-01", now: .now()).hasFailed)
    #expect(try segments() == 2)
    let records = try store.read { try $0.streams(matching: "user-*") }
    #expect(records.allSatisfy { $0.hotEvents == 0 })
  }

  @Test func `is not interrupted by a signal that comes when all is done`() throws {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(1, 1)
    let isOver = Atomic(false)
    let now = try time("2025-01-02T04:00:00Z")
    let outcome = try scratch.runner(Self.reports).run(
      now: now, stop: StopRequest { isOver.load(ordering: .relaxed) },
      progress: { _, _, _ in isOver.store(true, ordering: .relaxed) })
    #expect(outcome.runs.map(\.result) == [.done])
    #expect(!outcome.wasInterrupted)
  }

  /// Catching up takes hours, and other programs write meanwhile.
  @Test func `asks what time it is for every night anew`() throws {
    let scratch = try Scratch()
    let start = Timestamp.now()
    try scratch.store.append("orders-1", fact("api", "up", at: start.adding(seconds: -3 * 86_400)))
    let runner = try PipelineRunner(
      root: scratch.root, store: scratch.store,
      """
      steps:
      - step: archive
        policies: [{streams: "user-*", coldAfter: 1d}]
      - step: retention
        policies: [{streams: "user-*", retainFor: 1d}]
      """, isClockRight: false)
    var now = start
    let store = scratch.store
    let outcome = try runner.run(
      now: now,
      progress: { _, _, _ in
        now = now.adding(seconds: 7200)
        #expect(throws: Never.self) {
          let event = fact("api", "up", at: now)
          try store.append(AppendRequest(try StreamName("orders-1"), events: [event]), now: now)
        }
      })
    #expect(outcome.runs.count == 3)
    #expect(outcome.runs.flatMap(\.steps).map(\.detail).filter { $0.contains("clock") } == [])
    #expect(!outcome.hasFailed)
  }

  @Test func `of a night that failed does again only what was not done`() throws {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(3, 3)
    try Data().write(to: URL(filePath: scratch.root + "/reports"))
    let yaml = """
      steps:
      - step: rollup
      - step: uptime-report
        needs: rollup
      - step: archive
        policies: [{streams: "*", keepHot: 1d, rollOffEvery: 1d}]
      - step: archive
        needs: uptime-report
        policies: [{streams: "*", keepHot: 1d, rollOffEvery: 1d}]
      """
    let now = try time("2025-01-04T04:00:00Z")
    let failed = try scratch.run(yaml, now: now)
    #expect(failed.runs[0].steps.map(\.result) == [.done, .failed, .done, .skipped])
    try FileManager.default.removeItem(atPath: scratch.root + "/reports")
    let again = try scratch.run(yaml, now: now)
    #expect(again.runs.map { $0.steps.map(\.name) } == [["uptime-report", "archive"]])
    #expect(again.runs[0].result == .done)
    // Who names the date wants all of it.
    #expect(try scratch.run(yaml, date: "2025-01-03", now: now).runs[0].steps.count == 4)
  }

  @Test func `of many nights verifies and deletes in the last one only`() throws {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(3, 3)
    let yaml = """
      steps:
      - step: verify
      - step: retention
        needs: verify
        policies: [{streams: "user-*", retainFor: 1d}]
      """
    let outcome = try scratch.run(yaml, now: try time("2025-01-06T04:00:00Z"))
    let left = "left to the last night of this run"
    #expect(
      outcome.runs.map { $0.steps.map(\.detail) } == [
        [left, left], [left, left], ["0 of 0 segments sound", "nothing is due"],
      ])
  }

  // MARK: - What is written

  @Test
  func
    `repeated for a date writes the same bytes, but for the position and the archive it was made at`()
    throws
  {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(3, 5)
    for user in 1...9 {
      try scratch.store.append(
        "user-\(user)-activity", action("\(user)", at: try time("2025-01-04T10:0\(user):00Z")))
    }
    let now = try time("2025-01-06T04:00:00Z")
    try scratch.run(Self.reports, date: "2025-01-05", now: now)
    let folder = scratch.root + "/reports/2025-01-05"
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(files.count == 20)
    let first = try files.map { try scratch.report("2025-01-05", $0) }

    try scratch.archiveUptimeStreams()
    try scratch.run(Self.reports, date: "2025-01-05", now: now)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == files)
    for (file, before) in zip(files, first) {
      let after = try scratch.report("2025-01-05", file)
      if file.hasSuffix(".json") {
        var (old, new) = (leaves(ofText: before), leaves(ofText: after))
        #expect(old.removeValue(forKey: "report.throughPosition") != nil)
        #expect(new.removeValue(forKey: "report.throughPosition") != nil)
        #expect(old.removeValue(forKey: "report.archiveHead") ?? "null" == "null")
        new.removeValue(forKey: "report.archiveHead")
        for leaf in Set(old.keys).union(new.keys)
        where leaf == "report.reproduce" || leaf.hasPrefix("published") {
          (old[leaf], new[leaf]) = (nil, nil)
        }
        #expect(old == new, "\(file)")
      } else if file.hasSuffix(".csv") {
        #expect(before == after, "\(file)")
      } else {
        #expect(
          lines(of: before, notIn: after).allSatisfy {
            $0.contains("position") || $0.contains("--through")
          },
          "\(file)")
      }
    }
  }

  @Test func `leaves latest at the latest date, whatever is run again`() throws {
    let scratch = try Scratch()
    try scratch.store.fillJanuary(1, 3)
    let now = try time("2025-01-04T04:00:00Z")
    try scratch.run(Self.reports, now: now)
    try scratch.run(Self.reports, date: "2025-01-01", now: now)
    let latest = try FileManager.default.destinationOfSymbolicLink(
      atPath: scratch.root + "/reports/latest")
    #expect(latest == "2025-01-03")
  }

  private func lines(of text: String, notIn other: String) -> [Substring] {
    let known = Set(other.split(separator: "\n"))
    return text.split(separator: "\n").filter { !known.contains($0) }
  }
}
