internal import Archive
internal import ArgumentParser
internal import EventStore
internal import History
internal import Pipelines
internal import Reports
internal import Segments
internal import Streams

extension SegmentsCommand {
  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check segments against themselves, the chain, the catalog and the store.",
      discussion: """
        Exit code 5 if anything is wrong; what can still be read is said. Those not verified for
        longest come first; an interrupted run goes on with --older-than.

        Someone who trusts neither this machine nor its operator keeps two things elsewhere: the
        public key, and heads of the chain as the nightly report prints them. With --key only
        that key's signatures count; with --head the archive must still hold what was published.
        A segment signed with another key is told, and is no problem unless --signed or --key asks.

        EXAMPLES
          rookery segments verify
          rookery segments verify pack-3-g1 --quick --json
          rookery segments verify --against-store --sample 5%
          rookery segments verify --drill --sample 1%
          rookery segments verify --signed --key rookery.pub --head 12:9f86d081…
        """)

    @OptionGroup var options: StoreOptions
    @Argument(help: "Segments' ids; all of them without.") var segments: [String] = []
    @Flag(exclusivity: .exclusive) var depth: Depth = .full
    @Option(help: ArgumentHelp("Only a random share, as 5%.", valueName: "percent"))
    var sample: String?
    @Option(help: "The sample's seed, to check the same segments again.") var seed: UInt64?
    @Option(help: ArgumentHelp("Only those not verified for so long, as 7d.", valueName: "time"))
    var olderThan: String?
    @Option(
      help: ArgumentHelp("A head published earlier; may be repeated.", valueName: "seq:hash"))
    var head: [String] = []
    @Option(
      help: ArgumentHelp(
        "Trust this public key and not the store's list; may be repeated.", valueName: "file"))
    var key: [String] = []
    @Flag(help: "The newest segment must be signed, which vouches for all before it.")
    var signed = false
    @Flag(help: "Print JSON.") var json = false

    enum Depth: String, EnumerableFlag {
      case stat, quick, full, againstStore, drill

      static func help(for value: Depth) -> ArgumentHelp? {
        switch value {
        case .stat: "Sizes and modes."
        case .quick: "Also seek tables, manifests, signatures, the chain."
        case .full: "Also every byte; only this counts as verified."
        case .againstStore: "Also every event against the store, and the catalog."
        case .drill: "Also restores the streams into a scratch store beside the store."
        }
      }
    }

    func validate() throws {
      guard sample == nil || percent != nil else {
        throw ValidationError("--sample must be a whole number from 1% to 100%.")
      }
      guard olderThan.map({ TimeSpan.microseconds(of: $0) != nil }) ?? true else {
        throw ValidationError("--older-than must be a length of time such as 12h or 7d.")
      }
      guard head.allSatisfy({ ChainHead($0) != nil }) else {
        throw ValidationError("--head must be as 'rookery segments head' prints it.")
      }
    }

    func run() throws {
      let settings = try options.loadForSystem()
      let check = try check(Self.open(settings), settings.archiveFolder)
      Interruption.watch()
      var line = ProgressLine("verify")
      let report = try check.run(level: depth.level, only: segments, now: .now()) { done, total in
        line.update(done: done, total: total) { "\(Int(Double(done) / $0 / 1_000_000)) MB/s" }
        return !Interruption.isRequested
      }
      line.finish()
      // What is known to be damaged need not be restored to see that.
      let drill =
        depth == .drill && report.isSound && !Interruption.isRequested
        ? try drill(check, report, settings) : nil
      Output.print(json ? report.json(drill).document : report.text + (drill?.text ?? ""))
      if let unavailable = report.unavailable { throw unavailable }
      if !report.isSound || drill?.problem != nil { throw ExitCode(Exit.integrity) }
      if Interruption.isRequested { throw ExitCode(Interruption.exitCode) }
    }

    private func drill(
      _ check: SegmentCheck, _ report: SegmentCheck.Report, _ settings: Settings
    ) throws -> ArchiveDrill.Report {
      if !check.store.isReadOnly {
        try check.store.auditRead(of: "user-*", by: settings.principal)
      }
      var line = ProgressLine("drill")
      defer { line.finish() }
      let drill = ArchiveDrill(
        history: History(store: check.store, folder: check.folder),
        scratchPath: settings.storePath + ".drill")
      return try drill.run(
        segments: report.checked.map(\.archiveSeq),
        on: RestoreReport.Occasion(
          principal: settings.principal, reason: "drill", time: .now(), version: Version.text)
      ) { done, total in
        line.update(done: done, total: total) { "\(Int(Double(done) / $0)) events a second" }
      }
    }

    private func check(_ store: EventStore, _ folder: ArchiveFolder) throws -> SegmentCheck {
      var check = SegmentCheck(store: store, folder: folder)
      check.isAgainstStore = depth == .againstStore
      check.sample = percent.map { percent in
        SegmentSample(percent: percent, seed: seed ?? UInt64.random(in: 0...UInt64(UInt32.max)))
      }
      if let span = olderThan.flatMap({ TimeSpan.microseconds(of: $0) }) {
        check.notVerifiedSince = Timestamp(microseconds: Timestamp.now().microseconds - span)
      }
      check.published = head.compactMap { ChainHead($0) }
      check.isSignatureRequired = signed
      if !key.isEmpty {
        check.trustedKeys = try key.map { TrustedKey(try SegmentPublicKey(path: $0)) }
      }
      return check
    }

    private var percent: Int? {
      guard let sample,
        let percent = Int(sample.hasSuffix("%") ? String(sample.dropLast()) : sample)
      else { return nil }
      return (1...100).contains(percent) ? percent : nil
    }

    /// What can't be written can still be verified; only the result is not recorded then.
    private static func open(_ settings: Settings) throws -> EventStore {
      do {
        return try settings.open()
      } catch let error as StoreError where error.code == .storeReadOnly {
        Terminal.say("The store can't be written: the result is not recorded.")
        return try settings.open(.readOnly)
      }
    }
  }

  struct Head: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the head of the chain, to be kept outside of this machine.",
      discussion: """
        The number of the newest segment and the hash of its manifest. Kept elsewhere, it lets
        'rookery segments verify --head' find even an archive that was rewritten as a whole.

        EXAMPLES
          rookery segments head >> /mnt/other-host/rookery-heads
          rookery segments head --json
        """)

    @OptionGroup var options: StoreOptions
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let store = try options.loadForSystem().open(.readOnly)
      let head = try store.read { try Catalog.chainHead($0.db) }
      if json {
        let value: JSONValue = [
          "archiveSeq": .optional(head?.archiveSeq, JSONValue.int),
          "manifestSHA256": .optional(head?.manifestSHA256.description, JSONValue.string),
          "head": .optional(head?.description, JSONValue.string),
        ]
        return Output.print(value.document)
      }
      if let head {
        Output.print(head.description)
      } else {
        Terminal.say("There is no segment yet.")
      }
    }
  }
}

