internal import Streams

/// One line in the Common or Combined Log Format:
/// `address ident user [time] "request" status bytes ["referrer" "agent"]`, with a virtual host in
/// front where the server logs one. Texts are as logged, escapes and all.
struct AccessLogLine {
  let virtualHost: UnsafeRawBufferPointer?
  let address: UnsafeRawBufferPointer
  let user: UnsafeRawBufferPointer
  let time: UnsafeRawBufferPointer
  let method: UnsafeRawBufferPointer
  let target: UnsafeRawBufferPointer
  /// Empty for HTTP 0.9.
  let version: UnsafeRawBufferPointer
  let status: UnsafeRawBufferPointer
  /// Digits or `-`.
  let bytes: UnsafeRawBufferPointer
  let referrer: UnsafeRawBufferPointer?
  let agent: UnsafeRawBufferPointer?

  /// - Throws: ``Rejection`` naming the field.
  init(_ line: UnsafeRawBufferPointer) throws(Rejection) {
    guard !line.contains(0) else { throw Rejection(.invalidEvent, "holds a NUL byte") }
    var scan = Scan(rest: line)
    guard let head = scan.upTo(UInt8(ascii: "[")), let time = scan.upTo(UInt8(ascii: "]")) else {
      throw Self.refused("timestamp", "there is no time between brackets")
    }
    // A user's name may hold blanks; addresses and idents do not.
    let words = head.split(separator: UInt8(ascii: " "), maxSplits: 3)
      .map { UnsafeRawBufferPointer(rebasing: $0).trimmed }.filter { !$0.isEmpty }
    guard words.count >= 3 else {
      throw Self.refused("user", "address, ident and user must stand before the time")
    }
    let hasHost = words.count == 4 && words[2].equals("-")
    virtualHost = hasHost ? words[0] : nil
    address = words[hasHost ? 1 : 0]
    user = Self.rest(of: head, from: words[hasHost ? 3 : 2])
    self.time = time
    guard let request = scan.quoted(), let status = scan.word(), status.count == 3,
      status.number(0..<3) != nil, let bytes = scan.word()
    else { throw Self.refused("", "is not in the Common Log Format") }
    let parts = request.split(separator: UInt8(ascii: " ")).map {
      UnsafeRawBufferPointer(rebasing: $0)
    }
    guard parts.count == 2 || parts.count == 3, Self.isToken(parts[0]) else {
      throw Self.refused("action", "the request has no method and path")
    }
    (method, target) = (parts[0], parts[1])
    version = parts.count == 3 ? parts[2] : UnsafeRawBufferPointer(start: nil, count: 0)
    (self.status, self.bytes) = (status, bytes)
    referrer = scan.quoted()
    agent = scan.quoted()
  }

  /// The first part of the path: `images` of `/images/a.png?x=1`, `(root)` of `/`.
  var category: [UInt8] {
    let path = target.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
    guard path.first == UInt8(ascii: "/") else { return Array("(other)".utf8) }
    let first = path.dropFirst().drop { $0 == UInt8(ascii: "/") }
      .prefix { $0 != UInt8(ascii: "/") }
    return first.isEmpty ? Array("(root)".utf8) : Array(first)
  }

  private static func refused(_ field: String, _ reason: String) -> Rejection {
    Rejection(.invalidEvent, field: field, reason)
  }

  /// What of `head` begins where `word` does, without blanks at its end.
  private static func rest(
    of head: UnsafeRawBufferPointer, from word: UnsafeRawBufferPointer
  ) -> UnsafeRawBufferPointer {
    guard let start = head.baseAddress, let at = word.baseAddress else { return word }
    return UnsafeRawBufferPointer(rebasing: head[start.distance(to: at)...]).trimmed
  }

  /// A method is letters (RFC 9110 §9.1 allows a little more, and nobody uses it).
  private static func isToken(_ text: UnsafeRawBufferPointer) -> Bool {
    text.count <= 32
      && text.allSatisfy {
        ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z")
          || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
      }
  }
}

private struct Scan {
  var rest: UnsafeRawBufferPointer

  /// What stands before `mark`, which is passed over.
  mutating func upTo(_ mark: UInt8) -> UnsafeRawBufferPointer? {
    guard let end = rest.firstIndex(of: mark) else { return nil }
    defer { rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...]) }
    return UnsafeRawBufferPointer(rebasing: rest[..<end])
  }

  mutating func word() -> UnsafeRawBufferPointer? {
    rest = rest.trimmed
    let end = rest.firstIndex(of: UInt8(ascii: " ")) ?? rest.count
    guard end > 0 else { return nil }
    defer { rest = UnsafeRawBufferPointer(rebasing: rest[end...]) }
    return UnsafeRawBufferPointer(rebasing: rest[..<end])
  }

  /// The text between quotes; one after a backslash does not end it.
  mutating func quoted() -> UnsafeRawBufferPointer? {
    rest = rest.trimmed
    guard rest.first == UInt8(ascii: "\"") else { return nil }
    var at = 1
    while at < rest.count, rest[at] != UInt8(ascii: "\"") {
      at += rest[at] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard at < rest.count else { return nil }
    defer { rest = UnsafeRawBufferPointer(rebasing: rest[(at + 1)...]) }
    return UnsafeRawBufferPointer(rebasing: rest[1..<at])
  }
}
