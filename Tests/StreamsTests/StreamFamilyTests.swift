import Testing

@testable import Streams

@Suite struct `A stream's family` {
  @Test(arguments: [
    ("service-uptime-api", StreamFamily.serviceUptime(service: "api")),
    ("service-uptime-a-b-c", .serviceUptime(service: "a-b-c")),
    ("service-uptime--", .serviceUptime(service: "-")),
    ("service-uptime-", .other), ("service-uptime", .other), ("Service-uptime-api", .other),
    ("service-status-api", .other),
    ("system-backup", .system(purpose: "backup")), ("system-", .other), ("system", .other),
    ("systems-backup", .other),
    ("connection-test", .connectionTest), ("connection-test-2", .other), ("connection", .other),
    ("$audit", .reserved), ("$user-1-profile", .reserved), ("$", .reserved),
    ("user-42-profile", .user(id: "42", category: .profile)),
    ("user-42-preferences", .user(id: "42", category: .preferences)),
    ("user-42-activity", .user(id: "42", category: .activity)),
    ("user-42-loans", .user(id: "42", category: .loans)),
    ("user-42-offers", .user(id: "42", category: .offers)),
    ("user-a-b-c-profile", .user(id: "a-b-c", category: .profile)),
    ("user-profile-loans", .user(id: "profile", category: .loans)),
    (
      "user-1b4e28ba-2fa1-11d2-883f-0016d3cca427-offers",
      .user(id: "1b4e28ba-2fa1-11d2-883f-0016d3cca427", category: .offers)
    ),
    ("user---profile", .user(id: "-", category: .profile)),
    ("user-\u{301}x-profile", .user(id: "\u{301}x", category: .profile)),
    ("user-é-profile", .user(id: "é", category: .profile)),
    ("user--profile", .other), ("user-profile", .other), ("user-42", .other), ("user-", .other),
    ("user-42-", .other), ("user-42-Profile", .other), ("user-42-invoices", .other),
    ("user-42-profile ", .other), ("user-42-profile\u{301}", .other), ("users-42-profile", .other),
    ("User-42-profile", .other), ("orders-1", .other), ("a", .other),
  ])
  func `is told by its name alone`(text: String, family: StreamFamily) throws {
    #expect(try StreamName(text).family == family)
  }

  @Test(arguments: UserCategory.allCases)
  func `of a user has five categories`(category: UserCategory) throws {
    #expect(UserCategory.allCases.count == 5)
    #expect(
      try StreamName("user-7-\(category.rawValue)").family == .user(id: "7", category: category))
  }
}

@Suite struct `The stream of a service` {
  @Test(arguments: [
    ("api", "service-uptime-api"), ("API", "service-uptime-api"),
    ("Login Service", "service-uptime-login-service"),
    ("  spaced  out  ", "service-uptime-spaced-out"),
    ("https://www.example.org/a?b=c", "service-uptime-https-www-example-org-a-b-c"),
    ("--a--b--", "service-uptime-a-b"), ("a_b.c", "service-uptime-a-b-c"),
    ("Über", "service-uptime-über"), ("ÉCOLE", "service-uptime-école"),
    ("日本語 サーバー", "service-uptime-日本語-サーバー"), ("İstanbul", "service-uptime-i̇stanbul"),
    ("Straße", "service-uptime-straße"), ("v2 🚀 launch", "service-uptime-v2-launch"),
    ("../../etc/passwd", "service-uptime-etc-passwd"), ("$audit", "service-uptime-audit"),
    ("line\nbreak\u{0}nul", "service-uptime-line-break-nul"), ("７", "service-uptime-７"),
  ])
  func `is named by its slug`(service: String, name: String) throws {
    #expect(try StreamName.serviceUptime(service).rawValue == name)
  }

  @Test(arguments: ["🚀", "!!!", "-", " ", "🚀🚀"])
  func `is named by a fingerprint when nothing else is left`(service: String) throws {
    let name = try StreamName.serviceUptime(service).rawValue
    #expect(name.wholeMatch(of: /service-uptime-[0-9a-f]{1,16}/) != nil)
    #expect(try StreamName.serviceUptime(service).rawValue == name)
  }

  @Test func `differs for names of marks only`() throws {
    let names = try Set(["🚀", "🎉", "!", "!!", "?", "☃"].map { try StreamName.serviceUptime($0) })
    #expect(names.count == 6)
  }

  @Test(arguments: [("API (EU)", "api-eu"), ("C++", "c"), ("a.b", "A B"), ("x!", "x")])
  func `is one stream for names that differ only in case and marks`(a: String, b: String) throws {
    #expect(try StreamName.serviceUptime(a) == StreamName.serviceUptime(b))
  }

  @Test(arguments: ["api", "Über uns", "🚀", "日本語", "a-b"])
  func `is the same when it is made from its own slug`(service: String) throws {
    let name = try StreamName.serviceUptime(service)
    guard case .serviceUptime(let slug) = name.family else {
      Issue.record("\(name) is no service's stream")
      return
    }
    #expect(try StreamName.serviceUptime(slug) == name)
  }

  @Test(arguments: [(240, true), (241, false)])
  func `has room for a slug of 240 bytes`(bytes: Int, fits: Bool) {
    let service = String(repeating: "x", count: bytes)
    #expect(((try? StreamName.serviceUptime(service)) != nil) == fits)
  }
}
