public import ArgumentParser
public import Ingest
internal import Reports

/// How the times of a source are written.
struct TimeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How times are written: rfc3339, clf, epoch, epoch-ms, epoch-us, or a pattern such as "
        + "'%d.%m.%Y %H:%M:%S.%f'. By default all but the pattern are told apart by their looks.",
      valueName: "format"))
  var timeFormat: String?

  @Option(
    help: ArgumentHelp(
      "The zone of times that name none, such as Europe/Berlin. Of a time that clocks show twice in "
        + "autumn the first is meant; one that they skip in spring is refused.",
      valueName: "zone"))
  var tz: String?

  func reading() throws -> TimeReading {
    let zone = try tz.map { try ReportZone($0) }
    return try TimeReading(
      timeFormat, zone: zone.map { zone in WallClock(name: zone.name) { zone.offset(at: $0) } })
  }
}

/// Which column holds what.
struct MapOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Which column (or JSON key, or path of keys with dots) holds which field.",
      valueName: "field=column,…"))
  var map: [String] = []

  @Option(
    help: ArgumentHelp(
      "What the source's words for a status mean, such as 1=up,0=down.", valueName: "word=status,…")
  )
  var status: [String] = []

  @OptionGroup var times: TimeOptions

  func fieldMap() throws -> FieldMap {
    try FieldMap(map, times: try times.reading(), words: status)
  }

  /// - Throws: `ValidationError` for a map of the other kind.
  func input(_ format: LineFormat) throws -> LoadOptions.Input {
    guard !map.isEmpty else {
      guard status.isEmpty, times.timeFormat == nil, times.tz == nil else {
        throw ValidationError("--status, --time-format and --tz need --map.")
      }
      return .own(format)
    }
    let fields = try fieldMap()
    guard fields.format == format else {
      throw ValidationError(
        "--map gives fields of \(fields.format.rawValue), which 'rookery import "
          + "\(fields.format.rawValue)' takes.")
    }
    return .foreign(.mappedLines(fields))
  }
}

extension ImportCommand {
  struct Facts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Load service status changes, NDJSON.",
      discussion: """
        Lines: {"serviceName"|"service","status","timestamp","eventId"?,"recordedAt"?,
        "responseMs"?,…}. They become ServiceStatusChanged events in service-uptime-{slug}; keys
        not named here go to the event's metadata. Arrival order is file order.
        With --map the keys may be any others.

        EXAMPLES
          rookery import facts probes.ndjson.gz
          rookery import facts checks.ndjson --map service=check.name,status=up,timestamp=ts \\
            --status true=up,false=down
        """)

    @OptionGroup var options: StoreOptions
    @OptionGroup var load: LoadOptions
    @OptionGroup var map: MapOptions

    func run() async throws {
      try await load.run(try map.input(.facts), settings: try options.loadForSystem())
    }
  }

  struct Activity: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Load what users did, NDJSON.",
      discussion: """
        Lines: {"user","timestamp","recordedAt"?,"category"?,"action"|"kind"?,…}. They become
        UserDataUpdated events in user-{user}-activity; keys not named here go to the event's
        metadata. With --map the keys may be any others.

        EXAMPLES
          rookery import activity access-log.ndjson.gz
          rookery import activity audit.ndjson --map user=actor.id,timestamp=at,action=verb
        """)

    @OptionGroup var options: StoreOptions
    @OptionGroup var load: LoadOptions
    @OptionGroup var map: MapOptions

    func run() async throws {
      try await load.run(try map.input(.activity), settings: try options.loadForSystem())
    }
  }

  struct CSV: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "csv",
      abstract: "Load service status changes or what users did, CSV.",
      discussion: """
        --map says which column holds which field:
          service status:  service, status, timestamp; responseMs, duration, eventId, recordedAt
          what users did:  user, timestamp; category, action, kind, eventId, recordedAt
        Columns that are not mapped go to the event's metadata. The file is UTF-8 as RFC 4180 has
        it: quotes, line ends between quotes, CRLF, a byte order mark. A record with more or fewer
        columns than the header is refused.

        EXAMPLES
          rookery import csv checks.csv --map service=host,status=state,timestamp=time
          rookery import csv pings.csv --delimiter ';' --map service=Server,status=OK,timestamp=Zeit \\
            --status 1=up,0=down --time-format '%d.%m.%Y %H:%M:%S' --tz Europe/Berlin
          rookery import csv logins.tsv --delimiter tab --no-header --map user=1,timestamp=3,action=2
        """)

    @OptionGroup var options: StoreOptions
    @OptionGroup var load: LoadOptions
    @OptionGroup var map: MapOptions

    @Option(
      help: ArgumentHelp("What stands between columns: a character, or tab.", valueName: "char"))
    var delimiter: String = ","

    @Flag(help: "There is no header: columns are called 1, 2, 3, …")
    var noHeader = false

    func run() async throws {
      let layout = try CSVLayout(delimiter: delimiter, hasHeader: !noHeader)
      try await load.run(
        .foreign(.csv(layout, try map.fieldMap())), settings: try options.loadForSystem())
    }
  }

  struct AccessLog: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "clf",
      abstract: "Load a web server's access log, Common or Combined Log Format.",
      discussion: """
        Each line becomes a UserDataUpdated event in user-{user}-activity: category is the first
        part of the path, action the method. Stream names outlive a user that is forgotten, so give
        --user name where addresses must not be kept.

        EXAMPLES
          rookery import clf /var/log/nginx/access.log.1
          rookery import clf access.log.*.gz --user name --rejects anonymous.ndjson
        """)

    @OptionGroup var options: StoreOptions
    @OptionGroup var load: LoadOptions

    @Option(
      help: """
        Who the user is: the name that was logged in, the address, or either, the name coming first.
        """)
    var user: AccessLogUser = .either

    func run() async throws {
      try await load.run(.foreign(.accessLog(user)), settings: try options.loadForSystem())
    }
  }
}

extension AccessLogUser: ExpressibleByArgument {}
