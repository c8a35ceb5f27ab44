internal import ArgumentParser
internal import CPeer
internal import Demo
internal import EventStore
internal import History
internal import Streams

struct ScanColdCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan-cold",
    abstract: "Read a whole archived stream against 'zstd -dc' of its segments on one core.")
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
    say("reading \(segments.count) segments \(place.repeats) times on each side")
    var bytes: Int64 = 0
    let seconds = try await takeTurns(
      place.repeats,
      ours: { _ in
        try Stopwatch.measure { bytes = try scan(store, generated.streams[0]) }
      },
      peer: { _ in
        try Child.run(
          ["taskset", "-c", "0", "zstd", "-q", "-dc"] + segments, output: "/dev/null"
        ).seconds
      })
    func rates(_ seconds: [Double]) -> [Double] { seconds.map { Double(bytes) / 1e6 / $0 } }
    return [
      Figure(
        name: "full-stream read, cold, \(events) events of 1 KB", kind: .rate,
        unit: "MB/s of payload",
        ours: Figure.Side(label: "History, two threads", values: rates(seconds.ours)),
        peer: Figure.Side(label: "zstd -dc, one core", values: rates(seconds.peer)),
        aim: .ratioAtLeast(1))
    ]
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
