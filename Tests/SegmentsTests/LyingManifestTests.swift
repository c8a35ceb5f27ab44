import Foundation
import Streams
import Testing

@testable import Segments

/// Every value of a manifest in turn put in place of by others; its frame, tables and name are right.
@Suite struct `A manifest that lies` {
  private static let lies = [
    "-1", "0", "1", "21", "9223372036854775807", "9223372036854775808",
    "99999999999999999999999999", "1.0", "1e3", "\"\"", "\"x\"", "null", "{}", "[]", "true",
    "\"2025-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.999999Z\"", "\"../../x\"",
    "\"\(String(repeating: "0", count: 64))\"",
  ]

  /// What only the catalog can tell; everything else must agree with the events.
  private static let free: Set = [
    "archive_seq", "generation", "created_at", "level", "frame_target", "writer", "name", "version",
    "category", "lifecycle", "acl", "metadata", "retain_until", "legal_hold", "subject", "prev",
    "supersedes", "signing_key", "segment_id", "manifest_sha256", "reason",
  ]

  @Test func `is found by the catalog's hash, and mostly by the events, and never served wrongly`()
    throws
  {
    let folder = try TemporaryFolder()
    let path = folder.path + "/forged.tar.zst"
    let chunks = [0, 20, 40].map { Sample.uptime(20, from: $0) }
    let honest = try Forgery(chunks)
    let events = chunks.flatMap { $0 }
    let hash = SHA256Sum(of: honest.manifest.encoded)
    let text = String(decoding: honest.manifest.encoded, as: UTF8.self)
    let values = text.matches(of: /"(\w+)":("[^"]*"|-?\d+|null)/)
    var (told, foundAlone) = (0, 0)
    for value in values {
      for lie in Self.lies where lie != value.2 {
        let forged = text.replacingCharacters(
          in: value.2.startIndex..<value.2.endIndex, with: lie)
        try honest.write(to: path, manifestBytes: Array(forged.utf8))
        let comment: Comment = "\(value.1) \(lie)"
        let report = SegmentVerifier.verify(
          path, level: .full, expected: SegmentExpectation(manifestSHA256: hash), threads: 0)
        #expect(!report.isSound, comment)
        let alone = SegmentVerifier.verify(path, level: .full, threads: 0)
        #expect(!alone.isSound || Self.free.contains(String(value.1)), comment)
        told += 1
        foundAlone += alone.isSound ? 0 : 1
        guard let file = try? SegmentFile(path: path), let served = try? file.events() else {
          continue
        }
        #expect(served == events, comment)
      }
    }
    print("manifests that lie: \(told), \(foundAlone) of them found without a catalog")
  }
}
