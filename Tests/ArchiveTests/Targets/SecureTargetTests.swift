import Foundation
import Glibc
import Segments
import Streams
import Testing

@testable import Archive

@Suite struct `An S3 target that speaks TLS` {
  private let server: ObjectServer

  init() throws { server = try ObjectServer.secure.get() }

  @Test(arguments: ["AWS_CA_BUNDLE", "CURL_CA_BUNDLE"])
  func `is trusted by the authorities that the environment names`(variable: String) throws {
    var environment = server.environment
    environment["AWS_CA_BUNDLE"] = ""
    environment[variable] = server.authority?.certificate
    let target = try Targets(environment: environment, patience: .quick).target(server.newPlace())
    let bytes = Bytes.random(1000)
    let kept = try target.keep(
      bytes, as: "ab/a-g1.tar.zst", bytes: 1000, sha256: bytes.sha256, now: day(1))
    #expect(kept.target == target.address)
    #expect(try target.names() == ["ab/a-g1.tar.zst"])
  }

  @Test(arguments: [nil, "stranger", "missing"])
  func `with a certificate that nobody here trusts is refused at once, and nothing is sent`(
    bundle: String?
  ) throws {
    var environment = server.environment
    environment["AWS_CA_BUNDLE"] = bundle.map { name in
      name == "stranger" ? server.authority?.stranger ?? "" : "/no/such/bundle.pem"
    }
    let target = try Targets(environment: environment, patience: .quick).target(server.newPlace())
    let error = try #require(throws: TargetError.self) {
      try target.put(Bytes.random(10), as: "ab/a-g1.tar.zst", sha256: Bytes.random(10).sha256)
    }
    #expect(error.code.rawValue == "target-untrusted")
    #expect(error.message.contains(target.address))
    #expect(error.remedy.contains("AWS_CA_BUNDLE"))
  }

  /// 300 MB go up in parts and come back, by a process of its own: what it holds of them at most is
  /// told by the kernel.
  @Test func `takes and gives a large segment in little memory`() async throws {
    let address = server.newPlace()
    await #expect(processExitsWith: .success) {
      [environment = server.environment as [String: String], address = address as String] in
      let bytes: Int64 = 300 << 20
      let source = Pattern(bytes: bytes)
      let sum = try source.sha256()
      let target = try Targets(environment: environment).target(address)
      let kept = try target.keep(
        source, as: "ab/large-g1.tar.zst", bytes: bytes, sha256: sum, now: day(1))
      let found = try target.stat("ab/large-g1.tar.zst")
      let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
      let peak = status.firstMatch(of: /VmHWM:\s+(\d+) kB/).flatMap { Int($0.1) } ?? .max
      guard kept.target == address, found?.bytes == bytes, peak < 256 << 10 else {
        print("peak \(peak) kB, found \(String(describing: found))")
        exit(9)
      }
    }
    let target = try Targets(environment: server.environment).target(address)
    try target.delete("ab/large-g1.tar.zst", version: nil)
  }
}

/// Bytes that follow from their place and are in no memory.
private final class Pattern: ByteSource {
  let path = "pattern"
  private let bytes: Int64

  init(bytes: Int64) { self.bytes = bytes }

  func size() -> Int64 { bytes }

  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) -> Int {
    let count = Int(max(0, min(Int64(buffer.count), bytes - offset)))
    guard count > 0, let base = buffer.baseAddress else { return 0 }
    // One byte for each MiB is enough to tell parts from one another.
    var place = 0
    while place < count {
      let number = (offset + Int64(place)) >> 20
      let end = min(count, Int((number + 1) << 20 - offset))
      memset(base + place, Int32(truncatingIfNeeded: number & 0xFF), end - place)
      place = end
    }
    return count
  }

  func permissions() -> UInt32? { nil }
  func dropCache() {}
}
