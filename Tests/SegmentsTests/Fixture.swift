import Foundation
import Streams
import Testing

@testable import Segments

/// A folder that goes with the test.
final class TemporaryFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "segments-\(UUID())")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Every file below, by its path relative to the folder.
  var files: [String] {
    let all = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    return all.filter { name in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: path + "/" + name, isDirectory: &isFolder)
        && !isFolder.boolValue
    }.sorted()
  }
}

/// What a program said.
struct ProgramResult {
  var status: Int32
  var output: [UInt8]

  var lines: [String] { text.split(separator: "\n").map(String.init) }
  var text: String { String(decoding: output, as: UTF8.self) }
}

/// Runs a shell command; standard error is discarded.
func shell(_ command: String, in folder: String = "/") throws -> ProgramResult {
  let process = Process()
  process.executableURL = URL(filePath: "/bin/bash")
  process.arguments = ["-o", "pipefail", "-c", command]
  process.currentDirectoryURL = URL(filePath: folder)
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = FileHandle.nullDevice
  try process.run()
  let output = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return ProgramResult(status: process.terminationStatus, output: Array(output))
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

enum Sample {
  static let createdAt = Timestamp(microseconds: 1_750_000_000_000_000)
  static let store = "store-7f3a"
  static let tombstone = Tombstone(deletedAt: createdAt, deletedBy: .system, reason: "asked")

  static func identity(
    archiveSeq: Int64 = 1, generation: Int64 = 1, store: String = Sample.store,
    prev: Manifest.Link? = nil
  ) -> SegmentIdentity {
    SegmentIdentity(
      storeID: store, archiveSeq: archiveSeq, generation: generation, createdAt: createdAt,
      writerVersion: "1.0", prev: prev)
  }

  static func info(_ name: String) throws -> SegmentStreamInfo {
    SegmentStreamInfo(name: try StreamName(name), category: "service-uptime")
  }

  static func event(
    _ revision: Int64, position: Int64? = nil, type: String = KnownEventType.serviceStatusChanged,
    data: [UInt8], metadata: [UInt8] = []
  ) -> RecordedEvent {
    let at = Timestamp(microseconds: 1_740_000_000_000_000 + revision * 60_000_250)
    return RecordedEvent(
      revision: Revision(revision), position: Position(position ?? revision * 3 + 7),
      id: EventID(high: UInt64(revision) << 20 | 0x4000, low: 1 << 63 | UInt64(revision)),
      type: type, timestamp: at, recordedAt: at.adding(seconds: 2), metadata: metadata, data: data)
  }

  /// `count` uptime events of about `bytes` bytes each.
  static func uptime(
    _ count: Int, from first: Int64 = 0, bytes: Int = 200, seed: UInt64 = 1
  ) -> [RecordedEvent] {
    var random = SeededGenerator(seed: seed)
    return (0..<Int64(count)).map { index in
      let noise = String(random.next(), radix: 16)
      let filler = String(repeating: "x", count: max(0, bytes - 120))
      let data = """
        {"serviceName":"api","status":"\(index % 7 == 0 ? "down" : "up")","responseMs":\(index % 900),\
        "note":"\(noise)\(filler)"}
        """
      return event(first + index, data: Array(data.utf8), metadata: Array(#"{"v":1}"#.utf8))
    }
  }

  /// Writes streams, each with its events, into one segment: a pack unless there is one stream.
  static func write(
    _ streams: [(name: String, events: [RecordedEvent])], in folder: String,
    identity: SegmentIdentity = Sample.identity(),
    signer: SegmentSigner? = nil, options: SegmentWriterOptions = SegmentWriterOptions()
  ) throws -> SealedSegment {
    let writer = try writer(
      streams, in: folder, identity: identity, signer: signer, options: options)
    for stream in streams {
      try writer.beginStream(info(stream.name))
      for event in stream.events { try event.withView { try writer.append($0) } }
      try writer.endStream()
    }
    return try writer.seal()
  }

  static func writer(
    _ streams: [(name: String, events: [RecordedEvent])], in folder: String,
    identity: SegmentIdentity = Sample.identity(), signer: SegmentSigner? = nil,
    options: SegmentWriterOptions = SegmentWriterOptions()
  ) throws -> SegmentWriter {
    try SegmentWriter(
      directory: folder, name: try name(streams, identity), job: "job-1", identity: identity,
      signer: signer, options: options)
  }

  static func name(
    _ streams: [(name: String, events: [RecordedEvent])], _ identity: SegmentIdentity
  ) throws -> SegmentName {
    guard streams.count == 1, let first = streams[0].events.first, let last = streams[0].events.last
    else { return SegmentName(pack: identity.archiveSeq, generation: identity.generation) }
    let id = SegmentName.streamID(store: identity.storeID, stream: try StreamName(streams[0].name))
    return SegmentName(
      streamID: id, first: first.revision, last: last.revision, generation: identity.generation)
  }
}

extension SegmentFile {
  func events(
    stream: Int = 0, from first: Int64 = 0, through last: Int64 = .max, backward: Bool = false,
    threads: Int = 2
  ) throws -> [RecordedEvent] {
    var events: [RecordedEvent] = []
    try forEachEvent(
      stream: stream, from: Revision(first), through: Revision(last), backward: backward,
      threads: threads
    ) { event in
      events.append(event.copy())
      return true
    }
    return events
  }
}
