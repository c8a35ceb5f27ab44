internal import ArgumentParser
internal import Glibc
internal import Streams

@main
struct Rookery: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rookery",
    abstract: "Keep event streams, report uptime and activity, archive what is cold.",
    discussion: """
      The store is one file. It is named by --store, $ROOKERY_STORE, or 'store:' in the
      configuration ($ROOKERY_CONFIG, ~/.config/rookery/config.yaml, /etc/rookery/config.yaml).

      EXIT CODES
        0  done
        1  failed
        2  wrong usage
        3  done, but some input was rejected
        4  nothing done: another run holds the lock
        5  a problem with the integrity of the history was found
        130, 143  interrupted; the same command goes on where it stopped

      EXAMPLES
        rookery import facts status-changes.ndjson.gz
        rookery report uptime --from 2026-01-01 --to 2026-02-01
        rookery read -n 10 service-uptime-http
        rookery run pipelines/nightly.yaml
      """,
    version: Version.text,
    groupedSubcommands: [
      CommandGroup(
        name: "Events",
        subcommands: [
          IngestCommand.self, ImportCommand.self, AppendCommand.self, ReadCommand.self,
          StreamsCommand.self, StreamCommand.self, HoldsCommand.self, SealCommand.self,
          UserCommand.self,
        ]),
      CommandGroup(
        name: "Reports",
        subcommands: [
          ReportCommand.self, IncidentCommand.self, MaintenanceCommand.self, RunCommand.self,
          RunsCommand.self,
        ]),
      CommandGroup(
        name: "Archive",
        subcommands: [
          ArchiveCommands.self, SegmentsCommand.self, KeysCommand.self, RestoreCommand.self,
        ]),
      CommandGroup(
        name: "Operations", subcommands: [DoctorCommand.self, DemoCommand.self]),
    ])

  static func main() async {
    do {
      try checkArguments()
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let error as any CodedError {
      Terminal.say("rookery: \(error)")
      Self.exit(withErrorCode: Exit.code(of: error))
    } catch {
      let status = exitCode(for: error)
      // argument-parser's EX_USAGE is 64; ours is 2, as the shell's own commands have it.
      guard status.rawValue == 64 else { exit(withError: error) }
      Terminal.say(fullMessage(for: error))
      exit(withErrorCode: Exit.usage)
    }
  }

  /// Swift repairs arguments that are no UTF-8; what was repaired must not be stored.
  private static func checkArguments() throws {
    for index in 0..<Int(CommandLine.argc) {
      guard let argument = CommandLine.unsafeArgv[index] else { continue }
      guard String(validatingCString: argument) != nil else {
        throw ValidationError("Argument \(index) is not valid UTF-8.")
      }
    }
  }

  private static func exit(withErrorCode code: Int32) -> Never {
    Glibc.exit(code)
  }
}

enum Version {
  static let text = "0.1.0"
}

/// The documented exit codes.
enum Exit {
  static let failed: Int32 = 1
  static let usage: Int32 = 2
  static let rejectedInput: Int32 = 3
  static let lockHeld: Int32 = 4
  static let integrity: Int32 = 5

  static func code(of error: any CodedError) -> Int32 {
    switch error.code {
    case .lockHeld: lockHeld
    case .interrupted: Interruption.exitCode
    case .invalidOption: usage
    case .segmentCorrupt, .segmentMissing, .storeCorrupt: integrity
    default: failed
    }
  }
}
