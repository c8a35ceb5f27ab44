internal import ArgumentParser

struct AllCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all", abstract: "Every figure, one after another.")
  @OptionGroup var options: BenchOptions

  func run() async throws {
    try await options.run([
      IngestBench(), AppendBench(), ScanHotBench(), ScanColdBench(), ArchiveBench(), EventBench(),
      ReportBench(), TimelineBench(), NightBench(),
    ])
  }
}
