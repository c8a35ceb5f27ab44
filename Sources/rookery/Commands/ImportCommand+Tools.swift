internal import ArgumentParser
internal import Ingest

extension ImportCommand {
  struct Upptime: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Load the history of an Upptime status page from its git repository.",
      discussion: """
        Give a clone with its whole history (not --depth 1); the branch that is checked out is read,
        with git. Every commit that changes a file of history/ is a check, at the time the file
        says. The site's name is that of the commit's message. A file that was deleted makes the
        site unknown from then on.

        EXAMPLES
          git clone https://github.com/ORG/status && rookery import upptime status
        """)

    @OptionGroup var options: StoreOptions
    @OptionGroup var load: LoadOptions

    func run() async throws {
      try await load.run(.foreign(.upptime), settings: try options.loadForSystem())
    }
  }

  struct Gatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Load the history in a SQLite file of Gatus.",
      discussion: """
        Its state changes and its checks become facts of "group/name". The file may be in use; it is
        only read, and nothing is written beside it. Failed conditions and errors go to the
        metadata.

        EXAMPLES
          rookery import gatus /var/lib/gatus/data.db
          rookery import gatus eu.db --source eu && rookery import gatus us.db --source us
        """)

    @OptionGroup var options: StoreOptions
    @OptionGroup var load: LoadOptions

    func run() async throws {
      try await load.run(.foreign(.gatus), settings: try options.loadForSystem())
    }
  }

  struct Kuma: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Load the history in a SQLite file of Uptime Kuma, version 1 or 2.",
      discussion: """
        Every heartbeat becomes a fact of its monitor; pending is unknown. The file may be in use; it
        is only read, and nothing is written beside it. A monitor that was renamed since the last
        import is a service of its own.

        EXAMPLES
          rookery import kuma /var/lib/uptime-kuma/kuma.db
        """)

    @OptionGroup var options: StoreOptions
    @OptionGroup var load: LoadOptions

    func run() async throws {
      try await load.run(.foreign(.uptimeKuma), settings: try options.loadForSystem())
    }
  }

  struct StatuspageFile: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "statuspage",
      abstract: "Load incidents and maintenances of Statuspage, JSON.",
      discussion: """
        Each update that names components and their states becomes a fact of each, at the time the
        page shows. Where none does, the incident's components are as bad as its impact from its
        start to its end. Announcements and post-mortems are passed over.

        EXAMPLES
          curl -O https://www.example-status.com/api/v2/incidents.json
          rookery import statuspage incidents.json scheduled-maintenances.json
        """)

    @OptionGroup var options: StoreOptions
    @OptionGroup var load: LoadOptions

    func run() async throws {
      try await load.run(.foreign(.statuspage), settings: try options.loadForSystem())
    }
  }

  struct Incidents: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Load an incident list as of Jenkins or cState, JSON or NDJSON.",
      discussion: """
        Incidents: {"incidentId"|"id","start"|"createdAt","end"|"resolvedAt","severity",
        "affected":[service,…],"planned"?,"resolved"?}. Severity is down, disrupted, maintenance or
        notice; what is planned is maintenance, and a notice that is not is passed over. Where
        incidents of one service overlap, the worst holds.

        EXAMPLES
          rookery import incidents incidents.ndjson.gz
          rookery import incidents index.json --tz Europe/Zurich
        """)

    @OptionGroup var options: StoreOptions
    @OptionGroup var load: LoadOptions
    @OptionGroup var times: TimeOptions

    func run() async throws {
      try await load.run(
        .foreign(.incidents(try times.reading())), settings: try options.loadForSystem())
    }
  }
}
