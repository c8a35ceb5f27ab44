import EventStore
import Foundation
import Ingest
import Streams
import Testing

@Suite struct `A Gatus database` {
  static let endpoints = """
    INSERT INTO endpoints VALUES (1, 'core_api', 'api', 'core'), (2, '_web', 'web', ''),
      (3, 'core_API', 'API', 'core');

    """

  @Test func `gives its state changes and its checks, of services by group and name`()
    async throws
  {
    let scratch = try Scratch()
    let store = try scratch.store()
    let path = try scratch.database(
      "data.db",
      GatusSchema.sql + Self.endpoints + """
        INSERT INTO endpoint_events VALUES
          (1, 1, 'START', '2026-01-01 00:00:00.95 +0000 UTC'),
          (2, 1, 'HEALTHY', '2026-01-01 00:00:01 +0000 UTC'),
          (3, 1, 'UNHEALTHY', '2026-01-02 00:00:01.5 +0000 UTC m=+86400.5');
        INSERT INTO endpoint_result_conditions (endpoint_result_id, condition, success) VALUES
          (1, '[STATUS] == 200', 1), (2, '[STATUS] (503) == 200', 0), (2, '[BODY] == 1', 1),
          (2, '[RESPONSE_TIME] (5000) < 300', 0);

        """ + GatusSchema.result(1)
        + GatusSchema.result(2, success: 0, errors: "timeout|~|it''s \u{1F4A5}")
        + GatusSchema.result(3, 3) + GatusSchema.result(4, 2))
    let loaded = try await load(path, into: store, importing: .gatus)
    #expect(loaded.rejects.isEmpty && loaded.summary.appended == 6)
    #expect(loaded.summary.passedOver == 1)
    let found = try events(of: "service-uptime-core-api", in: store)
    #expect(
      found.map { data($0) } == [
        #"{"serviceName":"core/api","status":"up","timestamp":"2026-01-01T00:00:01Z"}"#,
        #"{"serviceName":"core/api","status":"down","timestamp":"2026-01-02T00:00:01.500Z"}"#,
        #"{"serviceName":"core/api","status":"up","timestamp":"2026-01-01T10:00:00.500Z","responseMs":123.456789}"#,
        #"{"serviceName":"core/api","status":"down","timestamp":"2026-01-01T10:00:00.500Z","responseMs":123.456789}"#,
      ])
    #expect(metadata(found[1]) == #"{"source":"gatus","event":3}"#)
    #expect(
      metadata(found[3])
        == #"{"source":"gatus","result":2,"additional":{"httpCode":200,"errors":"timeout|~|it's 💥","failedConditions":"[STATUS] (503) == 200; [RESPONSE_TIME] (5000) < 300"}}"#
    )
    #expect(try events(of: "service-uptime-web", in: store).count == 1)
    // Another endpoint whose stream would be the same one.
    #expect(try events(of: "service-uptime-core-api-3", in: store).count == 1)
  }

  @Test func `that has grown, at another path, adds what is new; another instance adds all`()
    async throws
  {
    let scratch = try Scratch()
    let store = try scratch.store()
    let path = try scratch.database(
      "a.db", GatusSchema.sql + Self.endpoints + (1...50).map { GatusSchema.result($0) }.joined())
    #expect(try await load(path, into: store, importing: .gatus).summary.appended == 50)
    let more = (51...60).map { GatusSchema.result($0) }.joined()
    try run("sh", ["-c", "cp a.db b.db"], in: scratch.folder)
    let grown = try scratch.database(
      "b.db", more + "DELETE FROM endpoint_results WHERE endpoint_result_id < 20;")
    let second = try await load(grown, into: store, importing: .gatus)
    #expect(second.summary.appended == 10 && second.summary.duplicates == 31)
    #expect(
      try await load(grown, into: store, importing: .gatus, source: "eu").summary.appended == 41)
  }
}

