import Foundation
import Glibc
import Synchronization
import Testing
import Transport

@testable import Archive

/// A real S3-compatible server, SeaweedFS, on loopback: one for all tests, gone with the process.
final class ObjectServer: Sendable {
  static let shared = Result { try ObjectServer() }
  /// Another one, that speaks TLS with a certificate of its own authority.
  static let secure = Result { try ObjectServer(authority: try Authority()) }

  let port: Int
  /// Nil for the one that speaks HTTP.
  let authority: Authority?
  private let isGone: Pipe
  static let accessKey = "test-access"
  static let secretKey = "test-secret"
  private static let bucket = "tests"
  private static let lockedBucket = "locked-tests"

  /// A shell starts the server and ends it, and its data, when this process's end of a pipe closes,
  /// whatever this process dies of. It is bash, since dash waits for ever where SIGCHLD is blocked, as
  /// it is in the children of a thread of ours.
  private static let script = """
    exec 3<&0
    "$@" </dev/null >/dev/null 2>&1 &
    read -r _ <&3
    kill -9 $!
    wait
    rm -rf "$DATA"
    """

  private init(authority: Authority? = nil) throws {
    self.authority = authority
    let root = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../..").standardizedFileURL.path
    let weed = root + "/.build/test-venv/bin/weed"
    try #require(
      FileManager.default.isExecutableFile(atPath: weed), "there is no \(weed): run Tests/venv")
    let data = NSTemporaryDirectory() + "rookery-objects-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    try Data(Self.identities.utf8).write(to: URL(filePath: data + "/s3.json"))
    let ports = try freePorts(8)
    port = ports[0]
    isGone = Pipe()
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments =
      ["-c", Self.script, "bash", weed] + Self.arguments(data, ports)
      + (authority?.serverArguments ?? [])
    process.environment = ["DATA": data, "HOME": data, "PATH": "/usr/bin:/bin"]
    process.currentDirectoryURL = URL(filePath: data)
    process.standardInput = isGone
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    // The first request succeeds once all parts of the server have found one another.
    try makeBucket(Self.bucket, isLocked: false)
    try makeBucket(Self.lockedBucket, isLocked: true)
  }

  private static let identities = """
    {"identities": [{"name": "tests", "actions": ["Admin", "Read", "Write", "List", "Tagging"],
      "credentials": [{"accessKey": "\(accessKey)", "secretKey": "\(secretKey)"}]}]}
    """

  private static func arguments(_ data: String, _ ports: [Int]) -> [String] {
    [
      "server", "-dir=\(data)", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false",
      "-s3", "-s3.config=\(data)/s3.json", "-s3.port.iceberg=0", "-s3.port.lance=0",
      "-volume.max=100", "-master.volumeSizeLimitMB=64", "-s3.port=\(ports[0])",
      "-s3.port.grpc=\(ports[1])", "-master.port=\(ports[2])", "-master.port.grpc=\(ports[3])",
      "-volume.port=\(ports[4])", "-volume.port.grpc=\(ports[5])", "-filer.port=\(ports[6])",
      "-filer.port.grpc=\(ports[7])",
    ]
  }

  /// What points a process at the server.
  var environment: [String: String] {
    var environment = Self.environment(port: port)
    if let authority {
      environment["AWS_ENDPOINT_URL"] = "https://127.0.0.1:\(port)"
      environment["AWS_CA_BUNDLE"] = authority.certificate
    }
    return environment
  }

  /// What points a process at the server, or at a proxy before it.
  static func environment(port: Int, secretKey: String = secretKey) -> [String: String] {
    [
      "AWS_ENDPOINT_URL": "http://127.0.0.1:\(port)", "AWS_ACCESS_KEY_ID": accessKey,
      "AWS_SECRET_ACCESS_KEY": secretKey, "AWS_REGION": "us-east-1",
    ]
  }

  private func makeBucket(_ name: String, isLocked: Bool) throws {
    var patience = Patience()
    patience.attempts = 120
    patience.longestPause = 500
    let targets = Targets(environment: environment, patience: patience)
    let target = try #require(try targets.target("s3://\(name)") as? S3Target)
    _ = try target.client.send(
      S3Request(
        purpose: "Making a bucket", method: "PUT",
        headers: isLocked ? [("x-amz-bucket-object-lock-enabled", "true")] : [],
        accepted: [200]))
  }

  /// An address of a test's own: the server makes volumes for every bucket, and they are soon many.
  func newPlace(isLocked: Bool = false) -> String {
    "s3://\(isLocked ? Self.lockedBucket : Self.bucket)/\(UUID().uuidString)"
  }
}

/// Ports of loopback that nobody listens on.
private func freePorts(_ count: Int) throws -> [Int] {
  let listeners = try (0..<count).map { _ in try Listener() }
  return listeners.map(\.port)
}

/// A listening socket on a free port of loopback.
final class Listener: Sendable {
  let descriptor: Int32
  let port: Int

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let isListening = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 && listen(descriptor, 64) == 0
          && getsockname(descriptor, address, &length) == 0
      }
    }
    port = Int(UInt16(bigEndian: address.sin_port))
    try #require(isListening)
  }

  /// Ends a waiting accept, too.
  func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  deinit { close(descriptor) }
}
