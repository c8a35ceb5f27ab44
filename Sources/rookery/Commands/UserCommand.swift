internal import Archive
internal import ArgumentParser
internal import EventStore
internal import Glibc
internal import History
internal import Pipelines
internal import Reports
internal import Streams

struct UserCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "user", abstract: "What concerns all streams of one user.",
    subcommands: [Forget.self])

  struct Forget: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Erase what a user's streams hold, for good.",
      discussion: """
        The user's key is destroyed, rows are deleted and overwritten, and segments that hold events
        of the user unencrypted are rewritten without them. Streams keep a tombstone; their names,
        event types, times and counts stay readable, and reports of the past stay as they were.
        A legal hold on one of the streams forbids all of it. Killed, it goes on when it is run again.
        While a lock keeps a copy of a segment at a target, or a target is away, it is NOT DONE, and
        the exit code is 1: this command, run again, or the nightly 'retention' step completes it.

        EXAMPLES
          rookery user forget 42 --reason 'request of 2026-03-01' --dry-run
          rookery user forget 42 --reason 'request of 2026-03-01' --yes
        """)

    @OptionGroup var options: StoreOptions
    @Argument(help: "The user's id, as in user-ID-loans.") var user: String
    @Option(help: "Why; readers of the tombstones and of the audit stream see it.")
    var reason: String
    @Flag(help: "Print what would be erased, and change nothing.") var dryRun = false
    @Flag(help: "Do not ask.") var yes = false
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let settings = try options.load()
      let store = try settings.open(dryRun ? .readOnly : .readWrite)
      // Before anything is told: not even whether there is such a user, or why one is held.
      let profile = try StreamName("user-\(user)-profile")
      try settings.check(.administer, profile, try store.read { try $0.stream(profile) })
      let eraser = Eraser(
        Archiver(
          store: store, folder: settings.archiveFolder, now: .now(), version: Version.text,
          signer: try settings.signer(), principal: settings.principal, reason: reason))
      let plan = try eraser.plan(user: user)
      for stream in plan.streams {
        try settings.check(.administer, stream, try store.read { try $0.stream(stream) })
      }
      guard !plan.streams.isEmpty || plan.hadKey else {
        throw UnknownUser(user: user)
      }
      if dryRun { return Output.print(json ? plan.json(isDone: false) : plan.forecast) }
      try confirm(plan)
      let report = try eraser.erase(
        user: user, reason: reason,
        keepingFiguresOf: History(store: store, folder: settings.archiveFolder))
      Output.print(json ? report.json(isDone: report.isDone) : report.text)
      guard report.isDone else { throw ExitCode(Exit.failed) }
    }

    private func confirm(_ plan: Eraser.Report) throws {
      guard !yes else { return }
      guard isatty(STDIN_FILENO) == 1 else {
        throw ValidationError("This can't be undone: look with --dry-run, then say --yes.")
      }
      Terminal.write(plan.forecast + "This can't be undone. Type the user's id to go on: ")
      guard readLine() == user else {
        Terminal.say("That is not the user's id. Nothing was erased.")
        throw ExitCode(Exit.failed)
      }
    }
  }
}

private struct UnknownUser: CodedError {
  var user: String

  var code: ErrorCode { .userNotFound }
  var message: String { "The store has nothing of a user '\(user)'." }
  var remedy: String { "See 'rookery streams user-*'; the id is what stands between the dashes." }
}

extension Eraser.Report {
  fileprivate func json(isDone: Bool) -> String {
    let value: JSONValue = [
      "user": .string(user), "erased": .bool(isDone), "events": .int(events),
      "streams": .array(streams.map { .string($0.rawValue) }),
      "segmentsRewritten": .array(rewritten.map(JSONValue.string)),
      "unprotected": .array(unprotected.map(JSONValue.string)),
      "segmentsSealed": .array(sealed.map(JSONValue.string)), "hadKey": .bool(hadKey),
      "filesRemoved": .array(removed.map(JSONValue.string)),
      "unknownFiles": .array(strangers.map(JSONValue.string)),
      "copiesLeft": .array(
        retained.map { copy in
          [
            "file": .string(copy.file), "target": .string(copy.address),
            "until": .optional(copy.until, JSONValue.time),
          ]
        }),
      "keyBackupsExpireAfterDays": .int(30),
    ]
    return value.document
  }

  fileprivate var forecast: String {
    (lines("would be erased", "would be rewritten", "would be destroyed", "would be deleted")
      + retained.map { "would not be done: \($0.words)" }).joined(separator: "\n") + "\n"
  }

  fileprivate var text: String {
    var lines = lines("erased", "rewritten", "destroyed", "deleted")
    if hadKey {
      lines.append(
        "The last copy of the key is gone when backups of the key database are: 30 days.")
    }
    if !isLogEmpty {
      lines.append("NOT DONE: a reader keeps the store's log. Run this again when it has ended.")
    }
    lines += retained.map { "NOT DONE: \($0.words)" }
    if !retained.isEmpty {
      lines.append("Run this again then, or let the nightly 'retention' step delete what is left.")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func lines(
    _ erased: String, _ rewritten: String, _ destroyed: String, _ gone: String
  ) -> [String] {
    var lines = ["\(events) events of \(streams.count) streams of user \(user) \(erased)"]
    lines += streams.map { "  \($0)" }
    if hadKey {
      lines.append("the user's key \(destroyed): \(sealed.count) segments need no rewrite")
    }
    lines += self.rewritten.map { "segment \($0) \(rewritten)" }
    lines += unprotected.map { "rewritten without parity: \($0)" }
    lines += removed.map { "file \($0), which the catalog does not know, \(gone)" }
    lines += strangers.map { "left alone, nobody can tell what is only in it: \($0)" }
    return lines
  }
}

extension RetainedCopy {
  fileprivate var words: String {
    guard let until else { return "\(file) may be at \(address), which can't be asked now" }
    return "a lock keeps \(file) at \(address) until \(until.rfc3339)"
  }
}
