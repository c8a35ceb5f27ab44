import EventStore
import Foundation
import Ingest
import Streams
import Testing

/// A folder of its own with a store and the files of one test, gone with the test.
struct Scratch: ~Copyable {
  let folder: String
  var storePath: String { folder + "/store.db" }

  init() throws {
    folder = NSTemporaryDirectory() + "rookery-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func store(maxEventBytes: Int = EventLimits.defaultMaxBytes) throws -> EventStore {
    try EventStore(path: storePath, mode: .createIfMissing, maxEventBytes: maxEventBytes)
  }

  func path(_ name: String) -> String { folder + "/" + name }

  /// Writes `text` to a file of this folder.
  ///
  /// - Returns: its path.
  func file(_ name: String, _ text: String) throws -> String {
    try file(name, bytes: Data(text.utf8))
  }

  /// A database made by the `sqlite3` program.
  func database(_ name: String, _ sql: String) throws -> String {
    try run("sqlite3", [name, ".read \(try file("script.sql", sql))"], in: folder)
    return path(name)
  }

  func file(_ name: String, bytes: Data) throws -> String {
    try bytes.write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }
}

/// Runs a program of the system.
func run(_ program: String, _ arguments: [String], in folder: String) throws {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = [program] + arguments
  process.currentDirectoryURL = URL(fileURLWithPath: folder)
  try process.run()
  process.waitUntilExit()
  try #require(process.terminationStatus == 0, "\(program) \(arguments)")
}

struct Loaded {
  var summary: IngestSummary
  var rejects: [RejectedLine]

  var codes: [String] { rejects.map(\.rejection.code.rawValue) }
}

func load(
  _ path: String, into store: EventStore, _ format: LineFormat = .events, source: String = ""
) async throws -> Loaded {
  var rejects: [RejectedLine] = []
  let summary = try await Ingest(into: store, format: format, source: source)
    .load(path, reject: { rejects += $0 }, progress: { _ in true })
  return Loaded(summary: summary, rejects: rejects)
}

func load(
  _ path: String, into store: EventStore, importing format: ImportFormat, source: String = ""
) async throws -> Loaded {
  var rejects: [RejectedLine] = []
  let summary = try await Ingest(into: store, importing: format, source: source)
    .load(path, reject: { rejects += $0 }, progress: { _ in true })
  return Loaded(summary: summary, rejects: rejects)
}

extension WallClock {
  static func clock(_ name: String) throws -> WallClock {
    let zone = try #require(TimeZone(identifier: name))
    return WallClock(name: name) {
      Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double($0))))
    }
  }
}

func events(of name: String, in store: EventStore) throws -> [RecordedEvent] {
  try store.read { snapshot in
    guard let record = try snapshot.stream(try StreamName(name)) else { return [] }
    var found: [RecordedEvent] = []
    try snapshot.forEachHotEvent(of: record.id, in: 0...Int64.max) {
      found.append($0.copy())
      return true
    }
    return found
  }
}

func data(_ event: RecordedEvent) -> String { String(decoding: event.data, as: UTF8.self) }

func metadata(_ event: RecordedEvent) -> String { String(decoding: event.metadata, as: UTF8.self) }

/// An event line with an id made from its number.
func line(_ number: Int, stream: String = "orders-1", data: String? = nil) -> String {
  let id = EventID(high: 9, low: UInt64(number))
  return
    #"{"stream":"\#(stream)","type":"Counted","eventId":"\#(id)","data":\#(data ?? "{\"n\":\(number)}")}"#
}

func lines(_ numbers: Range<Int>) -> String {
  numbers.map { line($0) + "\n" }.joined()
}