@Suite struct `An Uptime Kuma database` {
  @Test(arguments: [KumaSchema.version1, KumaSchema.version2])
  func `gives every heartbeat, of whatever version`(schema: String) async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let path = try scratch.database(
      "kuma.db",
      schema
        + "INSERT INTO monitor (id, name, type) VALUES (1, 'My API', 'http'), (2, 'my-api', 'ping');\n"
        + KumaSchema.heartbeat(1) + KumaSchema.heartbeat(2, status: "2", msg: "NULL", ping: "NULL")
        + KumaSchema.heartbeat(3, status: "0", msg: "'a \"b\"'", ping: "-1")
        + KumaSchema.heartbeat(4, status: "3", ping: "1.25") + KumaSchema.heartbeat(7, 2))
    let loaded = try await load(path, into: store, importing: .uptimeKuma)
    #expect(loaded.rejects.isEmpty && loaded.summary.appended == 5)
    let found = try events(of: "service-uptime-my-api", in: store)
    #expect(
      found.map { data($0) } == [
        #"{"serviceName":"My API","status":"up","timestamp":"2026-01-01T10:00:00.123Z","responseMs":42}"#,
        #"{"serviceName":"My API","status":"pending","timestamp":"2026-01-01T10:00:00.123Z"}"#,
        #"{"serviceName":"My API","status":"down","timestamp":"2026-01-01T10:00:00.123Z"}"#,
        #"{"serviceName":"My API","status":"maintenance","timestamp":"2026-01-01T10:00:00.123Z","responseMs":1.25}"#,
      ])
    #expect(
      metadata(found[2])
        == #"{"source":"uptime-kuma","heartbeat":3,"additional":{"message":"a \"b\""}}"#)
    #expect(try events(of: "service-uptime-my-api-2", in: store).count == 1)
    #expect(try await load(path, into: store, importing: .uptimeKuma).summary.appended == 0)
  }

  @Test(arguments: [
    ("status: 4", KumaSchema.heartbeat(2, status: "4"), "status"),
    ("status: text", KumaSchema.heartbeat(2, status: "'up'"), "status"),
    ("status: huge", KumaSchema.heartbeat(2, status: "9223372036854775807"), "status"),
    ("no such monitor", KumaSchema.heartbeat(2, 99), "monitor_id"),
    ("a monitor without a name", KumaSchema.heartbeat(2, 2), "monitor_id"),
    ("a monitor with a NUL in its name", KumaSchema.heartbeat(2, 3), "monitor_id"),
    ("a monitor whose name is no UTF-8", KumaSchema.heartbeat(2, 4), "monitor_id"),
    ("no time", KumaSchema.heartbeat(2, time: "''"), "time"),
    ("a time that is none", KumaSchema.heartbeat(2, time: "x'00ff'"), "time"),
    ("a message that is no UTF-8", KumaSchema.heartbeat(2, msg: "CAST(x'c328' AS TEXT)"), ""),
    ("a cell of 3 MB", KumaSchema.heartbeat(2, msg: "zeroblob(3000000)"), ""),
  ])
  func `has bad rows refused, and the others taken`(
    what: String, row: String, field: String
  ) async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let path = try scratch.database(
      "kuma.db",
      KumaSchema.version2 + """
        INSERT INTO monitor (id, name) VALUES (1, 'a'), (2, NULL), (3, CAST(x'610062' AS TEXT)),
          (4, CAST(x'c328' AS TEXT));

        """ + KumaSchema.heartbeat(1) + row + KumaSchema.heartbeat(3))
    for appended in [2, 0] {
      let loaded = try await load(path, into: store, importing: .uptimeKuma)
      #expect(loaded.summary.appended == appended)
      #expect(loaded.rejects.map(\.line) == [2])
      #expect(loaded.rejects.first?.rejection.field == field)
      #expect(loaded.rejects.first?.file == path + ":heartbeat")
    }
  }

  @Test func `may have a NUL in a message, and other odd cells`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let path = try scratch.database(
      "kuma.db",
      KumaSchema.version1 + "INSERT INTO monitor (id, name) VALUES (1, 'a');\n"
        + KumaSchema.heartbeat(1, msg: "CAST(x'610062' AS TEXT)", ping: "'x'")
        + KumaSchema.heartbeat(2, msg: "7", time: "1767225600123"))
    let loaded = try await load(path, into: store, importing: .uptimeKuma)
    #expect(loaded.rejects.isEmpty)
    let found = try events(of: "service-uptime-a", in: store)
    #expect(found.map { metadata($0) }.first?.contains(#""message":"a\u0000b""#) == true)
    #expect(found.map { $0.timestamp.rfc3339 }.last == "2026-01-01T00:00:00.123Z")
  }
}

