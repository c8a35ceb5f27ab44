internal import Streams

/// A program that is run with the night's reports.
///
/// It is started with no input and a clean environment: `PATH`, `HOME`, `LANG`,
/// `ROOKERY_DATE`, `ROOKERY_PIPELINE`, `ROOKERY_RUN`, `ROOKERY_REPORTS` (the folder), `ROOKERY_KEY`
/// (the same for each attempt at this delivery), and the variables that `pass` names.
struct CommandDestination: Destination {
  let arguments: [String]
  /// In milliseconds.
  let limit: Int
  let pass: [String]
  let catchUp: CatchUp

  init(_ yaml: YAMLMapping) throws {
    arguments = try yaml.required(try yaml.texts("command"), "command")
    guard let program = arguments.first, program.hasPrefix("/") else {
      throw yaml.wrong("command", expected: "a program's absolute path and its arguments")
    }
    for argument in arguments {
      if let unknown = Parcel.unknownPlaceholder(in: argument) {
        throw yaml.unknownName(unknown, "command")
      }
    }
    limit = try yaml.duration("limit").map { Int($0 / 1000) } ?? 300_000
    if limit == 0 { throw yaml.wrong("limit", expected: "at least 1s") }
    pass = try yaml.texts("pass") ?? []
    catchUp = try CatchUp(yaml, default: .last)
  }

  /// The arguments may hold a secret.
  var identity: String {
    "command \(arguments[0])" + (arguments.count > 1 ? " (\(Sign.of("\(arguments)")))" : "")
  }

  func attempt(_ parcel: Parcel, _ means: DeliveryMeans) throws -> Attempt {
    let passed = try pass.map { ($0, try means.secret($0)) }
    let result: ChildProcess.Result
    do {
      result = try ChildProcess.run(
        arguments.map(parcel.fill),
        environment: environment(parcel, means).merging(passed) { $1 }, limit: limit,
        stop: means.stop)
    } catch {
      throw DeliveryError.noSuchCommand(path: arguments[0], reason: error.reason)
    }
    let words = result.output.hiding(passed.map(\.1))
    let said = words.isEmpty ? "" : ": \(words)"
    switch result.end {
    case .exited(0): return .delivered(words)
    // EX_TEMPFAIL of sysexits.h.
    case .exited(75): return .postponed("exit code 75" + said)
    case .exited(let code): return .refused("exit code \(code)" + said)
    case .signalled(let number): return .refused("it died of signal \(number)" + said)
    case .killed: return .unknown("killed at its limit of \(limit / 1000) s" + said)
    case .stopped: return .unknown("killed, as the run was to stop" + said)
    }
  }

  private func environment(_ parcel: Parcel, _ means: DeliveryMeans) -> [String: String] {
    [
      "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      "HOME": means.environment["HOME"] ?? "/", "LANG": "C.UTF-8",
      "ROOKERY_DATE": parcel.date.description, "ROOKERY_PIPELINE": parcel.pipeline,
      "ROOKERY_RUN": String(parcel.run), "ROOKERY_REPORTS": parcel.folder,
      "ROOKERY_KEY": parcel.key,
    ]
  }
}
