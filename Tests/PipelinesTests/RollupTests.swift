import Analytics
import Archive
import EventStore
import Foundation
import GRDB
import History
import Pipelines
import Reports
import Streams
import Testing

@Suite struct `Reports from rollups` {
  private static let rollup = "steps:\n- step: rollup"

  /// Facts and actions in any order of time, rolled up and archived at any points.
  @Test(arguments: UInt64(1)...8)
  func `say what a fold of every event says, whatever was rolled up and archived when`(
    seed: UInt64
  ) throws {
    let scratch = try Scratch()
    var random = SplitMix(seed: seed)
    var isRolledUp = false
    for _ in 0..<12 {
      try append(&random, to: scratch.store)
      switch Int.random(in: 0..<4, using: &random) {
      case 0, 1:
        try scratch.run(Self.rollup, date: "2025-02-01", now: .now())
        isRolledUp = true
      case 2: try archive(&random, scratch.store, scratch.folder)
      default: break
      }
      try expectSame(scratch.history)
    }
    #expect(isRolledUp)
    #expect(try scratch.store.rollups() > 0)
  }

  @Test func `are the same after everything was archived and its rows released`() throws {
    let scratch = try Scratch()
    var random = SplitMix(seed: 99)
    for _ in 0..<6 { try append(&random, to: scratch.store) }
    let before = try figures(scratch.history, full: true)
    for record in try scratch.store.read({ try $0.streams() }) where !record.name.isReserved {
      _ = try archiver(scratch.store, scratch.folder).run(grace: 0) {
        try Planner.plan(wholeStream: record, reason: "test", $0)
      }
    }
    #expect(
      try scratch.store.read { try $0.streams() }
        .allSatisfy { $0.name.isReserved || $0.hotEvents == 0 })
    #expect(try figures(scratch.history, full: true) == before)
    #expect(try figures(scratch.history, full: false) == before)
    try scratch.run(Self.rollup, date: "2025-02-01", now: .now())
    #expect(try figures(scratch.history, full: false) == before)
  }

  @Test func `follow facts that come late, into ranges that were rolled up`() throws {
    let scratch = try Scratch()
    let stream = "service-uptime-api"
    try scratch.store.append(
      stream, fact("api", "up", at: try time("2025-01-09T12:00:00Z")),
      fact("api", "down", at: try time("2025-01-10T06:00:00Z")),
      fact("api", "up", at: try time("2025-01-10T08:00:00Z")))
    try scratch.run(Self.rollup, date: "2025-01-10", now: .now())
    #expect(try downSeconds(scratch.history) == "7200")

    // It was over after ten minutes, and there was another that nobody had told of.
    try scratch.store.append(stream, fact("api", "up", at: try time("2025-01-10T06:10:00Z")))
    try scratch.store.append(
      stream, fact("api", "up", at: try time("2025-01-10T03:00:30Z")),
      fact("api", "down", at: try time("2025-01-10T03:00:00Z")))
    #expect(try downSeconds(scratch.history) == "630")
    try scratch.run(Self.rollup, date: "2025-01-11", now: .now())
    #expect(try downSeconds(scratch.history) == "630")
    #expect(try scratch.store.rollups(of: stream) == 2)
  }

  @Test func `take many nights' pieces together`() throws {
    let scratch = try Scratch()
    for night in 1...40 {
      try scratch.store.append(
        "service-uptime-api",
        fact("api", night % 3 == 0 ? "down" : "up", at: try time("2025-01-10T00:00:\(two(night))Z"))
      )
      try scratch.run(Self.rollup, date: "2025-02-01", now: .now())
      try expectSame(scratch.history)
    }
    // The 33rd night found 32 pieces and made one of them; seven more followed.
    #expect(try scratch.store.rollups(of: "service-uptime-api") == 8)
  }

  @Test(arguments: [
    "UPDATE rollups SET summary = x'00' WHERE first = 0",
    "UPDATE rollups SET summary = zeroblob(length(summary)) WHERE first = 3",
    "UPDATE rollups SET summary = CAST('RkSH' || x'63' || substr(summary, 6) AS BLOB)",
  ])
  func `are not made of a damaged piece, which is replaced with the next merge`(change: String)
    throws
  {
    let stream = "service-uptime-api"
    let scratch = try Scratch()
    for night in 1...40 {
      try scratch.store.append(
        stream,
        fact("api", night % 2 == 0 ? "down" : "up", at: try time("2025-01-10T00:00:\(two(night))Z"))
      )
      try scratch.run(Self.rollup, date: "2025-02-01", now: .now())
      if night == 5 { try scratch.store.write { try $0.execute(sql: change) } }
      try expectSame(scratch.history)
    }
    #expect(try scratch.store.rollups(of: stream) == 8)
    let pieces = try scratch.store.pieces()
    #expect(
      pieces.allSatisfy { (try? StatusHistory(decoding: Array($0["summary"] as Data))) != nil })
  }

  @Test func `are not made of pieces that do not join or that are too long`() throws {
    let changes = [
      "DELETE FROM rollups WHERE first = 0", "DELETE FROM rollups WHERE first = 3",
      "UPDATE rollups SET last = 7 WHERE first = 3", "UPDATE rollups SET last = 99 WHERE first = 6",
      "UPDATE rollups SET last = 2 WHERE first = 3",
      "UPDATE rollups SET first = 4 WHERE first = 3",
    ]
    let stream = "service-uptime-api"
    let scratch = try Scratch()
    for night in Int64(0)..<3 {
      try scratch.store.append(
        stream,
        fact("api", "up", at: try time("2025-01-10T0\(night):00:00Z")),
        fact("api", "down", at: try time("2025-01-10T0\(night):20:00Z")),
        fact("api", "up", at: try time("2025-01-10T0\(night):30:00Z")))
      try scratch.run(Self.rollup, date: "2025-02-01", now: .now())
    }
    #expect(try scratch.store.rollups(of: stream) == 3)
    for change in changes {
      let pieces = try scratch.store.pieces()
      try scratch.store.write { try $0.execute(sql: change) }
      try #require(try scratch.store.pieces() != pieces, "\(change)")
      #expect(try downSeconds(scratch.history) == "1800", "\(change)")
      let outcome = try scratch.run(Self.rollup, date: "2025-02-01", now: .now())
      #expect(!outcome.hasFailed)
      #expect(try scratch.store.rollups(of: stream) == 1, "\(change)")
      #expect(try downSeconds(scratch.history) == "1800")
      try scratch.store.restore(pieces)
    }
  }

  @Test func `say what is known of a stream without a single rollup`() throws {
    let scratch = try Scratch()
    try scratch.store.append(
      "service-uptime-api", fact("api", "down", at: try time("2025-01-10T23:00:00Z")))
    #expect(try downSeconds(scratch.history) == "3600")
    try expectSame(scratch.history)
  }

  @Test func `leave deleted streams out`() throws {
    let scratch = try Scratch()
    let name = try StreamName("service-uptime-api")
    try scratch.store.append(
      name.rawValue, fact("api", "down", at: try time("2025-01-10T23:00:00Z")))
    try scratch.run(Self.rollup, date: "2025-02-01", now: .now())
    try scratch.store.archive(name, by: .system, reason: "test")
    try scratch.store.delete(name, by: .system, reason: "test")
    #expect(try scratch.store.rollups() == 0)
    #expect(try downSeconds(scratch.history) == nil)
    #expect(try !scratch.run(Self.rollup, date: "2025-02-02", now: .now()).hasFailed)
  }

  private func archiver(_ store: EventStore, _ folder: ArchiveFolder) -> Archiver {
    Archiver(store: store, folder: folder, now: .now(), version: "test")
  }

  private func archive(
    _ random: inout SplitMix, _ store: EventStore, _ folder: ArchiveFolder
  ) throws {
    let cutoff = Timestamp(
      microseconds: try time("2025-01-01T00:00:00Z").microseconds
        + Int64.random(in: 0...31, using: &random) * Timestamp.microsecondsPerDay)
    let policy = ArchivePolicy(streams: "*", keepHot: 0, rollOffEvery: 1)
    let planner = Planner(policies: [policy], now: cutoff)
    let grace = Int64.random(in: 0...1, using: &random) * 1000 * Timestamp.microsecondsPerDay
    _ = try archiver(store, folder).run(grace: grace, plan: { try planner.plan($0) })
  }

  /// Some facts of some services and some actions of some users, anywhere in January.
  private func append(_ random: inout SplitMix, to store: EventStore) throws {
    let start = try time("2025-01-01T00:00:00Z")
    func anyTime() -> Timestamp {
      Timestamp(
        microseconds: start.microseconds
          + Int64.random(in: 0..<(31 * 86_400_000), using: &random) * 1000)
    }
    for _ in 0..<Int.random(in: 1...12, using: &random) {
      let service = ["api", "API", "web shop", "db"].randomElement(using: &random) ?? ""
      let status =
        ["up", "down", "degraded", "partial outage", "maintenance", "???", "no data"]
        .randomElement(using: &random) ?? ""
      let at = anyTime()
      let isAhead = Int.random(in: 0..<6, using: &random) == 0
      let event = fact(
        service, status, at: at,
        id: Bool.random(using: &random) ? "e\(Int.random(in: 0..<30, using: &random))" : nil,
        recordedAt: isAhead ? at.adding(seconds: -3600) : at,
        responseMs: Bool.random(using: &random) ? Int.random(in: 1..<900, using: &random) : nil)
      try store.append(AppendRequest(try .serviceUptime(service), events: [event]))
    }
    for _ in 0..<Int.random(in: 1...12, using: &random) {
      let user = "u\(Int.random(in: 1...5, using: &random))"
      let category = UserCategory.allCases.randomElement(using: &random) ?? .profile
      try store.append("user-\(user)-\(category)", action(user, at: anyTime()))
    }
  }

  private func expectSame(_ history: History) throws {
    let full = try figures(history, full: true)
    #expect(try figures(history, full: false) == full)
    #expect(full.count == 2)
  }

  /// The uptime and the activity of January, as JSON without the position they were made at.
  private func figures(_ history: History, full: Bool) throws -> [String] {
    var uptime = UptimeQuery()
    uptime.from = CivilDate("2025-01-01")
    uptime.to = CivilDate("2025-02-01")
    uptime.staleAfterSeconds = 40_000
    uptime.groups = [.init(name: "site", members: ["api", "db", "nobody"], rule: .best)]
    var activity = ActivityQuery()
    activity.from = uptime.from
    activity.to = uptime.to
    activity.timezone = "America/New_York"
    activity.showActors = true
    let now = try time("2025-03-01T00:00:00Z")
    return try history.read { snapshot in
      var one = try uptime.report(snapshot, full: full, now: now)
      var other = try activity.report(snapshot, full: full, now: now)
      // Where it stands, and not what it says.
      one.throughPosition = nil
      one.archiveHead = nil
      one.checkCommand = ""
      other.throughPosition = nil
      return [one.json(), other.json()]
    }
  }

  /// Seconds of outage of the one service on 10 January; nil without any service.
  private func downSeconds(_ history: History) throws -> String? {
    var query = UptimeQuery()
    query.from = CivilDate("2025-01-10")
    query.to = CivilDate("2025-01-11")
    let report = try history.read { try query.report($0, now: .now()) }
    return leaves(ofText: report.json())["services.0.seconds.down"]
  }
}

