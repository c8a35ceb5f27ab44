import Foundation
import Testing

@Suite struct `Corrections by command` {
  private static let october = ["--from", "2026-10-01", "--to", "2026-11-01"]

  /// `api` was down on the 5th from 06:00 to 07:00 and on the 10th from 00:00 to 02:00.
  private func october() throws -> Program {
    let program = try Program()
    let facts = [
      ("api", "up", "01T00:00"), ("api", "down", "05T06:00"), ("api", "up", "05T07:00"),
      ("api", "down", "10T00:00"), ("api", "up", "10T02:00"), ("web", "up", "01T00:00"),
    ].map { service, status, time in
      #"{"serviceName":"\#(service)","status":"\#(status)","timestamp":"2026-10-\#(time):00Z"}"#
    }
    let file = try program.write("facts.ndjson", facts.joined(separator: "\n") + "\n")
    #expect(try program.run(["import", "facts", file]).status == 0)
    return program
  }

  private func down(_ program: borrowing Program, _ more: [String] = []) throws -> Int? {
    let report = try program.run(
      ["report", "uptime", "--service", "api", "--json"] + Self.october + more)
    let service = (report.json["services"] as? [[String: Any]])?.first
    return (service?["seconds"] as? [String: Any])?["down"] as? Int
  }

  @Test func `are found by an instant, shown beside the facts, and withdrawn`() throws {
    let program = try october()
    let excluded = try program.run([
      "incident", "exclude", "--service", "api", "--at", "2026-10-10T01:00:00Z", "--reason",
      "the probe was broken", "--json",
    ])
    #expect(excluded.status == 0, "\(excluded.err)")
    #expect(excluded.json["start"] as? String == "2026-10-10T00:00:00Z")
    #expect(excluded.json["end"] as? String == "2026-10-10T02:00:00Z")
    #expect(try down(program) == 3600)
    #expect(try down(program, ["--without-corrections"]) == 10_800)

    let text = try program.run(["report", "uptime"] + Self.october).out
    #expect(text.contains("the probe was broken"))
    #expect(text.contains("FACTS ALONE"))
    #expect(text.contains("system-incidents revision 1") || text.contains("revision 0"))

    let id = try #require(excluded.json["id"] as? String)
    let withdrawn = try program.run([
      "incident", "withdraw", String(id.prefix(8)), "--reason", "it was not",
    ])
    #expect(withdrawn.status == 0, "\(withdrawn.err)")
    #expect(try down(program) == 10_800)
    #expect(try program.run(["incident", "withdraw", id, "--reason", "again"]).status == 2)
    #expect(try program.run(["incident", "list"]).out.contains("no: it was not"))
  }

