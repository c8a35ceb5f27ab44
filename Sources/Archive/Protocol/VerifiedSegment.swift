internal import Segments

/// What a new segment turned out to be when it was read back: what the catalog records.
struct VerifiedSegment {
  var name: SegmentName
  var path: String
  var bytes: Int64
  var sha256: SHA256Sum
  var manifest: Manifest
  var manifestBytes: [UInt8]
  var manifestSHA256: SHA256Sum
  var chunks: [SegmentChunk]

  /// Event lines before compression, in bytes.
  var rawBytes: Int64 { chunks.reduce(0) { $0 + Int64($1.bytes) } }
  var events: Int64 { chunks.reduce(0) { $0 + $1.count } }
}
