internal import ArgumentParser

struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Load what other tools have recorded.",
    discussion: """
      Each import keeps the time at which a thing happened, writes into the event's metadata where
      it comes from, and may be run again, also on a source that has grown: nothing is added twice.
      What can't be read is refused and counted, never guessed at; --rejects FILE keeps it, and the
      exit code is then 3. A file may be .zst, .gz, .xz, .bz2 or .tar.*, but for a database.

      EXAMPLES
        rookery import facts probes.ndjson.gz
        rookery import csv checks.csv --map service=host,status=state,timestamp=time
        rookery import upptime ~/status-page
        rookery import gatus /var/lib/gatus/data.db
        rookery import kuma /var/lib/uptime-kuma/kuma.db
        rookery import statuspage incidents.json
        rookery import clf access.log.1.gz --rejects refused.ndjson
      """,
    groupedSubcommands: [
      CommandGroup(name: "Rookery's own lines", subcommands: [Facts.self, Activity.self]),
      CommandGroup(name: "Any table or log", subcommands: [CSV.self, AccessLog.self]),
      CommandGroup(
        name: "Other tools",
        subcommands: [Upptime.self, Gatus.self, Kuma.self, StatuspageFile.self, Incidents.self]),
    ])
}
