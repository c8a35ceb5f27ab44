internal import ArgumentParser
internal import CPeer
internal import Demo
internal import EventStore
internal import Streams

struct ScanHotCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan-hot",
    abstract: "Read a whole hot stream against a bare C loop over libsqlite3.",
    discussion: "Same query, every column touched; both sides must see the same sum.")
  @OptionGroup var options: BenchOptions
  @Option(help: "Events of about 1 KB.") var events: Int = 400_000

  func run() async throws { try await options.run([ScanHotBench(events: events)]) }
}

struct ScanHotBench: Bench {
  var events = 400_000

  func run(_ place: BenchPlace) async throws -> [Figure] {
    // A second stream, so that the scan is of one among others.
    let generated = try UptimeEvents(count: events, streams: 2, start: BenchStore.start)
    let name = generated.streams[0]
    let path = try await BenchStore.filled(generated, in: place.scratch).path
    var sights: (ours: peer_sight, peer: peer_sight) = (peer_sight(), peer_sight())
    say("reading \(name) \(place.repeats) times on each side")
    let rates = try await takeTurns(
      place.repeats,
      ours: { _ in
        let seconds = try Stopwatch.measure { sights.ours = try scan(path, name) }
        return Double(sights.ours.events) / seconds
      },
      peer: { _ in
        let seconds = try Stopwatch.measure {
          let result = peer_scan(path, name.rawValue, &sights.peer)
          guard result == 0 else { throw BenchError.peer(result) }
        }
        return Double(sights.peer.events) / seconds
      })
    try sights.ours.mustEqual(sights.peer)
    return [
      Figure(
        name: "full-stream read, hot, \(sights.ours.events) events of 1 KB", kind: .rate,
        unit: "events/s", ours: Figure.Side(label: "Snapshot.forEachHotEvent", values: rates.ours),
        peer: Figure.Side(label: "C loop over libsqlite3", values: rates.peer),
        aim: .ratioAtLeast(0.8))
    ]
  }

  private func scan(_ path: String, _ name: StreamName) throws -> peer_sight {
    var sight = peer_sight()
    try EventStore(path: path, mode: .readOnly).read { snapshot in
      let stream = try snapshot.readableStream(name)
      try snapshot.forEachHotEvent(of: stream.id, in: 0...Int64.max) {
        sight.see($0)
        return true
      }
    }
    return sight
  }
}
