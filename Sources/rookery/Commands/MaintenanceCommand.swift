internal import Analytics
internal import ArgumentParser
internal import EventStore
internal import Pipelines
internal import Streams

struct MaintenanceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "maintenance",
    abstract: "Plan maintenance, beforehand or for a time that is past.",
    discussion: """
      Whatever monitors say in a window is maintenance: it is left out of the availability, and the
      down time it hides is shown. Each window is an event of the stream system-maintenance, with who
      planned it and why; a report shows the figures with and without it.

      EXAMPLES
        rookery maintenance add --service api --from 2026-12-01T22:00:00Z \\
          --to 2026-12-02T02:00:00Z --reason 'database upgrade'
        rookery maintenance cancel 3f2504e0 --from 2026-12-01T23:00:00Z --reason 'done early'
        rookery maintenance list
      """,
    subcommands: [ListCommand.self, AddCommand.self, CancelCommand.self],
    defaultSubcommand: ListCommand.self)

  struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the windows, with those cancelled.",
      discussion: "EXAMPLES\n  rookery maintenance list --json")

    @OptionGroup var options: StoreOptions
    @Option(help: "Only those of this service, and those of all.") var service: String?
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      try CorrectionList(stream: CorrectionLog.maintenance, service: service)
        .print(try options.load(), json: json)
    }
  }

  struct AddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "add", abstract: "Plan a window; without --service it is for every service.",
      discussion: """
        EXAMPLES
          rookery maintenance add --from 2026-12-01T22:00:00Z --to 2026-12-02T02:00:00Z \\
            --reason 'move to the new data centre'
        """)

    @OptionGroup var options: StoreOptions
    @Option(
      help: """
        The service, by the name it has in its facts, or a group: one to come is as good as one that
        is known.
        """)
    var service: String?
    @Option(help: ArgumentHelp("First instant.", valueName: "time")) var from: Timestamp
    @Option(help: ArgumentHelp("First instant after it.", valueName: "time")) var to: Timestamp
    @OptionGroup var statement: StatementOptions

    func run() throws {
      try statement.append(options, to: CorrectionLog.maintenance) { snapshot, settings in
        sayIfUnknown(try IncidentFinder(snapshot, for: settings.principal, now: .now()))
        return .correct(.maintenance, service: service, start: from, end: to)
      }
    }

    /// A window may be for what is yet to come, and a name may be mistyped: only a person can tell.
    private func sayIfUnknown(_ finder: IncidentFinder) {
      guard let service, !finder.services.contains(service) else { return }
      Terminal.say("rookery: No service is called \(service) so far; the window waits for it.")
    }
  }

  struct CancelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "cancel", abstract: "End a window at an instant, or take all of it back.",
      discussion: """
        EXAMPLES
          rookery maintenance cancel 3f2504e0 --reason 'put off'
          rookery maintenance cancel 3f2504e0 --from 2026-12-01T23:00:00Z --reason 'done early'
        """)

    @OptionGroup var options: StoreOptions
    @Argument(help: "The window's id, as listed, or its first 8 characters or more.")
    var id: String
    @Option(help: ArgumentHelp("It holds until then; else nowhere.", valueName: "time"))
    var from: Timestamp?
    @OptionGroup var statement: StatementOptions

    func run() throws {
      try statement.append(options, to: CorrectionLog.maintenance) { snapshot, settings in
        let corrections = try CorrectionLog.read(snapshot, for: settings.principal)
        let window = try corrections.standing(called: id) { $0 == .maintenance }
        if let from, from >= window.standingEnd {
          throw ValidationError("The window ends at \(window.standingEnd.rfc3339) already.")
        }
        return .cancel(window.id, from: from)
      }
    }
  }
}
