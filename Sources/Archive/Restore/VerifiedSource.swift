/// A segment that a restore reads from, as a whole verification found it.
public struct VerifiedSource: Sendable, Hashable {
  public var archiveSeq: Int64
  public var segmentID: String
  /// Relative to the archive folder.
  public var file: String
  public var manifestSHA256: String
  /// Of the whole file, when it could be read.
  public var sha256: String?
  /// Chunks whose zstd checksum and SHA-256 were compared, and their events.
  public var chunks: Int
  public var events: Int64
  /// The trusted key whose signature of the manifest holds; nil when nobody's was looked for.
  public var signedBy: String?
  /// What is wrong with it; empty for a sound segment.
  public var damage: [String]
}
