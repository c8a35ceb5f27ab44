internal import Archive
internal import ArgumentParser
internal import Demo
internal import EventStore
internal import Foundation
internal import Segments
internal import Streams
internal import Synchronization

struct ArchiveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "archive",
    abstract: "Archive, write only and with verification, against tar | zstd -9 -T2.",
    discussion: "The peer packs the same event lines, one NDJSON file a stream.")
  @OptionGroup var options: BenchOptions
  @Option(help: "Status changes of about 1 KB.") var events: Int = 200_000
  @Option(help: "User events of 5 to 50 KB.") var userEvents: Int = 8000

  func run() async throws {
    try await options.run([ArchiveBench(events: events, userEvents: userEvents)])
  }
}

struct ArchiveBench: Bench {
  var events = 200_000
  var userEvents = 8000

  func run(_ place: BenchPlace) async throws -> [Figure] {
    let uptime = try UptimeEvents(count: events, streams: 2, start: BenchStore.start)
    let user = try UserEvents(count: userEvents, start: BenchStore.start)
    return try await measure(uptime, "uptime events", sizeAim: 1.03, place)
      + measure(user, "user events", sizeAim: 1.12, place)
  }

  private func measure(
    _ generated: some GeneratedEvents, _ what: String, sizeAim: Double, _ place: BenchPlace
  ) async throws -> [Figure] {
    let store = try await BenchStore.filled(generated, in: place.scratch)
    defer {
      place.scratch.deleteStore("store")
      place.scratch.delete("lines")
    }
    let bytes = try writeLines(of: store, to: try place.scratch.folder("lines"))
    var verified: [Double] = []
    var sizes: (ours: Int64, peer: Int64) = (0, 0)
    say("archiving \(what) \(place.repeats) times on each side")
    let written = try await takeTurns(
      place.repeats,
      ours: { turn in
        let run = try archive(
          store.path, expecting: generated.count, place.scratch, turn)
        sizes.ours = run.bytes
        verified.append(Double(bytes) / 1e6 / run.verified)
        return Double(bytes) / 1e6 / run.written
      },
      peer: { _ in
        let packed = try pack(place.scratch)
        sizes.peer = packed.bytes
        return Double(bytes) / 1e6 / packed.seconds
      })
    let peer = Figure.Side(label: "tar | zstd -9 -T2", values: written.peer)
    return [
      Figure(
        name: "archive \(what), write only", kind: .rate, unit: "MB/s of event lines",
        ours: Figure.Side(label: "Archiver until durable", values: written.ours), peer: peer,
        aim: .ratioAtLeast(0.9)),
      Figure(
        name: "archive \(what), written and verified", kind: .rate, unit: "MB/s of event lines",
        ours: Figure.Side(label: "Archiver until in the catalog", values: verified), peer: peer,
        aim: .none),
      Figure(
        name: "archive \(what), size", kind: .size, unit: "percent of event lines",
        ours: Figure.Side(
          label: "segments", values: [100 * Double(sizes.ours) / Double(bytes)]),
        peer: Figure.Side(
          label: "tar | zstd -9 -T2", values: [100 * Double(sizes.peer) / Double(bytes)]),
        aim: .ratioAtMost(sizeAim), notes: ["\(bytes) bytes of event lines"]),
    ]
  }

  /// The canonical lines of every stream, a file each; returns their bytes.
  private func writeLines(of store: BenchStore, to folder: String) throws -> Int64 {
    let encoder = EventLineEncoder()
    return try store.store.read { snapshot in
      var bytes: Int64 = 0
      for stream in try snapshot.streams() where !stream.name.isReserved {
        let path = "\(folder)/\(stream.name).ndjson"
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        var lines: [UInt8] = []
        try snapshot.forEachHotEvent(of: stream.id, in: 0...Int64.max) { event in
          try encoder.append(event, to: &lines)
          if lines.count > 1 << 22 {
            try file.write(contentsOf: lines)
            bytes += Int64(lines.count)
            lines.removeAll(keepingCapacity: true)
          }
          return true
        }
        try file.write(contentsOf: lines)
        bytes += Int64(lines.count)
        try file.close()
      }
      return bytes
    }
  }

  private struct Run {
    var written: Double
    var verified: Double
    var bytes: Int64
  }

  /// Archives a copy of the store, and times what is between the protocol's steps.
  private func archive(
    _ path: String, expecting events: Int, _ scratch: Scratch, _ turn: Int
  ) throws -> Run {
    let name = "copy-\(turn)"
    // The store is open elsewhere: a part of it is still in its log.
    for suffix in ["", "-wal"] where Scratch.size(path + suffix) > 0 {
      try FileManager.default.copyItem(
        atPath: path + suffix, toPath: scratch.file(name) + suffix)
    }
    defer {
      scratch.deleteStore(name)
      scratch.delete(name + ".segments")
    }
    let copy = try BenchStore(scratch.file(name))
    let clock = StepClock()
    let archiver = Archiver(
      store: copy.store, folder: copy.folder, now: .now(), version: "bench",
      onStep: { clock.note($0) })
    let summary = try archiver.run(
      grace: .max / 4,
      plan: { snapshot in
        let policy = ArchivePolicy(streams: "*", coldAfter: 0)
        return try Planner(policies: [policy], now: .now()).plan(snapshot)
      })
    guard summary.events == Int64(events) else {
      throw BenchError.disagreement("\(summary.events) of \(events) events were archived")
    }
    let seconds = clock.seconds
    return Run(written: seconds.written, verified: seconds.verified, bytes: summary.bytes)
  }

  private func pack(_ scratch: Scratch) throws -> (seconds: Double, bytes: Int64) {
    let target = scratch.file("peer.tar.zst")
    defer { scratch.delete("peer.tar.zst") }
    let outcome = try Child.run([
      "sh", "-c",
      "tar -cf - -C '\(scratch.path)' lines | zstd -q -9 -T2 -o '\(target)' && sync '\(target)'",
    ])
    return (outcome.seconds, Scratch.size(target))
  }
}

/// Adds up the time spent writing and the time until the catalog knew, over all segments.
private final class StepClock: Sendable {
  private struct State {
    var last = Stopwatch()
    var written = 0.0
    var verified = 0.0
  }

  private let state = Mutex(State())

  var seconds: (written: Double, verified: Double) {
    state.withLock { ($0.written, $0.verified) }
  }

  func note(_ step: ArchiveStep) {
    state.withLock { state in
      let seconds = state.last.seconds
      state.last = Stopwatch()
      switch step {
      case .sealed: break
      case .written, .finished, .published, .durable:
        state.written += seconds
        state.verified += seconds
      default: state.verified += seconds
      }
    }
  }
}
