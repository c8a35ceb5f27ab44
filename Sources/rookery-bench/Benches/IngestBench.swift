internal import ArgumentParser
internal import Demo
internal import EventStore
internal import Streams

struct IngestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ingest",
    abstract: "Durable bulk ingest of NDJSON against a bare C loop over libsqlite3.",
    discussion: """
      The C side gets its events parsed, in memory, and writes the same rows with the same batches.
      With --rookery the whole 'rookery ingest' process is measured, else the library.
      """)
  @OptionGroup var options: BenchOptions
  @Option(help: "Events of about 1 KB.") var events: Int = 200_000

  func run() async throws { try await options.run([IngestBench(events: events)]) }
}

struct IngestBench: Bench {
  var events = 200_000
  var streams = 8

  /// As in `BatchReader`, whose bytes are those of whole lines.
  private static let batchEvents = 16_384
  private static let batchLineBytes = 16 * 1024 * 1024

  func run(_ place: BenchPlace) async throws -> [Figure] {
    let generated = try UptimeEvents(count: events, streams: streams, start: BenchStore.start)
    say("making \(events) events")
    let lines = place.scratch.file("events.ndjson")
    let lineBytes = try generated.writeLines(to: lines)
    let batch = min(
      Self.batchEvents, max(1, Self.batchLineBytes / max(1, Int(lineBytes) / events)))
    let parsed = PeerEvents(generated, streams: generated.streams)
    say("ingesting them \(place.repeats) times on each side")
    var cpu: (ours: [Double], peer: [Double]) = ([], [])
    let seconds = try await takeTurns(
      place.repeats,
      ours: { _ in
        defer { place.scratch.deleteStore("ours") }
        let run = try await load(lines, into: place.scratch.file("ours"), place.rookery)
        try check(place.scratch.file("ours"))
        cpu.ours.append(run.cpu)
        return run.seconds
      },
      peer: { _ in
        defer { place.scratch.deleteStore("peer") }
        let path = place.scratch.file("peer")
        try BenchStore.create(path)
        let before = cpuSeconds()
        let seconds = try Stopwatch.measure {
          try parsed.append(to: path, count: events, batch: batch)
        }
        cpu.peer.append(cpuSeconds() - before)
        try check(path)
        return seconds
      })
    let label = place.rookery == nil ? "Ingest (library)" : "rookery ingest (process)"
    return [
      Figure(
        name: "ingest of \(events) events of 1 KB", kind: .rate, unit: "events/s",
        ours: Figure.Side(label: label, values: seconds.ours.map { Double(events) / $0 }),
        peer: Figure.Side(
          label: "C loop over libsqlite3", values: seconds.peer.map { Double(events) / $0 }),
        aim: .ratioAtLeast(0.8), notes: [Self.note(cpu.ours, cpu.peer)])
    ]
  }

  private func load(
    _ lines: String, into path: String, _ rookery: String?
  ) async throws -> (seconds: Double, cpu: Double) {
    try BenchStore.create(path)
    if let rookery {
      let outcome = try Child.run([rookery, "ingest", "--store", path, lines])
      return (outcome.seconds, outcome.cpuSeconds)
    }
    let (watch, before) = (Stopwatch(), cpuSeconds())
    try await BenchStore(path).ingest(lines, expecting: events)
    return (watch.seconds, cpuSeconds() - before)
  }

  /// What the clock says depends on a second core for the parsing; this does not.
  private static func note(_ ours: [Double], _ peer: [Double]) -> String {
    let sides = [ours, peer].map { Figure.number(Figure.Side(label: "", values: $0).median) }
    return "CPU seconds, all threads: \(sides[0]), of the C loop \(sides[1])"
  }

  private func check(_ path: String) throws {
    let counts = try EventStore(path: path, mode: .readOnly).read { snapshot in
      try snapshot.streams(matching: "service-uptime-*").map(\.events)
    }
    guard counts.count == streams, counts.reduce(0, +) == Int64(events) else {
      throw BenchError.disagreement("\(path) holds \(counts.reduce(0, +)) events")
    }
  }
}
