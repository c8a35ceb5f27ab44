import Archive
import EventStore
import Foundation
import GRDB
import History
import Pipelines
import Streams
import Testing
import Transport

/// A store, an archive folder and a reports folder of a test's own, gone with it.
struct Scratch: ~Copyable {
  let root: String
  let store: EventStore
  let folder: ArchiveFolder

  init() throws {
    root = NSTemporaryDirectory() + "rookery-pipelines-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    store = try EventStore(path: root + "/store.db", mode: .createIfMissing)
    folder = ArchiveFolder(path: root + "/segments")
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  var history: History { History(store: store, folder: folder) }

  func runner(
    _ yaml: String, timezone: String = "UTC", environment: [String: String] = [:]
  ) throws -> PipelineRunner {
    try PipelineRunner(
      root: root, store: store, yaml, timezone: timezone, environment: environment)
  }

  /// Runs `yaml` for `date`, or for every missed night.
  @discardableResult
  func run(
    _ yaml: String, date: String? = nil, only: String? = nil, now: Timestamp
  ) throws -> PipelineRunner.Outcome {
    try runner(yaml).run(
      date: date.flatMap { CivilDate($0) }, only: only, now: now)
  }

  func report(_ date: String, _ file: String) throws -> String {
    let path = "\(root)/reports/\(date)/\(file)"
    let data = try #require(FileManager.default.contents(atPath: path), "\(path)")
    return String(decoding: data, as: UTF8.self)
  }

  /// Moves every uptime stream, whole, into segments; no row of them is left.
  func archiveUptimeStreams() throws {
    try archive("service-uptime-*")
    let records = try store.read { try $0.streams(matching: "service-uptime-*") }
    #expect(records.allSatisfy { $0.hotEvents == 0 && $0.status == .archived })
    let keys = try store.read { snapshot in
      try records.reduce(0) { try $0 + snapshot.hotCount(of: $1.id) }
    }
    #expect(keys == 0)
  }

  /// Moves every stream that matches, whole, into segments.
  func archive(_ pattern: String) throws {
    for record in try store.read({ try $0.streams(matching: pattern) }) {
      _ = try Archiver(
        store: store, folder: folder, now: .now(), version: "test"
      ).run(grace: 0) { snapshot in
        try Planner.plan(wholeStream: record, reason: "test", snapshot)
      }
      #expect(try store.read { try $0.hotCount(of: record.id) } == 0)
    }
  }
}

extension PipelineRunner {
  /// What another process needs to run the same.
  ///
  /// - Parameter isClockRight: most tests run at other times than they append at.
  init(
    root: String, store: EventStore, _ yaml: String, timezone: String = "UTC",
    isClockRight: Bool = true, environment: [String: String] = [:], patience: Patience = .quick,
    onDelivery: @escaping @Sendable (DeliveryMoment) -> Void = { _ in }
  ) throws {
    let file = "\(root)/nightly.yaml"
    try Data(yaml.utf8).write(to: URL(filePath: file), options: .atomic)
    var context = PipelineContext(
      store: store, folder: ArchiveFolder(path: root + "/segments"),
      reportsPath: root + "/reports", templatesPath: templates, version: "test",
      isClockRight: isClockRight, environment: environment, patience: patience)
    context.onDelivery = onDelivery
    self.init(try PipelineDefinition.load(file, timezone: timezone), context)
  }
}

/// `reports/templates` of the repository.
private let templates = URL(filePath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()
  .appending(path: "reports/templates").path()

func time(_ text: String) throws -> Timestamp { try Timestamp(rfc3339: text) }

/// A status change, as a monitor would append it.
func fact(
  _ service: String, _ status: String, at time: Timestamp, id: String? = nil,
  recordedAt: Timestamp? = nil, responseMs: Int? = nil
) -> NewEvent {
  var members = [
    "\"serviceName\":\"\(service)\"", "\"status\":\"\(status)\"",
    "\"timestamp\":\"\(time.rfc3339)\"",
  ]
  if let id { members.append("\"eventId\":\"\(id)\"") }
  if let responseMs { members.append("\"responseMs\":\(responseMs)") }
  return NewEvent(
    id: .random(), type: KnownEventType.serviceStatusChanged,
    data: Array("{\(members.joined(separator: ","))}".utf8), timestamp: time,
    recordedAt: recordedAt)
}

func action(_ user: String, at time: Timestamp, category: String = "search") -> NewEvent {
  NewEvent(
    id: .random(), type: KnownEventType.userDataUpdated,
    data: Array("{\"userId\":\"\(user)\",\"category\":\"\(category)\"}".utf8), timestamp: time,
    recordedAt: time)
}

extension EventStore {
  func append(_ stream: String, _ events: NewEvent...) throws {
    try append(AppendRequest(try StreamName(stream), events: events))
  }

  /// One check of `api` an hour, for the days of January 2025 from `first` through `last`.
  func fillJanuary(_ first: Int, _ last: Int) throws {
    let events = try (first...last).flatMap { day in
      try (0..<24).map { hour in
        let text = "2025-01-\(two(day))T\(two(hour)):00:00Z"
        return fact("api", hour == 6 ? "down" : "up", at: try time(text))
      }
    }
    try append(AppendRequest(try StreamName("service-uptime-api"), events: events))
  }
}

func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

extension EventStore {
  /// How many summaries are stored.
  func rollups(of stream: String? = nil) throws -> Int {
    try read { snapshot in
      try Int.fetchOne(
        snapshot.db,
        sql: """
          SELECT count(*) FROM rollups JOIN streams ON streams.id = stream
          WHERE ?1 IS NULL OR name = ?1
          """, arguments: [stream]) ?? 0
    }
  }
}
