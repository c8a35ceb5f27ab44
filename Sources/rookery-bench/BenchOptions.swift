internal import ArgumentParser
internal import Foundation

/// What every benchmark takes.
struct BenchOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Where the data is made; removed at the end.", valueName: "folder"))
  var scratch: String = "/tmp"
  @Option(name: .customLong("repeat"), help: "How often each side is measured.")
  var repeats: Int = 3
  @Option(help: ArgumentHelp("The rookery program, built for release.", valueName: "path"))
  var rookery: String?
  @Flag(help: "Print JSON.") var json = false

  func validate() throws {
    guard repeats >= 1 else { throw ValidationError("--repeat must be at least 1.") }
  }

  /// Runs the benchmarks one after another, each in a scratch folder of its own.
  func run(_ benches: [any Bench]) async throws {
    var figures: [Figure] = []
    for bench in benches {
      let scratch = try Scratch(in: scratch)
      defer { scratch.remove() }
      let new = try await bench.run(Bench.Place(self, scratch))
      if !json { for figure in new { print(figure.text) } }
      figures += new
    }
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      print(String(decoding: try encoder.encode(figures), as: UTF8.self))
    }
    guard figures.allSatisfy(\.isMet) else { throw ExitCode.failure }
  }
}

/// One measurement, or a few that share their data.
protocol Bench {
  typealias Place = BenchPlace
  func run(_ place: Place) async throws -> [Figure]
}

/// Where a benchmark runs, and how often.
struct BenchPlace {
  let scratch: Scratch
  let repeats: Int
  private let program: String?

  init(_ options: BenchOptions, _ scratch: Scratch) {
    self.scratch = scratch
    repeats = options.repeats
    program = options.rookery
  }

  var rookery: String? { program }

  /// - Throws: `ValidationError` when no program was given.
  func requireRookery() throws -> String {
    guard let program else {
      throw ValidationError("This measures a whole process: give --rookery PATH.")
    }
    return program
  }
}