  @Test func `plan maintenance for the past, and end it early`() throws {
    let program = try october()
    let added = try program.run([
      "maintenance", "add", "--service", "api", "--from", "2026-10-10T00:00:00Z", "--to",
      "2026-10-10T02:00:00Z", "--reason", "upgrade", "--json",
    ])
    #expect(try down(program) == 3600)
    let id = try #require(added.json["id"] as? String)
    #expect(
      try program.run([
        "maintenance", "cancel", id, "--from", "2026-10-10T01:30:00Z", "--reason", "done",
      ]).status == 0)
    #expect(try down(program) == 3600 + 1800)
    let listed = try program.run(["maintenance", "list", "--json"]).json
    let window = (listed["corrections"] as? [[String: Any]])?.first
    #expect(window?["standingEnd"] as? String == "2026-10-10T01:30:00Z")
    #expect(try down(program, ["--check"]) == 5400)
  }

  @Test(arguments: [
    (["--at", "2026-10-09T00:00:00Z"], 2 as Int32, "no incident"),
    (["--from", "2026-10-09T00:00:00Z"], 2, "--from and --to"),
    (["--from", "2026-10-09T00:00:00Z", "--to", "2026-10-09T00:00:00Z"], 1, "data.end"),
    (["--at", "2026-10-10T01:00:00Z", "--as", "user:7"], 1, "permission-denied"),
    (["--at", "2026-10-10T01:00:00Z", "--service", "apii"], 2, "There are: api, web"),
    (["--at", "2026-10-10T01:00:00Z", "--reason", ""], 1, "data.reason"),
  ])
  func `are refused with what is wrong`(
    arguments: [String], status: Int32, message: String
  ) throws {
    let program = try october()
    let standard = [("--service", "api"), ("--reason", "why")].flatMap { option, value in
      arguments.contains(option) ? [] : [option, value]
    }
    let result = try program.run(["incident", "exclude"] + standard + arguments)
    #expect(result.status == status)
    #expect(result.err.contains(message), "\(result.err)")
    #expect(try program.run(["read", "system-incidents"]).status != 0)
  }

  @Test func `are said once, however often the command with an id is run`() throws {
    let program = try october()
    let command = [
      "incident", "annotate", "--service", "api", "--at", "2026-10-10T01:00:00Z", "--text", "disk",
      "--reason", "why", "--event-id", "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "--json",
    ]
    #expect(try program.run(command).json["repeated"] as? Bool == false)
    #expect(try program.run(command).json["repeated"] as? Bool == true)
    let listed = try program.run(["incident", "list", "--json"]).json
    #expect((listed["corrections"] as? [Any])?.count == 1)
  }

  /// Runs the command that a report prints, after the store has moved on.
  @Test func `the printed command gives the same figures again`() throws {
    let program = try october()
    let options = """
      {"title":"It's ours","groups":[{"name":"a b","members":["api","web"],"rule":"best"}],
      "maintenance":[{"service":"web","start":"2026-10-03T00:00:00Z","end":"2026-10-03T01:00:00Z"}],
      "degradedWeight":"0.3","staleAfterSeconds":5000000,"mergeGapSeconds":60,
      "minIncidentSeconds":5,"skewSeconds":7,"sloTarget":"99.9","decimals":5}
      """
    let file = try program.write("options.json", options)
    try program.run([
      "incident", "reclassify", "--service", "api", "--at", "2026-10-05T06:10:00Z", "--as-state",
      "degraded", "--reason", "reads were served",
    ])
    let first = try program.run(
      ["report", "uptime", "--options", file, "--json", "--tz", "Europe/Berlin"] + Self.october)
    #expect(first.status == 0, "\(first.err)")

    let late =
      #"{"serviceName":"new","status":"down","timestamp":"2026-10-02T00:00:00Z"}"# + "\n{\n"
    try program.run(["import", "facts", try program.write("late.ndjson", late)])
    try program.run([
      "maintenance", "add", "--from", "2026-10-05T00:00:00Z", "--to", "2026-10-11T00:00:00Z",
      "--reason", "afterwards",
    ])
    let command = try #require((first.json["report"] as? [String: Any])?["reproduce"] as? String)
    #expect(command.hasPrefix("rookery "))
    let again = try program.shell("\"$ROOKERY\" " + command.dropFirst("rookery ".count))
    #expect(again.status == 0, "\(command): \(again.err)")
    for member in ["overall", "services", "groups", "warnings", "corrections", "published"] {
      #expect(text(again.json[member]) == text(first.json[member]), "\(member)")
    }
    let now = try program.run(["report", "uptime", "--options", file, "--json"] + Self.october)
    #expect(text(now.json["services"]) != text(first.json["services"]))
    #expect((again.json["report"] as? [String: Any])?["reproduce"] as? String == command)
  }

  private func text(_ value: Any?) -> String {
    guard let value, !(value is NSNull) else { return "null" }
    let data = try? JSONSerialization.data(
      withJSONObject: value, options: [.sortedKeys, .fragmentsAllowed])
    return String(decoding: data ?? Data(), as: UTF8.self)
  }
}
