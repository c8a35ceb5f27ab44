internal import ArgumentParser
internal import Demo
internal import Foundation
internal import Streams

struct NightCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "night",
    abstract: "A night's rollup at a year of history, against the full recompute.",
    discussion: """
      Services with a fact a minute. Both are the times of the step in the run ledger: the first
      rollup of a year, and those of the days after it. It needs --rookery.
      """)
  @OptionGroup var options: BenchOptions
  @Option(help: "Services.") var services: Int = 4

  func run() async throws { try await options.run([NightBench(services: services)]) }
}

struct NightBench: Bench {
  var services = 4

  private static let days = 365
  private static let minutesPerDay = 1440

  func run(_ place: BenchPlace) async throws -> [Figure] {
    let rookery = try place.requireRookery()
    let perDay = services * Self.minutesPerDay
    let all = try UptimeEvents(
      count: perDay * (Self.days + place.repeats), streams: services, bytes: 700,
      start: BenchStore.start, intervalMs: 60_000 / Int64(services))
    let year = perDay * Self.days
    let store = try await BenchStore.filled(
      EventsInRange(all: all, range: 0..<year), in: place.scratch)
    let pipeline = place.scratch.file("rollup.yaml")
    try Data("name: rollup\nsteps:\n  - step: rollup\n".utf8).write(
      to: URL(fileURLWithPath: pipeline))
    say("folding the year")
    let full = try rollup(rookery, pipeline, store)
    var nights: [Double] = []
    for day in 0..<place.repeats {
      say("folding a day more")
      let first = year + day * perDay
      try EventsInRange(all: all, range: first..<(first + perDay))
        .writeLines(to: place.scratch.file("day.ndjson"))
      try await store.ingest(place.scratch.file("day.ndjson"), expecting: perDay)
      nights.append(try rollup(rookery, pipeline, store))
    }
    return [
      Figure(
        name: "rollup of a day at a year of history, \(services) services", kind: .time, unit: "s",
        ours: Figure.Side(label: "the events of a day", values: nights),
        peer: Figure.Side(label: "\(year) events of a year", values: [full]),
        aim: .ratioAtLeast(100))
    ]
  }

  /// - Returns: the seconds of the step, by the run ledger.
  private func rollup(_ rookery: String, _ pipeline: String, _ store: BenchStore) throws -> Double {
    _ = try Child.run([rookery, "run", pipeline, "--date", "2026-01-01", "--store", store.path])
    let runs = try Child.run([rookery, "runs", "--limit", "1", "--json", "--store", store.path])
    struct Runs: Decodable {
      struct Run: Decodable {
        struct Step: Decodable { var startedAt, endedAt: String }
        var steps: [Step]
      }
      var runs: [Run]
    }
    guard
      let step = try? JSONDecoder().decode(Runs.self, from: Data(runs.output.utf8)).runs.first?
        .steps.first, let start = try? Timestamp(rfc3339: step.startedAt),
      let end = try? Timestamp(rfc3339: step.endedAt)
    else { throw BenchError.answer("rookery runs", runs.output) }
    return Double(end.microseconds - start.microseconds) / 1e6
  }
}

/// Some of the events, in their order.
struct EventsInRange<Events: GeneratedEvents>: GeneratedEvents {
  let all: Events
  let range: Range<Int>

  var count: Int { range.count }
  var streams: [StreamName] { all.streams }
  func event(_ index: Int) -> DemoEvent { all.event(range.lowerBound + index) }
}