extension SegmentsCommand.Verify.Depth {
  fileprivate var level: VerifyLevel {
    switch self {
    case .stat: .stat
    case .quick: .index
    case .full, .againstStore, .drill: .full
    }
  }
}

extension SegmentCheck.Report {
  fileprivate func json(_ drill: ArchiveDrill.Report?) -> JSONValue {
    [
      "sound": .bool(isSound && drill?.problem == nil), "segments": .int(total),
      "checked": .int(checked.count), "retired": .int(retired),
      "events": .int(checked.reduce(0) { $0 + $1.events }),
      "head": .optional(head?.description, JSONValue.string),
      "signedThrough": .optional(signedThrough, JSONValue.int),
      "sample": .optional(sample) { ["percent": .int($0.percent), "seed": .int($0.seed)] },
      "damaged": .array(damaged.map(\.json)),
      "untrusted": .array(
        untrusted.map { item in
          [
            "file": .string(item.file),
            "key": .optional(item.untrustedKey?.description, JSONValue.string),
          ]
        }),
      "missing": .array(missing.map(\.json)),
      "chain": .array(chainProblems.map(JSONValue.string)),
      "orphans": .array(orphans.map(JSONValue.string)),
      "drill": .optional(drill) { drill in
        [
          "streams": .int(drill.streams), "events": .int(drill.events), "cold": .int(drill.cold),
          "problem": .optional(drill.problem, JSONValue.string),
        ]
      },
    ]
  }

  fileprivate var text: String {
    var lines = ["\(checked.count) of \(total) segments checked, \(damaged.count) damaged"]
    if let sample { lines.append("a sample of \(sample.percent) %, seed \(sample.seed)") }
    for item in damaged { lines += item.lines }
    lines += untrusted.compactMap { item in
      item.untrustedKey.map { "\(item.file): signed with key \($0), which is not trusted" }
    }
    lines += missing.map { "missing: \($0)" }
    lines += chainProblems.map { "chain: \($0)" }
    lines += orphans.map { "not in the catalog, left alone: \($0)" }
    if let head { lines.append("chain head \(head)") }
    if let signedThrough {
      lines.append("signed by a trusted key through segment \(signedThrough)")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension ArchiveDrill.Report {
  fileprivate var text: String {
    problem.map { "drill: a restore fails: \($0)\n" }
      ?? "drill: \(streams) streams restored and compared, \(cold) of \(events) events cold\n"
  }
}

extension SegmentCheck.Item {
  fileprivate var json: JSONValue {
    [
      "file": .string(file), "segment": .string(segmentID), "archiveSeq": .int(archiveSeq),
      "damage": .array(damage.map { .string($0.description) }),
      "lost": .array(
        lost.map { lost in
          [
            "stream": .string(lost.stream.rawValue), "first": .int(lost.first),
            "last": .int(lost.last), "inStore": .bool(lost.isInStore),
          ]
        }),
      "differences": .array(differences.map(\.json)),
      "readableEvents": .int(readableEvents), "totalEvents": .int(totalEvents),
    ]
  }

  fileprivate var lines: [String] {
    var lines = damage.map { "\(file): \($0)" }
    lines += differences.map { "\(file): \($0)" }
    lines += lost.map { "  can't be read: \($0)" }
    lines.append(
      lost.isEmpty
        ? "  every event can be read" : "  \(readableEvents) of \(totalEvents) events can be read")
    return lines
  }
}

extension SegmentCheck.Difference {
  fileprivate var json: JSONValue {
    [
      "stream": .optional(stream?.rawValue, JSONValue.string),
      "first": .optional(revisions?.lowerBound, JSONValue.int),
      "last": .optional(revisions?.upperBound, JSONValue.int), "says": .string(says),
    ]
  }
}
