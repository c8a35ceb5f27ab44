internal import ArgumentParser
internal import Demo
internal import Streams

struct MemoryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "memory",
    abstract: "The most memory each step takes that touches a whole history.",
    discussion: """
      Each step is a process of its own: ingest, archive, verify, read from the archive, restore.
      It needs --rookery, and about three times the history's size in --scratch.
      """)
  @OptionGroup var options: BenchOptions
  @Option(help: "Size of the history, in GB of payload.") var gb: Double = 10

  func validate() throws {
    guard gb > 0 else { throw ValidationError("--gb must be more than 0.") }
  }

  func run() async throws { try await options.run([MemoryBench(gb: gb)]) }
}

struct MemoryBench: Bench {
  let gb: Double

  private static let aimMiB = 256.0
  /// Metadata and data of one generated status change, in bytes.
  private static let eventBytes = 1058.0

  func run(_ place: BenchPlace) async throws -> [Figure] {
    let rookery = try place.requireRookery()
    let count = max(1, Int(gb * 1e9 / Self.eventBytes))
    let generated = try UptimeEvents(count: count, start: BenchStore.start)
    let name = generated.streams[0].rawValue
    let (lines, store) = (place.scratch.file("events.ndjson"), place.scratch.file("store"))
    say("making \(count) events")
    try generated.writeLines(to: lines)
    let steps = [
      ("ingest", ["ingest", lines]), ("archive", ["stream", "archive", name, "--without-policy"]),
      ("verify", ["segments", "verify", "--full"]), ("read", ["read", name, "--json"]),
      ("restore", ["restore", name, "--into", place.scratch.file("copy")]),
    ]
    return try steps.map { step, arguments in
      say("\(step) of \(count) events")
      let watch = Stopwatch()
      let bytes = try Child.peakBytes([rookery] + arguments + ["--store", store])
      let seconds = watch.seconds
      if step == "ingest" { place.scratch.delete("events.ndjson") }
      return Figure(
        name: "peak memory, \(step) of \(Figure.number(gb)) GB", kind: .size, unit: "MiB",
        ours: Figure.Side(label: "rookery \(step)", values: [Double(bytes) / 1_048_576]),
        aim: .valueAtMost(Self.aimMiB), notes: ["\(Figure.number(seconds)) s"])
    }
  }
}
