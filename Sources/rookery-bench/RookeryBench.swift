internal import ArgumentParser

@main
struct RookeryBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rookery-bench",
    abstract: "Measure Rookery beside a peer, in one run, on the same machine and data.",
    discussion: """
      Each command prints both sides, their ratio and the aim, and ends with 1 if an aim is missed
      or a peer is not installed. The sides take turns; a figure is the median of its repeats.
      Build with -c release, and leave the machine alone meanwhile.

      EXAMPLES
        rookery-bench ingest --rookery .build/release/rookery
        rookery-bench report --rookery .build/release/rookery --json
        rookery-bench all --rookery .build/release/rookery --scratch /var/tmp
      """,
    subcommands: [
      IngestCommand.self, AppendCommand.self, ScanHotCommand.self, ScanColdCommand.self,
      ReportCommand.self, TimelinesCommand.self, NightCommand.self, ArchiveCommand.self,
      EventCommand.self,
      AllCommand.self,
      MemoryCommand.self, PeakCommand.self,
    ])
}