/// How the files of other tools are found on a disk.
@Suite struct `A database that is imported` {
  private static let monitor = "INSERT INTO monitor (id, name) VALUES (1, 'a');\n"

  @Test func `is read with what is still in its log, and nothing beside it changes`()
    async throws
  {
    let scratch = try Scratch()
    let store = try scratch.store()
    _ = try scratch.database(
      "kuma.db", KumaSchema.version2 + Self.monitor + KumaSchema.heartbeat(1))
    // A copy taken while the tool was running: the log, and no index of it.
    try run(
      "sh",
      [
        "-c",
        """
        { echo "PRAGMA wal_autocheckpoint = 0;"; echo "\(KumaSchema.heartbeat(2))"
          echo ".shell cp kuma.db copy.db; cp kuma.db-wal copy.db-wal"; } | sqlite3 kuma.db
        mkdir files && mv copy.db copy.db-wal files && ln -s files/copy.db link.db
        chmod -R a-w files
        """,
      ], in: scratch.folder)
    let before = try Self.listing(scratch.path("files"))
    #expect(before.count == 2)
    let loaded = try await load(scratch.path("link.db"), into: store, importing: .uptimeKuma)
    #expect(loaded.summary.appended == 2)
    #expect(try Self.listing(scratch.path("files")) == before)
    #expect(
      try await load(scratch.path("kuma.db"), into: store, importing: .uptimeKuma)
        .summary.duplicates == 2)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: scratch.folder).filter {
        $0.hasPrefix("kuma.db")
      } == ["kuma.db"])
  }

  @Test func `may be open in its tool`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let path = try scratch.database(
      "kuma.db", KumaSchema.version2 + Self.monitor + KumaSchema.heartbeat(1))
    let tool = Process()
    let input = Pipe()
    tool.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    tool.arguments = ["sqlite3", path]
    tool.standardInput = input
    tool.standardOutput = FileHandle.nullDevice
    try tool.run()
    let mark = scratch.path("written")
    input.fileHandleForWriting.write(
      Data("BEGIN;\n\(KumaSchema.heartbeat(2))COMMIT;\n.shell touch \(mark)\n".utf8))
    while !FileManager.default.fileExists(atPath: mark) {
      try await Task.sleep(for: .milliseconds(5))
    }
    let loaded = try await load(path, into: store, importing: .uptimeKuma)
    #expect(loaded.summary.appended == 2)
    input.fileHandleForWriting.write(Data(KumaSchema.heartbeat(3).utf8))
    try input.fileHandleForWriting.close()
    tool.waitUntilExit()
    #expect(tool.terminationStatus == 0)
    #expect(try await load(path, into: store, importing: .uptimeKuma).summary.appended == 1)
  }

  @Test(arguments: [
    ("", "it is no SQLite database"), ("service,status\n", "it is no SQLite database"),
    ("SQLite format 3\0", "it is no SQLite database"), (nil, "No such file"),
  ])
  func `must be one`(content: String?, reason: String) async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    if let content { _ = try scratch.file("kuma.db", content) }
    let error = await #expect(throws: IngestError.self) {
      try await load(scratch.path("kuma.db"), into: store, importing: .uptimeKuma)
    }
    #expect(error?.description.contains(reason) == true)
  }

  @Test func `must be the tool's, and the message says what it is instead`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let gatus = try scratch.database("gatus.db", GatusSchema.sql)
    let wrong = await #expect(throws: IngestError.self) {
      try await load(gatus, into: store, importing: .uptimeKuma)
    }
    #expect(wrong?.message.contains("is not from Uptime Kuma: it has no table 'monitor'") == true)
    #expect(wrong?.message.contains("endpoint_results") == true)
    let older = try scratch.database(
      "older.db",
      "CREATE TABLE monitor (id INTEGER PRIMARY KEY, name); CREATE TABLE heartbeat (id INTEGER PRIMARY KEY, monitor_id, status, time);"
    )
    let missing = await #expect(throws: IngestError.self) {
      try await load(older, into: store, importing: .uptimeKuma)
    }
    #expect(missing?.message.contains("its table 'heartbeat' has no column 'msg'") == true)
  }

  @Test func `may not have a view in place of a table, which may never end`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let path = try scratch.database(
      "kuma.db",
      """
      CREATE TABLE monitor (id INTEGER PRIMARY KEY, name);
      CREATE VIEW heartbeat AS
        WITH RECURSIVE n(id) AS (VALUES (1) UNION ALL SELECT id FROM n)
        SELECT id, 1 AS monitor_id, 1 AS status, '' AS msg, '' AS time, 0 AS ping FROM n;
      """)
    let error = await #expect(throws: IngestError.self) {
      try await load(path, into: store, importing: .uptimeKuma)
    }
    #expect(error?.message.contains("no table 'heartbeat'") == true)
  }

  @Test(arguments: [0.3, 0.7, 0.95])
  func `that is cut short is said to be damaged, and what was before is kept`(
    share: Double
  ) async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let path = try scratch.database(
      "kuma.db",
      KumaSchema.version1 + Self.monitor + "BEGIN;\n"
        + (1...5000).map { KumaSchema.heartbeat($0) }.joined() + "COMMIT;\n")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let cut = try scratch.file("cut.db", bytes: bytes.prefix(Int(Double(bytes.count) * share)))
    await #expect(throws: IngestError.self) {
      try await load(cut, into: store, importing: .uptimeKuma)
    }
    let whole = try await load(path, into: store, importing: .uptimeKuma)
    #expect(whole.summary.appended + whole.summary.duplicates == 5000 && whole.rejects.isEmpty)
  }

  /// A page that says its child is itself, or one it has already been to, has no end of rows.
  @Test func `whose pages go round in a circle is said to be damaged`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let path = try scratch.database(
      "kuma.db",
      "PRAGMA page_size = 512;\n" + KumaSchema.version1 + Self.monitor + "BEGIN;\n"
        + (1...2000).map { KumaSchema.heartbeat($0) }.joined() + "COMMIT;\n")
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    // Every interior table page (fileformat2 §1.6: type 5) points at its first child, twice.
    for page in stride(from: 512, to: bytes.count, by: 512) where bytes[page] == 5 {
      let cells = Int(bytes[page + 3]) << 8 | Int(bytes[page + 4])
      guard cells > 1 else { continue }
      func cell(_ index: Int) -> Int {
        page + (Int(bytes[page + 12 + 2 * index]) << 8 | Int(bytes[page + 13 + 2 * index]))
      }
      for index in 1..<cells {
        bytes.replaceSubrange(cell(index)..<(cell(index) + 4), with: bytes[cell(0)..<(cell(0) + 4)])
      }
    }
    let circle = try scratch.file("circle.db", bytes: bytes)
    let error = await #expect(throws: IngestError.self) {
      try await load(circle, into: store, importing: .uptimeKuma)
    }
    guard case .damaged = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `of 200,000 rows is read in order, page by page`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let path = try scratch.database(
      "kuma.db",
      KumaSchema.version2 + Self.monitor + """
        WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
        INSERT INTO heartbeat (id, monitor_id, status, msg, time, ping)
        SELECT i, 1, i % 2, '', strftime('%Y-%m-%d %H:%M:%f', 1700000000 + i, 'unixepoch'), i FROM n;
        """)
    let loaded = try await load(path, into: store, importing: .uptimeKuma)
    #expect(loaded.summary.appended == 200_000 && loaded.rejects.isEmpty)
    #expect(loaded.summary.bytesRead == 200_000 && loaded.summary.totalBytes == 200_000)
  }

  private static func listing(_ folder: String) throws -> [String: Date] {
    let files = FileManager.default
    return try Dictionary(
      uniqueKeysWithValues: files.contentsOfDirectory(atPath: folder).map {
        let attributes = try files.attributesOfItem(atPath: folder + "/" + $0)
        return ($0, try #require(attributes[.modificationDate] as? Date))
      })
  }
}
