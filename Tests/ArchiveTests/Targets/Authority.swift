import Foundation
import Testing

/// A certificate authority of a test's own, and a certificate that it gave to 127.0.0.1.
final class Authority: Sendable {
  private let folder: String
  /// What a client must trust.
  var certificate: String { folder + "/ca.pem" }
  /// A certificate that signed nothing here.
  var stranger: String { folder + "/stranger.pem" }

  init() throws {
    folder = NSTemporaryDirectory() + "rookery-authority-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data("subjectAltName=IP:127.0.0.1\n".utf8).write(to: URL(filePath: folder + "/san"))
    try run(
      "bash", "-ceu",
      """
      cd "$1"
      for name in ca stranger; do
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=Rookery $name" \\
          -keyout $name.key -out $name.pem 2>/dev/null
      done
      openssl req -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -keyout server.key -out server.csr \\
        2>/dev/null
      openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \\
        -extfile san -out server.pem 2>/dev/null
      """, "bash", folder)
  }

  /// Its files stay while the server may read them: as long as the process lives.
  deinit { try? FileManager.default.removeItem(atPath: folder) }

  var serverArguments: [String] {
    ["-s3.cert.file=\(folder)/server.pem", "-s3.key.file=\(folder)/server.key"]
  }
}
