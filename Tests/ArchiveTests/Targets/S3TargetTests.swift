import Foundation
import Segments
import Streams
import Synchronization
import Testing
import Transport

@testable import Archive

/// Bytes that are only ever read, as a file is.
final class Bytes: ByteSource {
  let path = "memory"
  let content: [UInt8]
  init(_ content: [UInt8]) { self.content = content }
  func size() -> Int64 { Int64(content.count) }
  func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int64) -> Int {
    let part = content.dropFirst(Int(offset)).prefix(bytes.count)
    bytes.copyBytes(from: part)
    return part.count
  }
  func permissions() -> UInt32? { nil }
  func dropCache() {}

  var sha256: SHA256Sum { SHA256Sum(of: content) }

  /// Bytes that repeat nowhere.
  static func random(_ count: Int) -> Bytes {
    var state: UInt64 = 42
    return Bytes(
      (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
      })
  }
}

extension Patience {
  /// Tries as often as always, but quickly.
  static var quick: Patience {
    var patience = Patience()
    patience.firstPause = 1
    patience.longestPause = 2
    return patience
  }
}

private let name = "ab/abcdef-g1.tar.zst"

@Suite struct `An S3 target` {
  private let server: ObjectServer

  init() throws { server = try ObjectServer.shared.get() }

  private func target(
    _ address: String, port: Int? = nil, _ patience: Patience = .quick
  ) throws -> any Target {
    try Targets(
      environment: ObjectServer.environment(port: port ?? server.port), patience: patience
    )
    .target(address)
  }

