internal import Archive
internal import ArgumentParser
internal import CPeer
internal import Demo
internal import EventStore
internal import Glibc
internal import History
internal import Segments
internal import Streams

struct ScanColdCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan-cold",
    abstract: "Read a whole archived stream, and verify it, against 'zstd -dc' on one core.",
    discussion: """
      Verifying drops the segments from memory and reads every byte from the disk. The peer does so,
      too; how fast it is when it finds them in memory is told beside it.
      """)
  @OptionGroup var options: BenchOptions
  @Option(help: "Status changes of about 1 KB.") var events: Int = 400_000
  @Option(help: "User events of 5 to 50 KB.") var userEvents: Int = 16_000

  func run() async throws {
    try await options.run([ScanColdBench(events: events, userEvents: userEvents)])
  }
}

struct ScanColdBench: Bench {
  var events = 400_000
  var userEvents = 16_000

  func run(_ place: BenchPlace) async throws -> [Figure] {
    let uptime = try UptimeEvents(count: events, start: BenchStore.start)
    let user = try UserEvents(count: userEvents, start: BenchStore.start)
    return try await measure(uptime, "\(events) events of 1 KB", place)
      + measure(user, "\(userEvents) events of 5 to 50 KB", place)
  }

  private func measure(
    _ generated: some GeneratedEvents, _ what: String, _ place: BenchPlace
  ) async throws -> [Figure] {
    let store = try await BenchStore.filled(generated, in: place.scratch)
    defer {
      place.scratch.deleteStore("store")
      place.scratch.delete("store.segments")
    }
    try store.archive(generated.streams)
    let segments = store.segments
    var sight = peer_sight()
    say("reading \(segments.count) segments \(place.repeats) times on each side")
    let scanned = try await compare(segments, place.repeats) {
      sight = try scan(store, generated.streams)
    }
    guard sight.events == Int64(generated.count) else {
      throw BenchError.disagreement("\(sight.events) of \(generated.count) events were read")
    }
    say("verifying them \(place.repeats) times on each side")
    let verified = try await compare(segments, place.repeats, peerFromDisk: true) {
      try verify(store)
    }
    let inMemory = try await compare(segments, place.repeats) { try verify(store) }
    var beside = figure(
      "full verify, \(what), the peer from memory", "SegmentCheck, from disk", inMemory, sight.bytes
    )
    beside.aim = .none
    return [
      figure("full-stream read, cold, \(what)", "History, two threads", scanned, sight.bytes),
      figure("full verify, \(what)", "SegmentCheck, two threads", verified, sight.bytes), beside,
    ]
  }

  private struct Turns {
    var seconds: (ours: [Double], peer: [Double])
    /// User and system, all threads.
    var cpu: (ours: Double, peer: Double)
  }

  private func compare(
    _ segments: [String], _ repeats: Int, peerFromDisk: Bool = false, _ body: () throws -> Void
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
        if peerFromDisk { for segment in segments { Self.dropFromMemory(segment) } }
        let outcome = try Child.run(
          ["taskset", "-c", "0", "zstd", "-q", "-dc"] + segments, output: "/dev/null")
        cpu.peer += outcome.cpuSeconds / Double(repeats)
        return outcome.seconds
      })
    return Turns(seconds: seconds, cpu: cpu)
  }

  private static func dropFromMemory(_ path: String) {
    let file = open(path, O_RDONLY)
    defer { close(file) }
    posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
  }

  private func figure(_ name: String, _ label: String, _ turns: Turns, _ bytes: Int64) -> Figure {
    func rates(_ seconds: [Double]) -> [Double] { seconds.map { Double(bytes) / 1e6 / $0 } }
    return Figure(
      name: name, kind: .rate, unit: "MB/s of payload",
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

  private func scan(_ store: BenchStore, _ streams: [StreamName]) throws -> peer_sight {
    var sight = peer_sight()
    try store.history.read { snapshot in
      for name in streams {
        let stream = try snapshot.hot.readableStream(name)
        try snapshot.forEachEvent(of: stream) {
          sight.see($0)
          return true
        }
      }
    }
    return sight
  }
}
