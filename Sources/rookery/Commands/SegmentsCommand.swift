internal import Archive
internal import ArgumentParser
internal import EventStore
internal import GRDB
internal import Glibc
internal import Pipelines
internal import Reports
internal import Segments
internal import Streams

struct SegmentsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segments",
    abstract: "List, show, verify and repair archive segments.",
    subcommands: [List.self, Show.self, Verify.self, Repair.self, Head.self],
    defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the catalog.", discussion: "EXAMPLES\n  rookery segments list --json")

    @OptionGroup var options: StoreOptions
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let settings = try options.loadForSystem()
      let rows = try settings.open(.readOnly).read { snapshot in
        try Catalog.entries(snapshot.db).map { entry in
          (entry: entry, copies: try Catalog.copies(snapshot.db, of: entry.archiveSeq))
        }
      }
      if json {
        let value: JSONValue = ["segments": .array(rows.map { $0.entry.json($0.copies) })]
        return Output.print(value.document)
      }
      var table = TextTable([
        ("SEQ", .right), ("STATE", .left), ("BYTES", .right), ("RAW", .right),
        ("ARCHIVED", .left), ("VERIFIED", .left), ("FILE", .left),
        ("AT", .left),
      ])
      for (entry, copies) in rows {
        table.append([
          String(entry.archiveSeq), entry.retired?.rawValue ?? entry.state.rawValue,
          String(entry.bytes),
          String(entry.rawBytes), entry.archivedAt.rfc3339, entry.verifiedAt.rfc3339, entry.file,
          ((entry.target == nil ? ["folder"] : []) + copies.map(\.target))
            .joined(separator: ", "),
        ])
      }
      Output.print(table.text)
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print a segment's manifest, from the file itself.",
      discussion: """
        EXAMPLES
          rookery segments show pack-3-g1
          rookery segments show /backup/03/pack-3-g1.tar.zst
        """)

    @OptionGroup var options: StoreOptions
    @Argument(help: "A segment's id, or the path of a file.") var segment: String
    @Flag(help: "Print JSON (the manifest is JSON in any case).") var json = false

    func run() throws {
      let file = try SegmentFile(source: try source())
      guard let manifest = file.manifest else { throw SegmentError.missing(segment: segment) }
      var output = Output()
      manifest.encoded.withUnsafeBytes { output.write($0) }
      output.close()
    }

    private func source() throws -> any ByteSource {
      if segment.contains("/") || access(segment, F_OK) == 0 {
        return try SegmentFile.open(segment)
      }
      let settings = try options.loadForSystem()
      let entries = try settings.open(.readOnly).read { try Catalog.entries($0.db) }
      guard let entry = entries.first(where: { $0.segmentID == segment }) else {
        throw ArchiveError.noSuchSegment(segment)
      }
      return try settings.archiveFolder.source(of: entry.place, at: nil, isWhole: true)
    }
  }
}

extension CatalogEntry {
  fileprivate func json(_ copies: [CatalogCopy]) -> JSONValue {
    [
      "archiveSeq": .int(archiveSeq), "segment": .string(segmentID), "file": .string(file),
      "generation": .int(generation), "state": .string(state.rawValue),
      "retired": .optional(retired) { .string($0.rawValue) }, "bytes": .int(bytes),
      "rawBytes": .int(rawBytes), "sha256": .string(sha256),
      "manifestSHA256": .string(manifestSHA256), "archivedAt": .time(archivedAt),
      "verifiedAt": .time(verifiedAt), "target": target.map(JSONValue.string) ?? .null,
      "copies": .array(
        copies.map { copy in
          [
            "target": .string(copy.target), "version": copy.version.map(JSONValue.string) ?? .null,
            "lockedUntil": copy.lockedUntil.map(JSONValue.time) ?? .null,
            "verifiedAt": .time(copy.verifiedAt),
          ]
        }),
    ]
  }
}
