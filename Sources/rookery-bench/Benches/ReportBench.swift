internal import ArgumentParser
internal import Demo
internal import Foundation
internal import Streams

struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "An uptime report from every event, hot and from segments, against DuckDB.",
    discussion: """
      Both sides are whole processes; DuckDB's time is that of its query alone, on two threads.
      It needs --rookery, and python3 with the package duckdb. The figures must agree.
      """)
  @OptionGroup var options: BenchOptions
  @Option(help: "Events of about 1 KB in one stream.") var events: Int = 1_000_000

  func run() async throws { try await options.run([ReportBench(events: events)]) }
}

struct ReportBench: Bench {
  var events = 1_000_000

  private static let intervalMs: Int64 = 30_000
  private static let memoryAimMiB = 256.0

  func run(_ place: BenchPlace) async throws -> [Figure] {
    let rookery = try place.requireRookery()
    let generated = try UptimeEvents(
      count: events, start: BenchStore.start, intervalMs: Self.intervalMs)
    say("making \(events) events")
    let lines = place.scratch.file("events.ndjson")
    try generated.writeLines(to: lines)
    say("ingesting them")
    let store = try BenchStore(place.scratch.file("store"))
    try await store.ingest(lines, expecting: events)
    let duck = DuckDB.find(end: end)
    var figures = try await compare(
      "hot", store, rookery, duck, input: lines, aim: 1, place, peer: "uncompressed NDJSON")
    say("compressing the events as parts for the peer")
    let parts = try place.scratch.folder("parts")
    _ = try Child.run([
      "split", "-n", "l/8", "--filter=zstd -q -9 -T2 -o \"$FILE.ndjson.zst\"", lines, parts + "/",
    ])
    try store.archive(generated.streams)
    figures += try await compare(
      "from segments", store, rookery, duck, input: parts + "/*.ndjson.zst", aim: 3, place,
      peer: ".ndjson.zst parts")
    return figures
  }

  /// Every event lies before it.
  private var end: Timestamp {
    BenchStore.start.adding(seconds: Int64(events) * Self.intervalMs / 1000)
  }

  private func compare(
    _ what: String, _ store: BenchStore, _ rookery: String, _ duck: DuckDB?, input: String,
    aim: Double, _ place: BenchPlace, peer: String
  ) async throws -> [Figure] {
    say("reporting \(place.repeats) times on each side, \(what)")
    let command = [
      rookery, "report", "uptime", "--full", "--format", "json", "--store", store.path,
      "--start", BenchStore.start.rfc3339, "--end", end.rfc3339,
    ]
    var seen: (ours: StateSeconds?, peer: StateSeconds?)
    let seconds = try await takeTurns(
      place.repeats,
      ours: { _ in
        let outcome = try Child.run(command)
        seen.ours = try StateSeconds(report: outcome.output)
        return outcome.seconds
      },
      peer: { _ in
        guard let duck else { return 0 }
        let (seconds, states) = try duck.query(input)
        seen.peer = states
        return seconds
      })
    if duck != nil, seen.ours != seen.peer {
      throw BenchError.disagreement("seconds in each state, \(what)")
    }
    let peak = Double(try Child.peakBytes(command)) / 1_048_576
    let name = "report of \(events) events, full, \(what)"
    return [
      Figure(
        name: name, kind: .time, unit: "s",
        ours: Figure.Side(label: "rookery report uptime --full", values: seconds.ours),
        peer: duck.map { _ in Figure.Side(label: "DuckDB, \(peer)", values: seconds.peer) },
        aim: .ratioAtLeast(aim), missing: duck == nil ? DuckDB.missing : nil),
      Figure(
        name: name + ", peak memory", kind: .size, unit: "MiB",
        ours: Figure.Side(label: "rookery report uptime --full", values: [peak]),
        aim: .valueAtMost(Self.memoryAimMiB)),
    ]
  }
}

/// Milliseconds in each state, by its word.
struct StateSeconds: Equatable {
  var milliseconds: [String: Int64]

  init(milliseconds: [String: Int64]) { self.milliseconds = milliseconds }

  /// - Parameter report: the JSON of `rookery report uptime`.
  init(report: String) throws {
    struct Report: Decodable {
      struct Service: Decodable { var seconds: [String: Double] }
      var services: [Service]
    }
    guard let decoded = try? JSONDecoder().decode(Report.self, from: Data(report.utf8)),
      let service = decoded.services.first
    else { throw BenchError.answer("rookery report", report) }
    // Neither the time before the first fact nor states that never were are in the peer's answer.
    milliseconds = service.seconds.filter { $0.key != "unknown" && $0.value > 0 }
      .mapValues { Int64(($0 * 1000).rounded()) }
  }
}
