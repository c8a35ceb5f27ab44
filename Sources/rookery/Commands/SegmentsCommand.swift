internal import Archive
internal import ArgumentParser
internal import EventStore
internal import GRDB
internal import Pipelines
internal import Reports
internal import Segments
internal import Streams

struct SegmentsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segments",
    abstract: "List, show and verify archive segments.",
    subcommands: [List.self, Show.self, Verify.self], defaultSubcommand: List.self)

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
          String(entry.archiveSeq), entry.state.rawValue, String(entry.bytes),
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
      if segment.contains("/") { return try SegmentFile.open(segment) }
      let settings = try options.loadForSystem()
      let entries = try settings.open(.readOnly).read { try Catalog.entries($0.db) }
      guard let entry = entries.first(where: { $0.segmentID == segment }) else {
        throw ArchiveError.noSuchSegment(segment)
      }
      return try settings.archiveFolder.source(of: entry, at: nil, isWhole: true)
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check segments against themselves, the catalog and the chain.",
      discussion: """
        Exit code 5 if anything is wrong; what can still be read is said.

        EXAMPLES
          rookery segments verify
          rookery segments verify pack-3-g1 --level index --json
        """)

    @OptionGroup var options: StoreOptions
    @Argument(help: "One segment's id; all of them without.") var segment: String?
    @Option(help: "stat, index or full. Only full reads every byte.") var level: Level = .full
    @Flag(help: "Print JSON.") var json = false

    /// What can't be written can still be verified; only the result is not recorded then.
    private static func open(_ settings: Settings) throws -> EventStore {
      do {
        return try settings.open()
      } catch let error as StoreError where error.code == .storeReadOnly {
        Terminal.say("The store can't be written: the result is not recorded.")
        return try settings.open(.readOnly)
      }
    }

    enum Level: String, CaseIterable, ExpressibleByArgument { case stat, index, full }

    func run() throws {
      let settings = try options.loadForSystem()
      let check = SegmentCheck(store: try Self.open(settings), folder: settings.archiveFolder)
      Interruption.watch()
      var line = ProgressLine("verify")
      let report = try check.run(level: level.verifyLevel, only: segment, now: .now()) {
        done, total in
        line.update(done: done, total: total) { "\(Int(Double(done) / $0 / 1_000_000)) MB/s" }
        return !Interruption.isRequested
      }
      line.finish()
      Output.print(json ? report.json.document : report.text)
      if !report.isSound { throw ExitCode(Exit.integrity) }
      if Interruption.isRequested { throw ExitCode(Interruption.exitCode) }
    }
  }
}

extension SegmentsCommand.Verify.Level {
  fileprivate var verifyLevel: VerifyLevel {
    switch self {
    case .stat: .stat
    case .index: .index
    case .full: .full
    }
  }
}

extension CatalogEntry {
  fileprivate func json(_ copies: [CatalogCopy]) -> JSONValue {
    [
      "archiveSeq": .int(archiveSeq), "segment": .string(segmentID), "file": .string(file),
      "generation": .int(generation), "state": .string(state.rawValue), "bytes": .int(bytes),
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

extension SegmentCheck.Report {
  var json: JSONValue {
    [
      "sound": .bool(isSound), "segments": .int(total), "checked": .int(checked.count),
      "damaged": .array(
        damaged.map { item in
          [
            "file": .string(item.file), "archiveSeq": .int(item.archiveSeq),
            "damage": .array(item.damage.map { .string($0.description) }),
            "lost": .array(item.lost.map(JSONValue.string)),
          ]
        }),
      "chain": .array(chainProblems.map(JSONValue.string)),
      "orphans": .array(orphans.map(JSONValue.string)),
    ]
  }

  var text: String {
    var lines = ["\(checked.count) of \(total) segments checked, \(damaged.count) damaged"]
    for item in damaged {
      lines += item.damage.map { "\(item.file): \($0)" }
      lines += item.lost.map { "  can't be read: \($0)" }
      if item.lost.isEmpty { lines.append("  every event can be read") }
    }
    lines += chainProblems.map { "chain: \($0)" }
    lines += orphans.map { "not in the catalog, left alone: \($0)" }
    return lines.joined(separator: "\n") + "\n"
  }
}
