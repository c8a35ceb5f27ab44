import Streams

@testable import Archive
@testable import History

extension Samples {
  /// Everything a restore can tell: an event without a segment, a stream without an event, damage.
  static func restoreReport(
    names: [String] = ["user-42-activity", "user-42-loans", "user-42-offers"],
    reason: String = "case 2026-17"
  ) throws -> RestoreReport {
    let time = try Timestamp(rfc3339: "2026-01-01T00:00:00Z")
    let streams = try names.enumerated().map { index, name in
      var stream = RestoredStream(try StreamName(name), storeID: "store")
      guard index == 1 else { return stream }
      (stream.id, stream.events, stream.cold, stream.bytes) = ("0123456789abcdef", 2, 1, 3500)
      stream.digest = String(repeating: "01", count: 32)
      stream.span = RestoredStream.Span(
        revisions: 0...1, positions: 7...9, times: time...time.adding(seconds: 60))
      return stream
    }
    let source = VerifiedSource(
      archiveSeq: 3, segmentID: "pack-3-g1", file: "03/pack-3-g1.tar.zst",
      manifestSHA256: String(repeating: "ab", count: 32), sha256: nil, chunks: 4, events: 120,
      signedBy: String(repeating: "cd", count: 32), damage: ["a frame is corrupt"])
    return RestoreReport(
      occasion: RestoreReport.Occasion(
        principal: .system, reason: reason, time: time, version: "1.0"),
      storeID: "6c9d1346-c366-4e1d-8132-852f1edfbb8e",
      selection: RestoreSelection(.user("42"), revisions: 0...9, since: time, until: time),
      streams: streams, segments: [source],
      chain: RestoreChain(segments: 3, head: source.manifestSHA256, problems: []))
  }
}
