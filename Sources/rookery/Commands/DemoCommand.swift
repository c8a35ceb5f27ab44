internal import ArgumentParser
internal import Demo
internal import EventStore
internal import Reports
internal import Streams

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Fill a store with a generated history of a small backend.",
    discussion: """
      Three services with known incidents, 200 users, 120 days that end yesterday. The same seed
      and last day give the same bytes; doing it again adds nothing.

      EXAMPLES
        rookery demo --store demo.db
        rookery demo --store demo.db --last-day 2026-06-30 --seed 7
      """)

  @OptionGroup var options: StoreOptions
  @Option(help: "Days of history.") var days: Int = 120
  @Option(help: "Users.") var users: Int = 200
  @Option(help: ArgumentHelp("The last day; yesterday if not given.", valueName: "date"))
  var lastDay: String?
  @Option(help: "Another seed, another history.") var seed: UInt64 = 1
  @Flag(help: "Print JSON.") var json = false

  func validate() throws {
    guard (1...3650).contains(days), (1...9999).contains(users) else {
      throw ValidationError("--days must be 1 to 3650, --users 1 to 9999.")
    }
  }

  func run() throws {
    let settings = try options.loadForSystem()
    let last = lastDay.map { CivilDate($0) } ?? CivilDate(utcDay: Timestamp.now().utcDay - 1)
    guard let last else { throw ValidationError("--last-day must be a date such as 2026-06-30.") }
    let history = try DemoHistory(days: days, users: users, endingAt: last, seed: seed)
    let store = try settings.open(.createIfMissing)
    var line = ProgressLine("demo")
    let summary = try history.load(into: store) { done in
      line.update(done: Int64(done), total: Int64(days)) { _ in "days" }
      return true
    }
    line.finish()
    if json {
      let value: JSONValue = [
        "store": .string(settings.storePath), "appended": .int(summary.appended),
        "duplicates": .int(summary.duplicates),
        "incidents": .array(history.incidents.map(\.json)),
      ]
      Output.print(value.document)
    } else {
      Output.print(
        "\(settings.storePath): \(summary.appended) events of \(days) days appended, "
          + "\(summary.duplicates) already there")
    }
  }
}

extension DemoIncident {
  fileprivate var json: JSONValue {
    [
      "service": .string(service), "status": .string(status), "start": .time(start),
      "end": .time(end), "seconds": .int(seconds), "cause": .string(cause),
    ]
  }
}
