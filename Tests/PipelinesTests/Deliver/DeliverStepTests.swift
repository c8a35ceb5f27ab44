import Foundation
import Pipelines
import Streams
import Testing

@Suite struct `A deliver step` {
  private func load(_ to: String) throws -> PipelineDefinition {
    let path = NSTemporaryDirectory() + "rookery-deliver-" + UUID().uuidString + ".yaml"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(delivering(to).utf8).write(to: URL(filePath: path))
    return try PipelineDefinition.load(path, timezone: "UTC")
  }

  private static let mail = "from: a@b.net\n  to: c@d.net"

  @Test(arguments: [
    "- folder: /srv/www\n  files: [uptime.html, '*.csv']\n  catchUp: last",
    "- smtp: smtps://mail.example.net:465\n  \(mail)\n  credentials: MAIL\n  attachLimit: 20MiB",
    "- smtp: smtp://relay\n  \(mail)\n  tls: none\n  subject: '{{pipeline}} {{date}} {{run}}'",
    "- webhook: https://example.net/x?y=z\n  secret: HOOK\n  link: https://example.net/r",
    "- command: /usr/local/bin/publish\n  limit: 10m\n  pass: [A, B]",
    "- command: [/usr/local/bin/publish, '{{folder}}']\n- folder: /srv/www\n  catchUp: each",
  ])
  func `may be any of these`(to: String) throws {
    #expect(try load(to).steps.count == 2)
  }

  @Test(arguments: [
    ("- folder: www", "folder must be an absolute path"),
    ("- folder: /srv\n  webhook: http://x/", "must be one of folder, smtp, webhook, command"),
    ("- files: x", "must be one of folder, smtp, webhook, command"),
    ("- folder: /srv\n  attach: x", "there is no key steps[1].to[0].attach here"),
    ("- folder: /srv\n  catchUp: all", "catchUp must be each or last"),
    ("- folder: /srv\n- folder: /srv", "must be without folder /srv twice"),
    ("- smtp: mail.example.net\n  \(mail)", "smtp must be smtp://host:port or smtps://host:port"),
    ("- smtp: smtp://ada:x@mail/\n  \(mail)", "smtp must be smtp://host:port"),
    ("- smtp: smtp://mail\n  from: a@b.net", "to[0].to is missing"),
    ("- smtp: smtp://mail\n  from: 'a@b.net, c@d.net'\n  to: c@d.net", "from must be such as"),
    ("- smtp: smtp://mail\n  \(mail)\n  tls: none\n  credentials: M", "required where there are"),
    ("- smtp: smtp://mail\n  \(mail)\n  subject: '{{day}}'", "must be without {{day}}"),
    ("- smtp: smtp://mail\n  \(mail)\n  attachLimit: 1GiB", "a size from 1KiB to 50MiB"),
    ("- webhook: ftp://example.net/", "webhook must be https://host/path"),
    ("- webhook: https://ada:x@example.net/", "webhook must be https://host/path"),
    ("- command: publish", "command must be a program's absolute path"),
    ("- command: [/bin/x, '{{dir}}']", "must be without {{dir}}"),
    ("- command: /bin/x\n  limit: 0s", "limit must be at least 1s"),
  ])
  func `is refused with the key that is wrong`(to: String, says: String) throws {
    let error = try #require(throws: ConfigurationError.self) { _ = try load(to) }
    #expect(error.message.contains(says), "\(error.message)")
  }
}
