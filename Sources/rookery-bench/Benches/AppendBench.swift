internal import ArgumentParser
internal import Demo
internal import EventStore
internal import Streams

struct AppendCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "append",
    abstract: "64 concurrent clients, durable, against one fsync an append.",
    discussion: """
      Twice: all clients on one stream, and each on a stream of its own, where a transaction
      touches two pages an append.
      """)
  @OptionGroup var options: BenchOptions
  @Option(help: "Concurrent clients.") var clients: Int = 64
  @Option(help: "Appends of each client, one after another.") var appends: Int = 250

  func run() async throws {
    try await options.run([AppendBench(clients: clients, appends: appends)])
  }
}

struct AppendBench: Bench {
  var clients = 64
  var appends = 250

  func run(_ place: BenchPlace) async throws -> [Figure] {
    [
      try await measure(streams: 1, "one stream", place),
      try await measure(streams: clients, "a stream each", place),
    ]
  }

  private func measure(
    streams: Int, _ what: String, _ place: BenchPlace
  ) async throws -> Figure {
    let count = clients * appends
    let peerCount = min(count, 2000)
    let generated = try UptimeEvents(count: count, streams: streams, start: BenchStore.start)
    let parsed = PeerEvents(generated, streams: generated.streams)
    let requests = requests(generated)
    say("appending \(count) events by \(clients) clients, and \(peerCount) one by one")
    let rates = try await takeTurns(
      place.repeats,
      ours: { _ in
        defer { place.scratch.deleteStore("ours") }
        let seconds = try await append(requests, to: try BenchStore(place.scratch.file("ours")))
        return Double(count) / seconds
      },
      peer: { _ in
        defer { place.scratch.deleteStore("peer") }
        try BenchStore.create(place.scratch.file("peer"))
        let seconds = try Stopwatch.measure {
          try parsed.append(to: place.scratch.file("peer"), count: peerCount, batch: 1)
        }
        return Double(peerCount) / seconds
      })
    return Figure(
      name: "durable appends by \(clients) concurrent clients, \(what)", kind: .rate,
      unit: "appends/s", ours: Figure.Side(label: "GroupCommitWriter", values: rates.ours),
      peer: Figure.Side(label: "C loop, one fsync an append", values: rates.peer),
      aim: .ratioAtLeast(20))
  }

  /// The appends of each client.
  private func requests(_ generated: UptimeEvents) -> [[AppendRequest]] {
    (0..<clients).map { client in
      (0..<appends).map { number in
        let event = generated.event(number * clients + client)
        return AppendRequest(event.stream, events: [event.event])
      }
    }
  }

  private func append(_ requests: [[AppendRequest]], to store: BenchStore) async throws -> Double {
    let writer = GroupCommitWriter(store: store.store)
    let watch = Stopwatch()
    try await withThrowingTaskGroup { group in
      for client in requests {
        group.addTask {
          for request in client { _ = try await writer.append(request) }
        }
      }
      try await group.waitForAll()
    }
    return watch.seconds
  }
}
