internal import ArgumentParser
internal import Ingest

struct IngestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ingest",
    abstract: "Load events from NDJSON, plain or compressed.",
    discussion: """
      One event a line:
        {"stream","type","data","metadata"?,"eventId"?,"timestamp"?,"recordedAt"?}
      Files may be .zst, .gz, .xz, .bz2 or .tar.*. Loading a file again, also after it was
      killed, adds nothing twice. A line without eventId is known by its number and its bytes, and
      if it has no timestamp either, by its file's name; --source tells inputs apart besides.
      So correct a refused line where it stands, or load it from a file of its own.

      EXAMPLES
        rookery ingest events.ndjson.zst --rejects rejected.ndjson
        producer | rookery ingest -
      """)

  @OptionGroup var options: StoreOptions
  @OptionGroup var load: LoadOptions

  func run() async throws {
    try await load.run(.own(.events), settings: try options.loadForSystem())
  }
}
