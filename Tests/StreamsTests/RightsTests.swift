import Testing

@testable import Streams

@Suite struct `The rights matrix` {
  /// What a principal may do: read, write, administer.
  typealias Row = (stream: String, principal: Principal, rights: String)

  @Test(arguments: [
    ("service-uptime-api", Principal.system, "rwa"), ("service-uptime-api", .user("42"), "---"),
    ("service-uptime-api", .anonymous, "---"),
    ("system-backup", .system, "rwa"), ("system-backup", .user("42"), "---"),
    ("system-backup", .anonymous, "---"),
    ("user-42-loans", .system, "rwa"), ("user-42-loans", .user("42"), "rwa"),
    ("user-42-loans", .user("43"), "---"), ("user-42-loans", .user("4"), "---"),
    ("user-42-loans", .user("system"), "---"), ("user-42-loans", .anonymous, "---"),
    ("user-a-b-profile", .user("a-b"), "rwa"), ("user-a-b-profile", .user("a"), "---"),
    ("user-a-b-profile", .user("b"), "---"),
    ("user-system-profile", .system, "rwa"), ("user-anonymous-profile", .anonymous, "---"),
    ("user-é-profile", .user("\u{E9}"), "rwa"), ("user-é-profile", .user("e\u{301}"), "---"),
    ("connection-test", .system, "rwa"), ("connection-test", .user("42"), "---"),
    ("connection-test", .anonymous, "---"),
    ("orders-1", .system, "rwa"), ("orders-1", .user("42"), "---"), ("orders-1", .anonymous, "---"),
    ("user-42-invoices", .system, "rwa"), ("user-42-invoices", .user("42"), "---"),
    ("$audit", .system, "r-a"), ("$audit", .user("42"), "---"), ("$audit", .anonymous, "---"),
    ("$user-42-loans", .user("42"), "---"),
  ])
  func `of a stream without permissions is its family's`(row: Row) throws {
    #expect(try rights(row.principal, row.stream, nil) == row.rights)
    #expect(try rights(row.principal, row.stream, Permissions()) == row.rights)
  }

  @Test(arguments: Action.allCases, [Principal.system, .user("42"), .user("43"), .anonymous])
  func `is replaced for the actions a stream's permissions name, and only for those`(
    named: Action, principal: Principal
  ) throws {
    let name = try StreamName("user-42-loans")
    let grantees: [Set<Permissions.Grantee>] = [
      [], [.everyone], [.principal(principal)], [.principal(.user("99"))],
      [.principal(.user("99")), .principal(principal)],
    ]
    for granted in grantees {
      for action in Action.allCases {
        let isAllowed = Rights.allow(
          principal, to: action, name, permissions: Permissions([named: granted]))
        let expected =
          if action == .administer, principal == .system {
            true
          } else if action == named {
            granted.contains(.everyone) || granted.contains(.principal(principal))
          } else {
            Rights.allow(principal, to: action, name)
          }
        #expect(isAllowed == expected, "\(principal) \(action) with \(named): \(granted)")
      }
    }
  }

  @Test(arguments: [
    // Narrowed: not even system writes, nobody but user 7 reads.
    (Permissions([.read: [.principal(.user("7"))], .write: []]), Principal.system, "--a"),
    (Permissions([.read: [.principal(.user("7"))], .write: []]), .user("7"), "r--"),
    (Permissions([.read: [.principal(.user("7"))], .write: []]), .user("42"), "--a"),
    // Widened: the world reads.
    (Permissions([.read: [.everyone]]), .anonymous, "r--"),
    (Permissions([.read: [.everyone]]), .user("7"), "r--"),
    (Permissions([.read: [.everyone]]), .user("42"), "rwa"),
    // A named principal that is nobody's.
    (Permissions([.administer: [.principal(.anonymous)]]), .anonymous, "--a"),
    (Permissions([.administer: [.principal(.anonymous)]]), .user("42"), "rw-"),
    (Permissions([.administer: []]), .system, "rwa"),
  ])
  func `can be narrowed and widened`(
    permissions: Permissions, principal: Principal, expected: String
  ) throws {
    #expect(try rights(principal, "user-42-loans", permissions) == expected)
  }

  @Test(arguments: ["$audit", "service-uptime-a", "user-1-loans", "x"])
  func `never locks the system out of administering`(stream: String) throws {
    let closed = Permissions([.read: [], .write: [], .administer: []])
    #expect(Rights.allow(.system, to: .administer, try StreamName(stream), permissions: closed))
  }

  @Test(arguments: [Principal.user("42"), .anonymous])
  func `of the store's own streams can't be widened`(principal: Principal) throws {
    let open = Permissions([.read: [.everyone], .write: [.everyone], .administer: [.everyone]])
    #expect(try rights(principal, "$audit", open) == "---")
    #expect(try rights(.system, "$audit", open) == "r-a")
  }

  @Test(arguments: [
    ("user-42-loans", Principal.system, true), ("user-42-loans", .user("42"), false),
    ("user-42-invoices", .system, false), ("service-uptime-a", .system, false),
    ("$audit", .system, false), ("system-x", .system, false),
  ])
  func `has every system read of user data recorded`(
    stream: String, principal: Principal, isRecorded: Bool
  ) throws {
    #expect(try Rights.mustAudit(principal, reading: StreamName(stream)) == isRecorded)
  }

  @Test func `says no without a hint about data`() throws {
    let denied = PermissionDenied(
      principal: .user("7"), action: .read, stream: try StreamName("user-42-loans"))
    #expect(denied.code == .permissionDenied)
    #expect(denied.message == "user:7 may not read user-42-loans.")
  }

  private func rights(
    _ principal: Principal, _ stream: String, _ permissions: Permissions?
  ) throws -> String {
    let name = try StreamName(stream)
    return zip(Action.allCases, ["r", "w", "a"]).map { action, letter in
      Rights.allow(principal, to: action, name, permissions: permissions) ? letter : "-"
    }.joined()
  }
}

@Suite struct `A principal` {
  @Test(arguments: [
    ("system", Principal.system), ("anonymous", .anonymous), ("user:42", .user("42")),
    ("user:a-b", .user("a-b")), ("user:system", .user("system")), ("user:user:1", .user("user:1")),
    ("user: ", .user(" ")), ("user:é", .user("é")), ("user:\u{301}x", .user("\u{301}x")),
  ])
  func `is read from its text and written back`(text: String, principal: Principal) {
    #expect(Principal(text) == principal)
    #expect(principal.description == text)
  }

  @Test(arguments: [
    "", "user:", "user", "User:42", "SYSTEM", " system", "root", "*", "42", "anonymous:1",
    "users:42",
  ])
  func `is not read from anything else`(text: String) { #expect(Principal(text) == nil) }

  @Test func `is another when only its bytes differ`() {
    #expect(Principal.user("\u{E9}") != .user("e\u{301}"))
    #expect(Set<Principal>([.user("\u{E9}"), .user("e\u{301}"), .system, .anonymous]).count == 4)
    #expect(Principal.user("system") != .system)
  }

  @Test(arguments: [
    ("*", Permissions.Grantee.everyone), ("system", .principal(.system)),
    ("user:*", .principal(.user("*"))),
  ])
  func `or everyone can be granted a right`(text: String, grantee: Permissions.Grantee) {
    #expect(Permissions.Grantee(text) == grantee)
  }

  @Test(arguments: ["", "everyone", "**", "user:"])
  func `that can't be read is granted nothing`(text: String) {
    #expect(Permissions.Grantee(text) == nil)
  }
}
