import Foundation
import Testing

/// Reads of the archive through the command line.
@Suite struct `A command that reads the archive` {
  /// A store whose only user stream has `events` events of 4 KB, all of them archived.
  private static func archived(_ events: Int) throws -> Program {
    let program = try Program()
    let text = String(repeating: "0123456789abcdef", count: 256)
    let lines = (0..<events).map {
      #"{"stream":"ledger","type":"Booked","data":{"number":\#($0),"text":"\#(text)"}}"#
    }
    let file = try program.write("events.ndjson", lines.joined(separator: "\n") + "\n")
    #expect(try program.run(["ingest", file]).status == 0)
    #expect(try program.run(["stream", "archive", "ledger", "--without-policy"]).status == 0)
    return program
  }

  private func revisions(_ result: Program.Result) -> [Int] {
    result.out.split(separator: "\n").compactMap { line in
      let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return object?["revision"] as? Int
    }
  }

  @Test func `prints what it is asked for, as if nothing was archived`() throws {
    let program = try Self.archived(600)
    for number in 600..<604 {
      try program.run(["append", "other", "Booked", "--data", "{\"number\":\(number)}"])
    }
    let cases: [([String], [Int])] = [
      (["-n", "1"], [599]), (["-n", "3"], [597, 598, 599]),
      (["--from", "0", "--limit", "1"], [0]), (["--from", "300", "--limit", "2"], [300, 301]),
      (["--backward", "--limit", "2"], [599, 598]),
      (["--backward", "--from", "1"], [1, 0]), (["--from", "598"], [598, 599]),
      (["--from", "600"], []), (["--limit", "0"], []), (["-n", "0"], []),
      (["--from", "9223372036854775807", "--limit", "9223372036854775807"], []),
      (["--backward", "--from", "3", "--limit", "9223372036854775807"], [3, 2, 1, 0]),
      (["-n", "2", "--type", "Booked"], [598, 599]), (["-n", "2", "--type", "Lost"], []),
    ]
    for (arguments, expected) in cases {
      let result = try program.run(["read", "ledger", "--json"] + arguments)
      #expect(result.status == 0, "\(arguments)")
      #expect(revisions(result) == expected, "\(arguments)")
    }
    #expect(revisions(try program.run(["read", "ledger", "--json"])) == Array(0..<600))
  }

  @Test func `leaves the archive alone with --hot-only, and says what it left out`() throws {
    let program = try Self.archived(10)
    #expect(try program.run(["stream", "reopen", "ledger", "--reason", "more"]).status == 0)
    for number in 10..<14 {
      try program.run(["append", "ledger", "Booked", "--data", "{\"number\":\(number)}"])
    }
    // What is not opened is not missed.
    try FileManager.default.removeItem(atPath: program.store + ".segments")
    let cases: [([String], [Int], String?)] = [
      ([], [10, 11, 12, 13], "Revisions 0 to 9"), (["-n", "2"], [12, 13], nil),
      (["-n", "6"], [10, 11, 12, 13], "Revisions 8 to 9"),
      (["--from", "3", "--limit", "2"], [10, 11], "Revisions 3 to 4"),
      (["--from", "11", "--limit", "2"], [11, 12], nil),
      (["--backward"], [13, 12, 11, 10], "Revisions 0 to 9"),
      (["--backward", "--from", "4"], [], "Revisions 0 to 4"),
      (["--backward", "--limit", "2"], [13, 12], nil),
    ]
    for (arguments, expected, said) in cases {
      let result = try program.run(["read", "ledger", "--json", "--hot-only"] + arguments)
      #expect(result.status == 0, "\(arguments): \(result.err)")
      #expect(revisions(result) == expected, "\(arguments)")
      #expect(said.map { result.err.contains($0) } ?? result.err.isEmpty, "\(arguments)")
    }
    // The folder is not there: that says nothing of what is in it.
    for command in [["read", "ledger"], ["segments", "verify"], ["segments", "repair"]] {
      let result = try program.run(command)
      #expect(result.status == 1, "\(command): \(result.err)")
      #expect(result.err.contains("mounted"), "\(result.err)")
    }
    #expect(!FileManager.default.fileExists(atPath: program.store + ".segments"))
  }

