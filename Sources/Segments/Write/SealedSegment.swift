public import Streams

/// Where a chunk lies in its file, and what it must hold: a row of the catalog's chunk index.
public struct SegmentChunk: Hashable, Sendable {
  public var member: String
  /// The stream's index in the manifest.
  public var stream: Int
  public var first: Revision
  public var last: Revision
  public var count: Int64
  /// Where the chunk's frame starts in the file, in bytes.
  public var offset: Int64
  /// The frame's length in the file, in bytes.
  public var compressedBytes: Int
  /// The member's length, in bytes: of the event lines, or of the age file around them.
  public var bytes: Int
  /// SHA-256 of the member.
  public var sha256: SHA256Sum
  /// The id of the key that opens it; nil when it is not encrypted.
  public var subject: String?

  public init(
    member: String, stream: Int, first: Revision, last: Revision, count: Int64, offset: Int64,
    compressedBytes: Int, bytes: Int, sha256: SHA256Sum, subject: String? = nil
  ) {
    self.member = member
    self.stream = stream
    self.first = first
    self.last = last
    self.count = count
    self.offset = offset
    self.compressedBytes = compressedBytes
    self.bytes = bytes
    self.sha256 = sha256
    self.subject = subject
  }

  /// - Parameter subject: the key id of the chunk's stream, if it has one.
  init(_ chunk: Manifest.Chunk, subject: String?, at span: FrameSpan) {
    self.init(
      member: chunk.member, stream: chunk.stream, first: chunk.first, last: chunk.last,
      count: chunk.count, offset: span.offset, compressedBytes: span.compressedBytes,
      bytes: chunk.bytes, sha256: chunk.sha256,
      subject: chunk.encryption == .none ? nil : subject)
  }
}

/// What a finished segment file is, for the catalog.
public struct SealedSegment: Hashable, Sendable {
  public var name: SegmentName
  /// The final path; the file lies there once it is published.
  public var path: String
  /// The file's length and SHA-256.
  public var bytes: Int64
  public var sha256: SHA256Sum
  public var manifest: Manifest
  public var manifestBytes: [UInt8]
  /// The manifest's hash: what the next segment's `prev` names.
  public var manifestSHA256: SHA256Sum
  public var chunks: [SegmentChunk]

  /// Event lines before compression, in bytes.
  public var rawBytes: Int64 { chunks.reduce(0) { $0 + Int64($1.bytes) } }
}
