import Archive
import EventStore
import Foundation
import GRDB
import History
import Segments
import Streams
import Testing

/// A store and an archive folder of a test's own, gone with it.
struct Scratch: ~Copyable {
  let root: String
  let store: EventStore
  let folder: ArchiveFolder

  init() throws {
    root = NSTemporaryDirectory() + "rookery-archive-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    store = try EventStore(path: root + "/store.db", mode: .createIfMissing)
    folder = ArchiveFolder(path: root + "/segments")
  }

  /// The files below the root in which `text` can be found: as they are, or decompressed.
  func files(holding text: String) throws -> [String] {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = [
      "-c",
      """
      cd "$1"; find . -type f | while read -r file; do
        { cat "$file"; zstd -dcq "$file" 2>/dev/null; } | grep -aqF -e "$2" && echo "$file"
      done; true
      """, "bash", root, text,
    ]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }
}

/// Midnight of the `day`-th day of 2025, counted from 0.
func day(_ day: Int64) -> Timestamp {
  Timestamp(microseconds: (20_089 + day) * Timestamp.microsecondsPerDay)
}

func days(_ count: Int64) -> Int64 { count * Timestamp.microsecondsPerDay }

/// An event of about `bytes` bytes that is nobody else's.
func event(_ number: Int64, at time: Timestamp, bytes: Int = 60) -> NewEvent {
  var state = UInt64(bitPattern: number) &* 0x9E37_79B9_7F4A_7C15 | 1
  var pad = ""
  while pad.utf8.count < bytes {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    pad += String(state >> 33, radix: 36)
    if number % 2 == 0 { pad += " the same words in every second event " }
  }
  return NewEvent(
    id: EventID(high: 1, low: UInt64(bitPattern: number)), type: "Counted",
    data: Array("{\"n\":\(number),\"pad\":\"\(pad)\"}".utf8),
    metadata: number % 3 == 0 ? [] : Array("{ \"odd\" : \(number % 2) }".utf8), timestamp: time,
    recordedAt: Timestamp(microseconds: time.microseconds + 7))
}

extension EventStore {
  /// Appends one event a day, for `count` days from `first` on.
  @discardableResult
  func fill(
    _ name: String, days count: Int64, from first: Int64 = 0, bytes: Int = 60
  ) throws -> StreamName {
    let stream = try StreamName(name)
    let events = (first..<(first + count)).map { event($0, at: day($0), bytes: bytes) }
    try append(AppendRequest(stream, events: events), now: day(first + count))
    return stream
  }

  func record(_ name: String) throws -> StreamRecord {
    try read { try $0.readableStream(try StreamName(name)) }
  }

  func entries() throws -> [CatalogEntry] { try read { try Catalog.entries($0.db) } }

  /// A segment's manifest, as the catalog has it.
  func manifest(of entry: CatalogEntry) throws -> Manifest {
    try read { try entry.manifest($0.db) }
  }

  func plan(_ policies: [ArchivePolicy], now: Timestamp) throws -> ArchivePlan {
    try read { try Planner(policies: policies, now: now).plan($0) }
  }

  /// The data of the `$audit` entries of one type, in order.
  func audited(_ type: String) throws -> [String] {
    try read { snapshot in
      let record = try snapshot.readableStream(try StreamName("$audit"))
      var entries: [String] = []
      try snapshot.forEachHotEvent(of: record.id, in: 0...Int64.max) { event in
        if event.type == type { entries.append(String(decoding: event.data, as: UTF8.self)) }
        return true
      }
      return entries
    }
  }
}

extension Archiver {
  init(
    _ store: EventStore, _ folder: ArchiveFolder, now: Timestamp,
    onStep: @escaping @Sendable (ArchiveStep) -> Void = { _ in }
  ) {
    self.init(store: store, folder: folder, now: now, version: "test", onStep: onStep)
  }

  /// The summary of a run that could do everything; what it could not do is thrown.
  @discardableResult
  func run(_ policies: [ArchivePolicy], grace: Int64 = 0) throws -> Summary {
    let summary = try tell(policies, grace: grace)
    if let problem = summary.problems.first { throw problem.error }
    return summary
  }

  /// The summary, whatever could not be done.
  @discardableResult
  func tell(
    _ policies: [ArchivePolicy], grace: Int64 = 0, copyBudget: Int64 = Archiver.copyBudget
  ) throws -> Summary {
    // Level 1: what these tests are about does not depend on how small the files are.
    let fast = policies.map { policy in
      var policy = policy
      policy.level = 1
      return policy
    }
    let planner = Planner(policies: fast, now: now)
    return try run(grace: grace, copyBudget: copyBudget, plan: { try planner.plan($0) })
  }
}

/// What every stream but the store's own reads like: how many events, and a SHA-256 over their
/// lines, in order.
func digests(_ store: EventStore, _ folder: ArchiveFolder) throws -> [String: String] {
  try History(store: store, folder: folder).read { snapshot in
    var digests: [String: String] = [:]
    let encoder = EventLineEncoder()
    for record in try snapshot.hot.streams()
    where !record.name.isReserved && record.status != .deleted {
      var sums: [UInt8] = []
      var count = 0
      try snapshot.forEachEvent(of: record) { event in
        var line: [UInt8] = []
        try encoder.append(event, to: &line)
        sums += Array(SHA256Sum(of: line).description.utf8)
        count += 1
        return true
      }
      digests[record.name.rawValue] = "\(count) \(SHA256Sum(of: sums))"
    }
    return digests
  }
}

/// The SHA-256 of every file under the archive folder but the lock, by its path.
func fileSums(_ folder: ArchiveFolder) throws -> [String: SHA256Sum] {
  var sums: [String: SHA256Sum] = [:]
  for path in FileManager.default.subpaths(atPath: folder.path) ?? [] {
    guard path != ".lock", let data = FileManager.default.contents(atPath: folder.file(path)),
      !isDirectory(folder.file(path))
    else { continue }
    sums[path] = SHA256Sum(of: Array(data))
  }
  return sums
}

func isDirectory(_ path: String) -> Bool {
  var isDirectory: ObjCBool = false
  return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
    && isDirectory.boolValue
}

/// Flips one bit in the middle of a file that is read-only.
func flip(_ path: String, at place: (Int) -> Int = { $0 / 2 }) throws {
  try overwrite(path) { bytes in bytes[place(bytes.count)] ^= 0x10 }
}

/// Changes a file in place and leaves it read-only, as it was.
func overwrite(_ path: String, _ change: (inout [UInt8]) -> Void) throws {
  var bytes = Array(try #require(FileManager.default.contents(atPath: path)))
  change(&bytes)
  try FileManager.default.removeItem(atPath: path)
  try Data(bytes).write(to: URL(filePath: path))
  try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
}