extension EventStore {
  fileprivate func pieces() throws -> [Row] {
    try read { try Row.fetchAll($0.db, sql: "SELECT * FROM rollups") }
  }

  fileprivate func restore(_ pieces: [Row]) throws {
    try write { db in
      try db.execute(sql: "DELETE FROM rollups")
      for piece in pieces {
        try db.execute(
          sql: "INSERT INTO rollups VALUES (?, ?, ?, ?)",
          arguments: StatementArguments(piece.databaseValues))
      }
    }
  }
}

/// Sebastiano Vigna's SplitMix64 (prng.di.unimi.it/splitmix64.c): the same numbers for a seed.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

@Suite struct `A fold on every core` {
  /// Long enough to be cut into ranges, with the first half in segments.
  @Test func `gives what one reader gives, hot and cold`() throws {
    let scratch = try Scratch()
    let name = try StreamName("service-uptime-api")
    let count = 70_000
    let start = try time("2025-01-01T00:00:00Z")
    try scratch.store.transaction { transaction in
      for number in 0..<count {
        let at = start.adding(seconds: Int64(number) * 60)
        let status = number % 997 < 3 ? "down" : "up"
        let data = Array(
          "{\"serviceName\":\"api\",\"status\":\"\(status)\",\"timestamp\":\"\(at.rfc3339)\"}".utf8)
        let event = NewEvent(
          id: EventID(high: 1, low: UInt64(number)), type: "ServiceStatusChanged", data: data,
          timestamp: at)
        _ = try event.withDraft { try transaction.append($0, to: name) }
      }
    }
    var query = UptimeQuery()
    query.start = start
    query.end = start.adding(seconds: Int64(count) * 60)
    let now = try time("2026-01-01T00:00:00Z")
    let serial = try scratch.history.read { snapshot in
      var history = StatusHistory()
      let record = try snapshot.hot.readableStream(name)
      try snapshot.forEachEvent(of: record) { event in
        history.receive(event)
        return true
      }
      return history.figures(of: "api", try query.options(now: now).0)
    }
    func parallel() throws -> UptimeFigures {
      var figures = try scratch.history.read { try query.report($0, full: true, now: now) }
        .services[0]
      figures.stream = nil
      return figures
    }
    #expect(try parallel() == serial)
    try scratch.store.write { db in
      try db.execute(sql: "DELETE FROM rollups")
    }
    let archiver = Archiver(
      store: scratch.store, folder: scratch.folder, now: now, version: "test")
    let planner = Planner(
      policies: [
        ArchivePolicy(
          streams: "service-uptime-*",
          keepHot: now.microseconds - start.adding(seconds: Int64(count) * 30).microseconds,
          rollOffEvery: 1)
      ], now: now)
    #expect(try archiver.run(grace: 0, plan: { try planner.plan($0) }).released == 35_000)
    #expect(try parallel() == serial)
  }
}
