import Foundation
import Pipelines
import Reports
import Streams
import Testing

@Suite struct `Reports by mail` {
  private func yaml(_ server: TestServer, _ more: String = "tls: none", scheme: String = "smtp")
    -> String
  {
    delivering(
      """
      - smtp: \(scheme)://127.0.0.1:\(server.port)
        from: Rookery <rookery@example.net>
        to: [boss@example.net, second@example.net]
        subject: "Verfügbarkeit am {{date}}, und ein Betreff, der länger ist als eine Zeile, die man lesen mag"
        attach: [uptime.html, "*.csv"]
        \(more)
      """, options: "timeout: 2s")
  }

  @Test func `come as text, with the files that were asked for`() throws {
    let scratch = try Scratch.withFacts()
    let server = try TestServer("smtp", "accept")
    let step = try scratch.deliver(yaml(server))
    #expect(step.result == .done, "\(step.detail)")
    let message = try #require(try server.received().first)
    #expect(message["sender"] as? String == "rookery@example.net")
    #expect(message["from"] as? String == "Rookery <rookery@example.net>")
    #expect(message["to"] as? [String] == ["boss@example.net", "second@example.net"])
    #expect(
      message["subject"] as? String
        == "Verfügbarkeit am 2025-01-03, und ein Betreff, der länger ist als eine Zeile, die man lesen mag"
    )
    #expect(message["date"] as? String == "2025-01-06T04:00:00+00:00")
    let text = try #require(message["text"] as? String)
    let report = try scratch.report("2025-01-03", "uptime.txt")
    #expect(text == report.replacing("\n", with: "\r\n"))
    #expect(text.contains("api: "))
    let attachments = try #require(message["attachments"] as? [[String: String]])
    #expect(
      attachments.compactMap { $0["name"] }
        == (UptimeTable.allCases.map { "uptime\($0.fileEnding)" } + ["uptime.html"]).sorted())
    #expect(attachments.last?["type"] == "text/html")
    for attachment in attachments {
      let name = try #require(attachment["name"])
      #expect(attachment["sha256"] == (try sha256(scratch.root + "/reports/2025-01-03/" + name)))
    }
    #expect(message["defects"] as? [String] == [])
    #expect(try #require(message["longestLine"] as? Int) <= 78)
  }

  @Test(arguments: [("--starttls", "PLAIN"), ("--smtps", "LOGIN")])
  func `are sent over TLS, to a server that knows us`(option: String, mechanism: String) throws {
    let server = try TestServer(
      "smtp", "accept", [option, "FOLDER", "--auth", "ada:sesame", "--mechanism", mechanism])
    let scratch = try Scratch.withFacts()
    let yaml = yaml(
      server, "credentials: MAIL", scheme: option == "--smtps" ? "smtps" : "smtp")
    let step = try scratch.deliver(
      yaml,
      environment: [
        "MAIL_USER": "ada", "MAIL_PASSWORD": "sesame", "CURL_CA_BUNDLE": server.authority,
      ])
    #expect(step.result == .done, "\(step.detail)")
    let message = try #require(try server.received().first)
    #expect(message["tls"] as? Bool == true)
    #expect(message["user"] as? String == "ada")
    #expect(try server.entries().first?["mechanism"] as? String == mechanism)
  }

  @Test func `are not sent to a server whose certificate nobody trusts, or that has none`() throws {
    let strange = try TestServer("smtp", "accept", ["--starttls", "FOLDER"])
    let plain = try TestServer("smtp", "accept")
    for server in [strange, plain] {
      let scratch = try Scratch.withFacts()
      let step = try scratch.deliver(yaml(server, "tls: required"))
      #expect(step.result == .failed)
      #expect(try server.entries().isEmpty)
      #expect(try scratch.deliveries().map(\.state) == [.failed])
    }
  }

  @Test func `with a wrong password fail at once, and nobody is told the password`() throws {
    let server = try TestServer(
      "smtp", "accept", ["--starttls", "FOLDER", "--auth", "ada:sesame"])
    let scratch = try Scratch.withFacts()
    let step = try scratch.deliver(
      yaml(server, "credentials: MAIL"),
      environment: [
        "MAIL_USER": "ada", "MAIL_PASSWORD": "grobian", "CURL_CA_BUNDLE": server.authority,
      ])
    #expect(step.result == .failed)
    #expect(step.detail.contains("535 not with (hidden)"), "\(step.detail)")
    #expect(try server.entries().allSatisfy { $0["password"] as? String == "grobian" })
    #expect(try scratch.deliveries().map(\.attempts) == [1])
    try expectNowhere("grobian", scratch.root)
  }

  @Test func `need their credentials in the environment`() throws {
    let scratch = try Scratch.withFacts()
    let server = try TestServer("smtp", "accept")
    let step = try scratch.deliver(yaml(server, "credentials: MAIL"))
    #expect(step.detail.contains("$MAIL_USER is not set"), "\(step.detail)")
    #expect(try server.entries().isEmpty)
  }

  @Test(arguments: [("451,452,accept", 3), ("drop-early,accept", 2), ("rcpt-450,accept", 2)])
  func `are tried again until the server takes them, with the same id`(
    answers: String, tries: Int
  ) throws {
    let scratch = try Scratch.withFacts()
    let server = try TestServer("smtp", answers)
    let step = try scratch.deliver(yaml(server))
    #expect(step.result == .done, "\(step.detail)")
    #expect(try scratch.deliveries().map(\.attempts) == [tries])
    let messages = try server.received()
    #expect(messages.last?["answer"] as? String == "accept")
    #expect(Set(messages.compactMap { $0["id"] as? String }).count == 1)
  }

  @Test(arguments: [("554,accept", "554 as the test has it"), ("rcpt-550,accept", "550 no such")])
  func `that the server does not want are not tried again, but by the next run`(
    answers: String, reason: String
  ) throws {
    let scratch = try Scratch.withFacts()
    let server = try TestServer("smtp", answers)
    let step = try scratch.deliver(yaml(server))
    #expect(step.result == .failed)
    #expect(step.detail.contains(reason), "\(step.detail)")
    #expect(try scratch.deliveries().map(\.attempts) == [1])
    #expect(try scratch.deliver(yaml(server)).result == .done)
    #expect(try server.received().last?["answer"] as? String == "accept")
    #expect(try scratch.deliver(yaml(server)).detail.hasSuffix("was sent already"))
    #expect(try server.received().count { $0["answer"] as? String == "accept" } == 1)
  }

  @Test func `that may have arrived are not sent again, unless somebody says so, with the same id`()
    throws
  {
    let scratch = try Scratch.withFacts()
    let server = try TestServer("smtp", "drop,accept")
    let step = try scratch.deliver(yaml(server))
    #expect(step.result == .failed)
    #expect(step.detail.contains("unknown whether it arrived"), "\(step.detail)")
    #expect(step.detail.contains("--redeliver"), "\(step.detail)")
    let again = try scratch.deliver(yaml(server))
    #expect(again.result == .done)
    #expect(again.detail.contains("unknown whether it was sent"), "\(again.detail)")
    #expect(try server.received().count == 1)
    #expect(try scratch.deliver(yaml(server), redeliver: true).result == .done)
    let ids = try server.received().compactMap { $0["id"] as? String }
    #expect(ids.count == 2 && Set(ids).count == 1)
  }

  @Test func `to a server that never answers end with its time`() throws {
    let scratch = try Scratch.withFacts()
    let server = try TestServer("smtp", "silent")
    let step = try scratch.deliver(
      yaml(server).replacing("timeout: 2s", with: "timeout: 1s\n  tries: 2"))
    #expect(step.result == .failed)
    #expect(step.detail.contains("after 2 tries"), "\(step.detail)")
    #expect(try server.entries().count == 2)
  }

  @Test func `with more attached than allowed are not sent`() throws {
    let scratch = try Scratch.withFacts()
    let server = try TestServer("smtp", "accept")
    let step = try scratch.deliver(yaml(server, "tls: none\n  attachLimit: 2KiB"))
    #expect(step.result == .failed)
    #expect(step.detail.contains("uptime.html"), "\(step.detail)")
    #expect(step.detail.contains("2048 is the most"), "\(step.detail)")
    #expect(try server.entries().isEmpty)
  }
}

/// Neither the store nor anything beside it has `secret` in it.
func expectNowhere(_ secret: String, _ root: String) throws {
  let files = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
  #expect(!files.isEmpty)
  for file in files where !file.hasSuffix(".yaml") {
    guard let data = FileManager.default.contents(atPath: "\(root)/\(file)") else { continue }
    #expect(data.range(of: Data(secret.utf8)) == nil, "\(file)")
  }
}

private func sha256(_ path: String) throws -> String {
  let process = Process()
  let output = Pipe()
  process.executableURL = URL(filePath: "/usr/bin/sha256sum")
  process.arguments = [path]
  process.standardOutput = output
  try process.run()
  let data = try output.fileHandleForReading.readToEnd() ?? Data()
  process.waitUntilExit()
  return String(decoding: data.prefix(64), as: UTF8.self)
}