  @Test func `prints many streams in the order of their events, archived or not`() throws {
    let program = try Program()
    let names = ["user-1-loans", "ledger-1", "ledger-2"]
    let lines = (0..<30).map {
      #"{"stream":"\#(names[$0 % 3])","type":"T","data":[\#($0)]}"#
    }
    let input = try program.write("events.ndjson", lines.joined(separator: "\n") + "\n")
    #expect(try program.run(["ingest", input]).status == 0)
    func numbers(_ arguments: [String]) throws -> [Int] {
      let result = try program.run(["read", "--json"] + arguments)
      #expect(result.status == 0, "\(arguments): \(result.err)")
      return result.out.split(separator: "\n").compactMap { line in
        let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return (object?["data"] as? [Int])?.first
      }
    }
    for name in ["ledger-1", "user-1-loans"] {
      #expect(
        try program.run(["stream", "archive", name, "--without-policy", "--grace", "0"]).status == 0
      )
      let ledgers = (0..<30).filter { $0 % 3 != 0 }
      #expect(try numbers(["--pattern", "*"]) == Array(0..<30))
      #expect(try numbers(["--pattern", "*", "--backward", "--limit", "3"]) == [29, 28, 27])
      #expect(try numbers(["--pattern", "ledger-*"]) == ledgers)
      #expect(try numbers(["--pattern", "ledger-*", "-n", "2"]) == [28, 29])
      #expect(try numbers(["--pattern", "*", "--from", "10", "--limit", "2"]) == [10, 11])
      #expect(try numbers(["--pattern", "*", "--as", "user:1", "--limit", "2"]) == [0, 3])
      #expect(
        try numbers(["--pattern", "ledger-*", "--hot-only"]) == (0..<30).filter { $0 % 3 == 2 })
    }
    let left = try program.run(["read", "--pattern", "*", "--hot-only"])
    #expect(left.err.contains("20 events of 2 streams"), "\(left.err)")
    let audit = try program.run(["read", "$audit", "--json"])
    #expect(audit.out.contains("UserDataRead"))
    #expect(try program.run(["read", "ledger-2", "--pattern", "*"]).status == 2)
    #expect(try program.run(["read"]).status == 2)
    let list = try program.run(["segments", "list", "--json"]).out
    let catalog = try JSONSerialization.jsonObject(with: Data(list.utf8)) as? [String: Any]
    let segments = try #require(catalog?["segments"] as? [[String: Any]])
    let file = try #require(segments.last?["file"] as? String)
    try FileManager.default.removeItem(atPath: program.store + ".segments/" + file)
    let lost = try program.run(["read", "--pattern", "*"])
    #expect(lost.status == 5 && lost.err.contains("user-1-loans"), "\(lost.err)")
  }

  @Test func `reads one frame for one event, however large its segment is`() throws {
    var pages: [Int] = []
    for events in [600, 6000] {
      let program = try Self.archived(events)
      let result = try program.shell(
        """
        strace -f -y -e trace=read,pread64 -o trace "$ROOKERY" read ledger --json \
          --from \(events / 2) --limit 1
        """)
      #expect(revisions(result) == [events / 2], "\(result.err)")
      let trace = try String(contentsOfFile: program.folder + "/trace", encoding: .utf8)
        .split(separator: "\n")
      let segment = trace.filter { $0.contains(".tar.zst>") }
      #expect(segment.count == 1, "\(segment)")
      pages.append(trace.count { $0.contains("store.db") && $0.contains("pread64") })
    }
    // A tree that is a level higher, of one table or another.
    #expect(pages[1] <= pages[0] + 6, "\(pages)")
  }
}
