internal import ArgumentParser
internal import Demo
internal import EventStore
internal import History
internal import Streams

struct EventCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "event",
    abstract: "Read single events from a full-size segment, in process and as a command.")
  @OptionGroup var options: BenchOptions
  @Option(help: "Events of about 1 KB; 210,000 fill a segment.") var events: Int = 210_000
  @Option(help: "Reads in process.") var reads: Int = 1000
  @Option(help: "Reads by a command each.") var commands: Int = 50

  func run() async throws {
    try await options.run([EventBench(events: events, reads: reads, commands: commands)])
  }
}

struct EventBench: Bench {
  var events = 210_000
  var reads = 1000
  var commands = 50

  func run(_ place: BenchPlace) async throws -> [Figure] {
    let generated = try UptimeEvents(count: events, start: BenchStore.start)
    let name = generated.streams[0]
    let store = try await BenchStore.filled(generated, in: place.scratch)
    try store.archive([name])
    say("reading \(reads) events in process")
    var figures = try Self.figures(
      "one event from a segment, in process", reads, aim: .valueAtMost(2)
    ) { number in
      try read(revision(number), of: name, store)
    }
    guard let rookery = place.rookery else { return figures }
    say("reading \(commands) events by a command each")
    figures += try Self.figures(
      "one event from a segment, 'rookery read'", commands, aim: .valueAtMost(20)
    ) { number in
      _ = try Child.run([
        rookery, "read", "--store", store.path, "--json", name.rawValue, "--from",
        String(revision(number)), "--limit", "1",
      ])
    }
    return figures
  }

  /// Revisions all over the stream: multiples of a large prime.
  private func revision(_ number: Int) -> Int64 { Int64(number * 7_368_787 % events) }

  private func read(_ revision: Int64, of name: StreamName, _ store: BenchStore) throws {
    var found: Int64 = -1
    try store.history.read { snapshot in
      let stream = try snapshot.hot.readableStream(name)
      try snapshot.forEachEvent(of: stream, in: revision...revision) {
        found = $0.revision.rawValue
        return true
      }
    }
    guard found == revision else {
      throw BenchError.disagreement("revision \(revision) was asked for, \(found) came")
    }
  }

  private static func figures(
    _ name: String, _ count: Int, aim: Figure.Aim, _ read: (Int) throws -> Void
  ) throws -> [Figure] {
    var times: [Double] = []
    for number in 0..<count { times.append(try Stopwatch.measure { try read(number) } * 1000) }
    times.sort()
    // Nearest rank.
    func percentile(_ percent: Int) -> Double { times[max(0, (count * percent + 99) / 100 - 1)] }
    return [(50, aim), (99, .none)].map { percent, aim in
      Figure(
        name: "\(name), p\(percent)", kind: .time, unit: "ms",
        ours: Figure.Side(label: "\(count) reads", values: [percentile(percent)]), aim: aim)
    }
  }
}