  @Test func `keeps what was put there, and gives any range of it`() throws {
    let target = try target(server.newPlace())
    let file = Bytes.random(100_000)
    #expect(try target.stat(name) == nil)
    #expect(try target.put(file, as: name, sha256: file.sha256))
    #expect(try target.stat(name)?.bytes == 100_000)
    #expect(try target.names() == [name])
    let source = try target.source(name, bytes: nil, version: nil)
    #expect(try source.size() == 100_000)
    #expect(try source.sha256() == file.sha256)
    #expect(try source.bytes(at: 70_000, count: 10) == Array(file.content[70_000..<70_010]))
    #expect(try source.bytes(at: 99_995, count: 10) == Array(file.content.suffix(5)))
    #expect(try source.bytes(at: 100_000, count: 10).isEmpty)
    try target.delete(name, version: nil)
    #expect(try target.stat(name) == nil)
    #expect(throws: SegmentError.missing(segment: target.address + "/" + name)) {
      try target.source(name, bytes: nil, version: nil).size()
    }
  }

  @Test func `never writes over anything`() throws {
    let address = server.newPlace()
    let first = Bytes.random(1000)
    #expect(try target(address).put(first, as: name, sha256: first.sha256))
    let other = Bytes(Array("something else".utf8))
    #expect(try !target(address).put(other, as: name, sha256: other.sha256))
    // Also when the name is taken between asking and writing.
    let proxy = try FaultProxy(before: server.port) { line in
      line.hasPrefix("HEAD") ? .status(404, "NoSuchKey") : nil
    }
    #expect(try !target(address, port: proxy.port).put(other, as: name, sha256: other.sha256))
    #expect(proxy.fired == 1)
    #expect(proxy.requests.contains { $0.hasPrefix("PUT") })
    #expect(try target(address).source(name, bytes: nil, version: nil).sha256() == first.sha256)
  }

  @Test func `lists more keys than fit a page`() throws {
    let address = server.newPlace()
    let place = address.split(separator: "/").dropFirst(2).joined(separator: "/") + "/"
    let target = try target(address)
    let file = Bytes.random(10)
    let names = (0..<5).map { "0\($0)/segment-\($0)-g1.tar.zst" }
    for name in names { #expect(try target.put(file, as: name, sha256: file.sha256)) }
    let pages = try #require(target as? S3Target).pages(
      S3Request(
        purpose: "Listing", method: "GET",
        query: [("list-type", "2"), ("max-keys", "2"), ("prefix", place)], accepted: [200]),
      next: { $0["NextContinuationToken"].map { [("continuation-token", $0)] } }
    ) { page in [page.all("Contents").compactMap { $0["Key"] }] }
    #expect(pages.count >= 3)
    #expect(pages.flatMap { $0 } == names.map { place + $0 })
    #expect(try target.names() == names)
  }

  // MARK: - Faults

  @Test(arguments: [
    Fault.status(500, "InternalError"), .status(503, "SlowDown"), .status(429, "TooManyRequests"),
    .halfBody, .lostAnswer,
  ])
  func `is asked again after what may pass`(fault: Fault) throws {
    let address = server.newPlace()
    let file = Bytes.random(50_000)
    #expect(try target(address).put(file, as: name, sha256: file.sha256))
    let left = Mutex(2)
    let proxy = try FaultProxy(before: server.port) { _ in
      left.withLock { left in
        left -= 1
        return left >= 0 ? fault : nil
      }
    }
    let source = try target(address, port: proxy.port).source(name, bytes: 50_000, version: nil)
    #expect(try source.bytes(at: 1000, count: 2000) == Array(file.content[1000..<3000]))
    #expect(proxy.fired == 2)
    #expect(proxy.requests.count == 3)
  }

  @Test(arguments: [Fault.status(500, "InternalError"), .halfBody, .hang])
  func `is given up after a bounded number of attempts, and says what was tried`(
    fault: Fault
  ) throws {
    let address = server.newPlace()
    let file = Bytes.random(50_000)
    #expect(try target(address).put(file, as: name, sha256: file.sha256))
    let proxy = try FaultProxy(before: server.port) { _ in fault }
    var patience = Patience.quick
    patience.attempts = 3
    if fault == .hang { patience.timeout = 3000 }
    let target = try target(address, port: proxy.port, patience)
    let source = try target.source(name, bytes: 50_000, version: nil)
    let error = try #require(throws: SegmentError.self) { try source.bytes(at: 0, count: 50_000) }
    #expect(error.code == .ioError)
    #expect(error.message.contains("Reading \(name)"))
    #expect(error.message.contains("failed 3 times"))
    #expect(proxy.fired == 3)
    let refusal = try #require(throws: TargetError.self) { try target.names() }
    #expect(refusal.code == .targetUnavailable)
    #expect(proxy.fired == 6)
  }

  @Test func `that says no is asked once, and no secret is told`() throws {
    let address = server.newPlace()
    let proxy = try FaultProxy(before: server.port)
    let targets = Targets(
      environment: ObjectServer.environment(port: proxy.port, secretKey: "wrong-secret"),
      patience: .quick)
    let error = try #require(throws: TargetError.self) { try targets.target(address).names() }
    #expect(error.code == .targetRefused)
    #expect(error.message.contains("403"))
    #expect(error.message.contains("SignatureDoesNotMatch"))
    #expect(!"\(error)".contains("wrong-secret"))
    #expect(proxy.requests.count == 1)
    var dumped = ""
    dump(targets, to: &dumped)
    dump(try targets.target(address), to: &dumped)
    #expect(!dumped.contains("wrong-secret"))
  }

  @Test func `that nobody listens at is given up`() throws {
    let port = try Listener().port
    let error = try #require(throws: TargetError.self) {
      try target("s3://bucket", port: port).names()
    }
    #expect(error.code == .targetUnavailable)
    #expect(error.message.contains("failed 5 times"))
  }

  @Test func `that answers an upload too late has it once`() throws {
    let address = server.newPlace()
    let file = Bytes.random(5000)
    let isFirst = Mutex(true)
    let proxy = try FaultProxy(before: server.port) { line in
      guard line.hasPrefix("PUT") else { return nil }
      return isFirst.withLock { isFirst in
        defer { isFirst = false }
        return isFirst ? .lostAnswer : nil
      }
    }
    // The second attempt finds the first one's object.
    #expect(try !target(address, port: proxy.port).put(file, as: name, sha256: file.sha256))
    #expect(proxy.fired == 1)
    #expect(try target(address).source(name, bytes: nil, version: nil).sha256() == file.sha256)
  }

  @Test func `refuses a body that is not the one that was hashed`() throws {
    let address = server.newPlace()
    let file = Bytes.random(5000)
    let target = try #require(target(address) as? S3Target)
    let error = try #require(throws: TargetError.self) {
      try target.client.send(
        S3Request(
          purpose: "Uploading", method: "PUT", key: name,
          headers: [("x-amz-checksum-sha256", SHA256Sum(of: [1, 2, 3]).base64)],
          body: file.content, accepted: [200]))
    }
    #expect(error.code == .targetRefused)
    #expect(try target.stat(name) == nil)
  }

  // MARK: - Large files

  @Test func `gets a large file in parts, and goes on where a killed upload ended`() throws {
    let address = server.newPlace()
    let file = Bytes.random(2 * S3Target.partBytes + 12_345)
    let dying = try FaultProxy(before: server.port) { line in
      line.contains("partNumber=2") ? .status(403, "AccessDenied") : nil
    }
    #expect(throws: TargetError.self) {
      try target(address, port: dying.port).put(file, as: name, sha256: file.sha256)
    }
    #expect(dying.fired == 1)
    #expect(try target(address).stat(name) == nil)
    let proxy = try FaultProxy(before: server.port)
    #expect(try target(address, port: proxy.port).put(file, as: name, sha256: file.sha256))
    let sent = proxy.requests.filter { $0.contains("partNumber=") }
    #expect(sent.count == 2)
    #expect(!sent.contains { $0.contains("partNumber=1&") })
    let source = try target(address).source(name, bytes: nil, version: nil)
    #expect(try ReadAhead(source).sha256() == file.sha256)
    #expect(try !target(address).put(file, as: name, sha256: file.sha256))
  }

  @Test func `does not take parts of another file for its own`() throws {
    let address = server.newPlace()
    let file = Bytes.random(S3Target.partBytes + 100)
    var other = file.content
    other[77] ^= 1
    let dying = try FaultProxy(before: server.port) { line in
      line.hasPrefix("POST") && line.contains("uploadId") ? .status(403, "AccessDenied") : nil
    }
    #expect(throws: TargetError.self) {
      try target(address, port: dying.port)
        .put(Bytes(other), as: name, sha256: Bytes(other).sha256)
    }
    #expect(dying.fired == 1)
    #expect(try target(address).put(file, as: name, sha256: file.sha256))
    let source = try target(address).source(name, bytes: nil, version: nil)
    #expect(try ReadAhead(source).sha256() == file.sha256)
  }

  // MARK: - Object lock

  @Test(arguments: [5000, S3Target.partBytes + 1])
  func `keeps a locked object, by its version`(bytes: Int) throws {
    let address = server.newPlace(isLocked: true)
    var settings = Targets.Settings(name: "vault", address: address)
    settings.lock = ObjectLock(mode: .compliance, lockFor: days(1))
    let vault = try Targets([settings], environment: server.environment, patience: .quick)
      .target("vault")
    let file = Bytes.random(bytes)
    #expect(try vault.put(file, as: name, sha256: file.sha256))
    let object = try #require(try vault.stat(name))
    let version = try #require(object.version)
    #expect(try #require(object.lockedUntil) > day(0))
    #expect(throws: TargetError.retained(address: address, name: name)) {
      try vault.delete(name, version: version)
    }
    // A marker hides it, but the version is there all the same.
    try vault.delete(name, version: nil)
    #expect(try vault.stat(name) == nil)
    let source = try vault.source(name, bytes: Int64(bytes), version: version)
    #expect(try source.bytes(at: 10, count: 5) == Array(file.content[10..<15]))
  }
}
