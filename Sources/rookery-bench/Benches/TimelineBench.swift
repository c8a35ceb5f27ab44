internal import ArgumentParser
internal import Demo
internal import Foundation
internal import Streams

struct TimelinesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "timelines",
    abstract:
      "Reports of a month, a year and five years from the stored timelines, against DuckDB.",
    discussion: """
      Fifty services, five years, a fact an hour. The peer's table is its own and holds only service,
      time and status; its time is that of the query alone, on two threads, which sums up the time in
      each state: no days and no incidents. Ours is a whole process, and so is its CPU. It needs
      --rookery, and python3 with the package duckdb.
      """)
  @OptionGroup var options: BenchOptions
  @Option(help: "Services.") var services: Int = 50
  @Option(help: "Facts of each, one an hour.") var facts: Int = 43_800

  func run() async throws {
    try await options.run([TimelineBench(services: services, facts: facts)])
  }
}

struct TimelineBench: Bench {
  var services = 50
  var facts = 43_800

  private static let hour: Int64 = 3600
  private static let cpuAimMs = 100.0

  func run(_ place: BenchPlace) async throws -> [Figure] {
    let rookery = try place.requireRookery()
    let generated = try UptimeEvents(
      count: services * facts, streams: services, bytes: 700, start: start,
      intervalMs: Self.hour * 1000 / Int64(services))
    let store = try await BenchStore.filled(generated, in: place.scratch)
    say("folding them")
    let pipeline = place.scratch.file("rollup.yaml")
    try Data("name: rollup\nsteps:\n  - step: rollup\n".utf8).write(
      to: URL(fileURLWithPath: pipeline))
    _ = try Child.run([rookery, "run", pipeline, "--store", store.path])
    let table = try DuckDBTable(rookery: rookery, store: store.path, in: place.scratch)
    var figures: [Figure] = []
    for (what, days) in [("a month", 30), ("a year", 365), ("five years", 1825)] as [(_, Int64)] {
      let from = end.adding(seconds: -days * 24 * Self.hour)
      for format in ["text", "html"] {
        say("reporting \(what) as \(format) \(place.repeats) times on each side")
        figures += try await compare(
          "\(what) as \(format)", from: from, format, store, rookery, table, place)
      }
    }
    return figures
  }

  /// Every fact lies before it.
  private var end: Timestamp { start.adding(seconds: Int64(facts) * Self.hour) }

  private var start: Timestamp { BenchStore.start.adding(seconds: -4 * 365 * 24 * Self.hour) }

  private func compare(
    _ what: String, from: Timestamp, _ format: String, _ store: BenchStore, _ rookery: String,
    _ table: DuckDBTable?, _ place: BenchPlace
  ) async throws -> [Figure] {
    let command = [
      rookery, "report", "uptime", "--store", store.path, "--start", from.rfc3339, "--end",
      end.rfc3339, "--format",
    ]
    var cpu: [Double] = []
    let seconds = try await takeTurns(
      place.repeats,
      ours: { _ in
        let outcome = try Child.run(command + [format])
        cpu.append(outcome.cpuSeconds * 1000)
        return outcome.seconds
      },
      peer: { _ in try table?.query(from: from, to: end).seconds ?? 0 })
    if let table {
      let one = try Child.run(command + ["json", "--service", DuckDBTable.service])
      guard try table.query(from: from, to: end).states == StateSeconds(report: one.output) else {
        throw BenchError.disagreement("seconds in each state, \(what)")
      }
    }
    let name = "report of \(what), \(services) services from timelines"
    let label = "rookery report uptime"
    return [
      Figure(
        name: name, kind: .time, unit: "s", ours: Figure.Side(label: label, values: seconds.ours),
        peer: table.map { _ in Figure.Side(label: "DuckDB, native table", values: seconds.peer) },
        aim: .ratioAtLeast(1), missing: table == nil ? DuckDB.missing : nil),
      Figure(
        name: name + ", CPU", kind: .time, unit: "ms",
        ours: Figure.Side(label: label, values: cpu), aim: .valueAtMost(Self.cpuAimMs)),
    ]
  }
}
