internal import Archive
internal import ArgumentParser
internal import EventStore
internal import Pipelines
internal import Reports
internal import Segments
internal import Streams

struct ReindexCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reindex",
    abstract: "Rebuild the catalog from the segment files, or a lost store with --rebuild.",
    discussion: """
      Every byte of what is taken is read and checked first. No segment is changed, and running it
      again takes what a killed run left. Exit code 5 if something is damaged, missing or lost.

      Segments are looked for in the archive folder and at the targets of the configuration, or at
      those that --from names in their place. A store that is made afresh trusts no signing key: say
      with --key which ones it shall. No segment tells when a key was retired: retire it anew, and
      compare the chain head of that time, if you have kept it, with 'segments verify --head'.

      With --rebuild a fresh store is made at --store, which takes over the lost one's id: the
      chain of segments goes on. Segments know the streams, their events, permissions, metadata
      and holds. They do not know events that were not archived yet, deletions and holds since,
      descriptions, $audit, and which runs there were. The keys of encrypted segments are those
      that the configuration of the new store names, or lie beside it.

      EXAMPLES
        rookery archive reindex --dry-run
        rookery archive reindex --rebuild --store new.db --archive /srv/rookery/segments
        rookery archive reindex --rebuild --store new.db --from s3://vault/rookery --key rookery.pub
      """)

  @OptionGroup var options: StoreOptions
  @Flag(help: "Make a fresh store at --store from the segments alone.") var rebuild = false
  @Option(
    help: ArgumentHelp(
      "The archive folder, if not the store's own.", valueName: "folder"))
  var archive: String?
  @Option(
    help: ArgumentHelp(
      "With --rebuild: which store, when the folder has segments of several.", valueName: "id"))
  var storeID: String?
  @Option(
    help: ArgumentHelp(
      "Also look at this target, and at no other; may be repeated.", valueName: "address"))
  var from: [String] = []
  @Flag(help: "Look in the archive folder only.") var noTargets = false
  @Option(
    help: ArgumentHelp("Trust this public key from now on; may be repeated.", valueName: "file"))
  var key: [String] = []
  @Option(help: "Why, for the $audit stream.") var reason = "reindex"
  @Flag(help: "Read and check everything, and change nothing.") var dryRun = false
  @Flag(help: "Print JSON.") var json = false

  func validate() throws {
    guard rebuild || storeID == nil else {
      throw ValidationError("--store-id needs --rebuild.")
    }
    guard !noTargets || from.isEmpty else {
      throw ValidationError("--no-targets and --from contradict one another.")
    }
  }

  func run() throws {
    let settings = try options.loadForSystem()
    let own = settings.archiveFolder
    let folder = archive.map { ArchiveFolder(path: $0, targets: own.targets) } ?? own
    var line = ProgressLine("reindex")
    let report = try run(settings, folder) { done, total in
      line.update(done: done, total: total) { _ in "\(done) of \(total) segments" }
    }
    line.finish()
    Output.print(json ? report.json(dryRun).document : report.text(dryRun))
    if rebuild, !dryRun, !json, folder.path != own.path {
      Output.print("Say where its segments are: 'archive: \(folder.path)' in the configuration.\n")
    }
    if !report.isSound { throw ExitCode(Exit.integrity) }
  }

  private func run(
    _ settings: Settings, _ folder: ArchiveFolder,
    _ progress: (_ done: Int64, _ total: Int64) -> Void
  ) throws -> ReindexReport {
    let targets = try noTargets ? [] : from.isEmpty ? folder.targets.configured() : from
    let keys = try key.map { try SegmentPublicKey(path: $0) }
    if rebuild {
      return try StoreRebuild(
        path: settings.storePath, folder: folder, targets: targets, trusting: keys,
        principal: settings.principal, reason: reason, keyFiles: settings.places.keyFiles
      ).run(storeID: storeID, isDry: dryRun, now: .now(), progress: progress)
    }
    return try Reindexer(
      store: try settings.open(dryRun ? .readOnly : .readWrite), folder: folder,
      targets: targets, trusting: keys, principal: settings.principal, reason: reason
    ).run(isDry: dryRun, now: .now(), progress: progress)
  }
}

extension ReindexReport {
  fileprivate func json(_ isDry: Bool) -> JSONValue {
    [
      "sound": .bool(isSound), "dryRun": .bool(isDry), "store": .string(storeID),
      "files": .int(files), "known": .int(known),
      "taken": .array(
        taken.map { item in
          [
            "file": .string(item.file), "archiveSeq": .int(item.archiveSeq),
            "streams": .int(item.streams), "newEvents": .int(item.newEvents),
            "target": .optional(item.target, JSONValue.string),
            "damaged": .bool(item.isDamaged),
          ]
        }),
      "refused": .array(
        refused.map { refusal in
          [
            "file": .string(refusal.file), "kind": .string(refusal.problem.kind),
            "problem": .string(refusal.problem.message),
            "remedy": .string(refusal.problem.remedy),
          ]
        }),
      "untrustedKeys": .array(untrusted.map(JSONValue.string)),
      "missing": .array(
        missing.map { ["first": .int($0.lowerBound), "last": .int($0.upperBound)] }),
      "lost": .array(
        lost.map { loss in
          [
            "stream": .string(loss.stream.rawValue), "first": .int(loss.revisions.lowerBound),
            "last": .int(loss.revisions.upperBound),
          ]
        }),
      "head": .optional(head) {
        ["archiveSeq": .int($0.archiveSeq), "manifestSHA256": .string($0.manifestSHA256)]
      },
    ]
  }

  fileprivate func text(_ isDry: Bool) -> String {
    let done = isDry ? "would be taken" : "taken"
    var lines = [
      "\(files) segment files: \(known) in the catalog already, \(taken.count) \(done), "
        + "\(refused.count) left alone"
    ]
    let places = Dictionary(grouping: taken.compactMap(\.target)) { $0 }
    lines += places.sorted { $0.key < $1.key }.map { "\($1.count) of them at \($0)" }
    if newEvents > 0 { lines.append("\(newEvents) events that the store had not known") }
    lines += untrusted.map {
      "signed with a key that this store does not trust: \($0)\n  See 'rookery keys trust'."
    }
    lines += taken.filter(\.isDamaged).map {
      "\($0.file): damaged, quarantined\n  Run 'rookery segments repair', then reindex again."
    }
    lines += refused.map { "\($0.file): \($0.problem.message)\n  \($0.problem.remedy)" }
    lines += missing.map { numbers in
      numbers.count == 1
        ? "segment number \(numbers.lowerBound) of the chain is missing: deleted, or lost"
        : "segments number \(numbers.lowerBound) to \(numbers.upperBound) of the chain are missing: "
          + "deleted, or lost"
    }
    lines += lost.map {
      "lost: \($0.stream) revisions \($0.revisions.lowerBound) to \($0.revisions.upperBound)"
    }
    if let head {
      lines.append("newest segment: number \(head.archiveSeq), manifest \(head.manifestSHA256)")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
