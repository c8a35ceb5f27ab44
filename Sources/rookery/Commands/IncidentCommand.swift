internal import Analytics
internal import ArgumentParser
internal import Pipelines
internal import Streams

struct IncidentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "incident",
    abstract: "Say of an incident why it was, what it really was, or that it does not count.",
    discussion: """
      No fact is ever changed: each correction is an event of the stream system-incidents, with who
      said so and why. Reports show the figures with and without them. Where two overlap, the later
      one holds; one that was wrong is withdrawn.

      An incident is named by its service and an instant inside it (--at), a range by --from and
      --to, RFC 3339.

      EXAMPLES
        rookery incident annotate --service api --at 2026-10-05T06:05:00Z \\
          --text 'The primary database ran out of disk.' --reason 'postmortem 17'
        rookery incident reclassify --service api --from 2026-10-05T06:00:00Z \\
          --to 2026-10-05T06:20:00Z --as-state degraded --reason 'reads were served'
        rookery incident exclude --service api --at 2026-10-05T06:05:00Z \\
          --reason 'the probe was broken, ticket 99'
        rookery incident list
      """,
    subcommands: [
      ListCommand.self, AnnotateCommand.self, ReclassifyCommand.self, ExcludeCommand.self,
      WithdrawCommand.self,
    ], defaultSubcommand: ListCommand.self)

  struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the corrections of incidents, with those withdrawn.",
      discussion: "EXAMPLES\n  rookery incident list --service api --json")

    @OptionGroup var options: StoreOptions
    @Option(help: "Only what is said of this service.") var service: String?
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      try CorrectionList(stream: CorrectionLog.incidents, service: service)
        .print(try options.load(), json: json)
    }
  }

  struct AnnotateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "annotate", abstract: "Say why an incident was; it changes no figure.",
      discussion: """
        EXAMPLES
          rookery incident annotate --service api --at 2026-10-05T06:05:00Z --text 'disk full' \\
            --link https://wiki.example.org/postmortems/17 --reason 'postmortem 17'
        """)

    @OptionGroup var options: StoreOptions
    @OptionGroup var subject: IncidentSubject
    @Option(help: "The cause, as readers of the report shall see it.") var text: String
    @Option(help: ArgumentHelp("Where more is to be read.", valueName: "url")) var link: String?
    @OptionGroup var statement: StatementOptions

    func run() throws {
      try subject.correct(.annotation(text: text, link: link), options, statement)
    }
  }

  struct ReclassifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "reclassify", abstract: "Say what the state of a service really was.",
      discussion: """
        EXAMPLES
          rookery incident reclassify --service api --at 2026-10-05T06:05:00Z --as-state degraded \\
            --reason 'reads were served'
        """)

    @OptionGroup var options: StoreOptions
    @OptionGroup var subject: IncidentSubject
    @Option(
      help: ArgumentHelp("up, degraded, down, maintenance or unknown.", valueName: "state"))
    var asState: ServiceState
    @OptionGroup var statement: StatementOptions

    func run() throws { try subject.correct(.reclassification(asState), options, statement) }
  }

  struct ExcludeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "exclude", abstract: "Take a range of a service out of the account.",
      discussion: """
        Excluded time is neither good nor bad, neither known nor unknown: no figure counts it, and
        incidents are seen as if it had not been. The report says how much it is and how much of it
        was down.

        EXAMPLES
          rookery incident exclude --service api --at 2026-10-05T06:05:00Z --reason 'ticket 99'
        """)

    @OptionGroup var options: StoreOptions
    @OptionGroup var subject: IncidentSubject
    @OptionGroup var statement: StatementOptions

    func run() throws { try subject.correct(.exclusion, options, statement) }
  }

  struct WithdrawCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "withdraw", abstract: "Take a correction back.",
      discussion: """
        EXAMPLES
          rookery incident withdraw 3f2504e0 --reason 'it was another service'
        """)

    @OptionGroup var options: StoreOptions
    @Argument(help: "The correction's id, as listed, or its first 8 characters or more.")
    var id: String
    @OptionGroup var statement: StatementOptions

    func run() throws {
      try statement.append(options, to: CorrectionLog.incidents) { snapshot, settings in
        let corrections = try CorrectionLog.read(snapshot, for: settings.principal)
        let met = try corrections.standing(called: id) { $0 != .maintenance }
        return .withdraw(met.id)
      }
    }
  }
}
