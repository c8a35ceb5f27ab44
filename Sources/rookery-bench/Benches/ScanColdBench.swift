internal import Archive
internal import ArgumentParser
internal import CPeer
internal import Demo
internal import EventStore
internal import History
internal import Segments
internal import Streams

struct ScanColdCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan-cold",
    abstract: "Read a whole archived stream, and verify it, against 'zstd -dc' on one core.",
    discussion: "Verifying reads every byte from the disk; the peer may find it in memory.")
  @OptionGroup var options: BenchOptions
  @Option(help: "Events of about 1 KB.") var events: Int = 400_000

  func run() async throws { try await options.run([ScanColdBench(events: events)]) }
}

struct ScanColdBench: Bench {
  var events = 400_000

  func run(_ place: BenchPlace) async throws -> [Figure] {
    let generated = try UptimeEvents(count: events, start: BenchStore.start)
    let store = try await BenchStore.filled(generated, in: place.scratch)
    try store.archive(generated.streams)
    let segments = store.segments
    let name = generated.streams[0]
    var bytes: Int64 = 0
    say("reading \(segments.count) segments \(place.repeats) times on each side")
    let scanned = try await compare(segments, place.repeats) { bytes = try scan(store, name) }
    say("verifying them \(place.repeats) times on each side")
    let verified = try await compare(segments, place.repeats) { try verify(store) }
    return [
      figure("full-stream read, cold", "History, two threads", scanned, bytes),
      figure("full verify", "SegmentCheck, two threads", verified, bytes),
    ]
  }

  private struct Turns {
    var seconds: (ours: [Double], peer: [Double])
    /// User and system, all threads.
    var cpu: (ours: Double, peer: Double)
  }

  private func compare(
    _ segments: [String], _ repeats: Int, _ body: () throws -> Void
  ) async throws -> Turns {
    var cpu = (ours: 0.0, peer: 0.0)
    let seconds = try await takeTurns(
      repeats,
      ours: { _ in
        let before = cpuSeconds()
        let seconds = try Stopwatch.measure(body)
        cpu.ours += (cpuSeconds() - before) / Double(repeats)
        return seconds
      },
      peer: { _ in
        let outcome = try Child.run(
          ["taskset", "-c", "0", "zstd", "-q", "-dc"] + segments, output: "/dev/null")
        cpu.peer += outcome.cpuSeconds / Double(repeats)
        return outcome.seconds
      })
    return Turns(seconds: seconds, cpu: cpu)
  }

  private func figure(_ name: String, _ label: String, _ turns: Turns, _ bytes: Int64) -> Figure {
    func rates(_ seconds: [Double]) -> [Double] { seconds.map { Double(bytes) / 1e6 / $0 } }
    return Figure(
      name: "\(name), \(events) events of 1 KB", kind: .rate, unit: "MB/s of payload",
      ours: Figure.Side(label: label, values: rates(turns.seconds.ours)),
      peer: Figure.Side(label: "zstd -dc, one core", values: rates(turns.seconds.peer)),
      aim: .ratioAtLeast(1),
      notes: [
        "CPU seconds: \(Figure.number(turns.cpu.ours)), of the peer "
          + Figure.number(turns.cpu.peer)
      ])
  }

  private func verify(_ store: BenchStore) throws {
    let report = try SegmentCheck(store: store.store, folder: store.folder)
      .run(level: .full, now: .now())
    guard report.isSound, !report.checked.isEmpty else {
      throw BenchError.disagreement("a sound archive was found damaged")
    }
  }

  private func scan(_ store: BenchStore, _ name: StreamName) throws -> Int64 {
    var sight = peer_sight()
    try store.history.read { snapshot in
      let stream = try snapshot.hot.readableStream(name)
      try snapshot.forEachEvent(of: stream) {
        sight.see($0)
        return true
      }
    }
    guard sight.events == Int64(events) else {
      throw BenchError.disagreement("\(sight.events) of \(events) events were read")
    }
    return sight.bytes
  }
}
