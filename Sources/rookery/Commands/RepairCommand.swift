internal import Archive
internal import ArgumentParser
internal import EventStore
internal import Reports
internal import Segments
internal import Streams

extension SegmentsCommand {
  struct Repair: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Heal damaged segments from parity, another copy, or rows that are still there.",
      discussion: """
        Every copy of every segment is read whole first. A healed file takes the name only after
        every byte was checked against the catalog; the damaged one is kept in 'quarantine'. A
        damaged or missing copy at a target is made again from a sound one; an S3 object that is
        damaged is deleted for that, unless it is locked: then that is said. Exit code 5 if
        something stays damaged: then the revisions that are lost are said. Exit code 1 if a target
        does not answer.

        EXAMPLES
          rookery segments repair
          rookery segments repair pack-3-g1 --reason 'disk sda replaced' --json
        """)

    @OptionGroup var options: StoreOptions
    @Argument(help: "Ids or files of segments; all of them without.") var segments: [String] = []
    @Option(help: "Why, for the $audit stream.") var reason = "repair"
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let settings = try options.loadForSystem()
      let repair = SegmentRepair(
        store: try settings.open(), folder: settings.archiveFolder,
        signer: try settings.signer(), principal: settings.principal, reason: reason)
      Interruption.watch()
      var line = ProgressLine("repair")
      let report = try repair.run(segments, now: .now(), stop: Interruption.stop) { done, total in
        line.update(done: done, total: total) { "\(Int(Double(done) / $0 / 1_000_000)) MB/s" }
      }
      line.finish()
      Output.print(json ? report.json.document : report.text)
      if !report.damaged.isEmpty { throw ExitCode(Exit.integrity) }
      if report.notReached > 0 {
        Terminal.say(
          "rookery: \(ErrorCode.interrupted): Stopped after \(report.items.count) of "
            + "\(report.items.count + report.notReached) segments. Run it again for the rest.")
        throw ExitCode(Interruption.exitCode)
      }
      if let unavailability = report.unavailability { throw unavailability }
    }
  }
}

extension RepairReport {
  fileprivate var json: JSONValue {
    [
      "checked": .int(items.count), "notReached": .int(notReached), "healed": .int(healed.count),
      "damaged": .int(damaged.count),
      "segments": .array(
        items.compactMap { item in
          let isSound = if case .sound = item.outcome { true } else { false }
          return isSound && item.copies.allSatisfy { $0.outcome == .sound } ? nil : item.json
        }),
    ]
  }

  fileprivate var text: String {
    var lines = [
      "\(items.count) segments checked, \(healed.count) healed, \(damaged.count) still damaged"
    ]
    for item in items {
      switch item.outcome {
      case .sound: break
      case .healed(let source): lines.append("\(item.file): healed, from \(source.words)")
      case .damaged(let tried, let lost):
        lines += item.damage.map { "\(item.file): \($0)" } + tried.map { "  tried: \($0)" }
        lines += lost.map { loss in
          "  lost: \(loss.stream) revisions \(loss.revisions.lowerBound) to "
            + "\(loss.revisions.upperBound)"
        }
        lines.append("  Put a sound copy of the file in its place and repair again.")
      case .away(let reason): lines.append("\(item.file): not checked: \(reason)")
      }
      lines += item.copies.compactMap { copy in
        copy.outcome.words.map { "\(item.file) at \(copy.address): \($0)" }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension RepairReport.Item {
  fileprivate var json: JSONValue {
    var source: RepairReport.Source?
    var (tried, lost): ([String], [RepairReport.Loss]) = ([], [])
    switch outcome {
    case .sound: break
    case .healed(let from): source = from
    case .damaged(let ways, let losses): (tried, lost) = (ways, losses)
    case .away(let reason): tried = [reason]
    }
    return [
      "file": .string(file), "archiveSeq": .int(archiveSeq),
      "damage": .array(damage.map { .string($0.description) }),
      "healedFrom": .optional(source) { .string($0.rawValue) },
      "tried": .array(tried.map(JSONValue.string)),
      "copies": .array(copies.map(\.json)),
      "lost": .array(
        lost.map { loss in
          [
            "stream": .string(loss.stream.rawValue), "first": .int(loss.revisions.lowerBound),
            "last": .int(loss.revisions.upperBound),
          ]
        }),
    ]
  }
}

extension RepairReport.Copy {
  fileprivate var json: JSONValue {
    [
      "at": .string(address), "outcome": .string(outcome.name),
      "damage": .array(damage.map { .string($0.description) }),
      "says": .optional(outcome.words, JSONValue.string),
    ]
  }
}

extension RepairReport.CopyOutcome {
  fileprivate var name: String {
    switch self {
    case .sound: "sound"
    case .healed: "healed"
    case .away: "unavailable"
    case .locked: "locked"
    case .damaged: "damaged"
    }
  }

  /// Nil for a sound copy.
  fileprivate var words: String? {
    switch self {
    case .sound: nil
    case .healed: "healed, from a sound copy; the damaged one was put aside"
    case .away(let reason): "could not be checked: \(reason)"
    case .locked(let reason): "damaged, and not replaced: \(reason)"
    case .damaged(let reason): "still damaged: \(reason)"
    }
  }
}

extension RepairReport.Source {
  fileprivate var words: String {
    switch self {
    case .mode: "its own content: only its mode was wrong"
    case .parity: "parity"
    case .copy: "another copy"
    case .rows: "rows and what was sound in it"
    }
  }
}
