import Foundation
import Pipelines
import Streams
import Testing

@Suite struct `A webhook` {
  private func yaml(_ server: TestServer, _ more: String = "", scheme: String = "http") -> String {
    delivering(
      """
      - webhook: \(scheme)://127.0.0.1:\(server.port)/hooks/very-secret-path
        secret: HOOK
        link: https://reports.example.net/
      """, options: "timeout: 1s\n  \(more)")
  }

  private let environment = ["HOOK": "a long secret"]

  @Test func `is told the night, its figures and its files, signed`() throws {
    let server = try TestServer("webhook", "204", ["--secret", "a long secret"])
    let scratch = try Scratch.withFacts()
    let step = try scratch.deliver(yaml(server), environment: environment)
    #expect(step.result == .done, "\(step.detail)")
    let request = try #require(try server.received().first)
    #expect(request["path"] as? String == "/hooks/very-secret-path")
    #expect(request["isSigned"] as? Bool == true)
    let body = try #require(request["body"] as? String)
    let message = try #require(
      try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
    let data = try #require(message["data"] as? [String: Any])
    #expect(data["date"] as? String == "2025-01-03")
    #expect(data["pipeline"] as? String == "nightly")
    #expect((data["headline"] as? String)?.hasPrefix("api: ") == true)
    let services = try #require(data["services"] as? [[String: Any]])
    #expect(services.map { $0["service"] as? String } == ["api"])
    let report = try scratch.report("2025-01-03", "uptime.json")
    #expect(
      report.contains("\"availabilityPct\":\"\(services[0]["availabilityPct"] as? String ?? "")\""))
    let files = try #require(data["files"] as? [[String: Any]])
    #expect(
      files.compactMap { $0["link"] as? String }
        .contains("https://reports.example.net/2025-01-03/uptime.html"))
  }

  @Test func `behind TLS is trusted by the authority that the environment names`() throws {
    let server = try TestServer("webhook", "200", ["--tls", "FOLDER"])
    let scratch = try Scratch.withFacts()
    let yaml = yaml(server, scheme: "https")
    #expect(try scratch.deliver(yaml, environment: environment).result == .failed)
    #expect(try server.received().isEmpty)
    let step = try scratch.deliver(
      yaml, environment: environment.merging(["CURL_CA_BUNDLE": server.authority]) { $1 })
    #expect(step.result == .done, "\(step.detail)")
    #expect(try server.received().count == 1)
  }

  @Test(arguments: [
    ("500,503,200", Delivery.State.sent, 3), ("408,425,429,201", .sent, 4),
    ("429/1,200", .sent, 2), ("slow", .sent, 1), ("503", .failed, 5), ("429/3600", .failed, 1),
    ("404", .failed, 1), ("401,200", .failed, 1), ("drop", .unknown, 1), ("silent", .unknown, 1),
  ])
  func `gets as many requests as its answers ask for, all with one key`(
    answers: String, state: Delivery.State, requests: Int
  ) throws {
    let scratch = try Scratch.withFacts()
    let server = try TestServer("webhook", answers)
    let step = try scratch.deliver(yaml(server), environment: environment)
    #expect(step.result == (state == .sent ? .done : .failed), "\(step.detail)")
    let delivery = try #require(try scratch.deliveries().first)
    #expect(delivery.state == state)
    #expect(delivery.attempts == requests)
    let received = try server.received()
    #expect(received.count == requests)
    let keys = received.compactMap { ($0["headers"] as? [String: String])?["idempotency-key"] }
    #expect(keys.count == requests && Set(keys).count == 1)
    #expect(Set(received.compactMap { $0["body"] as? String }).count == 1)
  }

  @Test func `that leads elsewhere is not followed`() throws {
    let other = try TestServer("webhook", "200")
    let server = try TestServer("webhook", "307/http://127.0.0.1:\(other.port)/elsewhere")
    let scratch = try Scratch.withFacts()
    let step = try scratch.deliver(yaml(server), environment: environment)
    #expect(step.result == .failed)
    #expect(step.detail.contains("redirects are not followed"), "\(step.detail)")
    #expect(try server.received().count == 1)
    #expect(try other.received().isEmpty)
  }

  @Test func `that nobody listens at is tried, and told of without its path or its secret`() throws
  {
    var server: TestServer? = try TestServer("webhook", "200")
    let yaml = yaml(try #require(server), "tries: 2")
    server = nil
    let scratch = try Scratch.withFacts()
    let step = try scratch.deliver(yaml, environment: environment)
    #expect(step.result == .failed)
    #expect(step.detail.contains("after 2 tries"), "\(step.detail)")
    try expectNowhere("very-secret-path", scratch.root)
    try expectNowhere("a long secret", scratch.root)
  }

  @Test func `while it fails keeps no other destination from its reports`() throws {
    let scratch = try Scratch.withFacts()
    let server = try TestServer("webhook", "500")
    let yaml = yaml(server, "tries: 1") + "\n  - folder: \(scratch.root)/www\n"
    let step = try scratch.deliver(yaml, environment: environment)
    #expect(step.result == .failed)
    #expect(Set(try scratch.deliveries().map(\.state)) == [.failed, .sent])
    #expect(FileManager.default.fileExists(atPath: scratch.root + "/www/latest/uptime.html"))
  }
}
