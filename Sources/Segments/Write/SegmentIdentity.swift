public import Streams

/// Who a segment is: fixed before its first byte is written.
public struct SegmentIdentity: Hashable, Sendable {
  public var storeID: String
  /// From 1, without gaps per store.
  public var archiveSeq: Int64
  /// From 1.
  public var generation: Int64
  public var createdAt: Timestamp
  /// The version of the software that writes.
  public var writerVersion: String
  /// The previous segment of the store; nil for the first.
  public var prev: Manifest.Link?
  public var supersedes: Manifest.Supersession?

  public init(
    storeID: String, archiveSeq: Int64, generation: Int64 = 1, createdAt: Timestamp,
    writerVersion: String, prev: Manifest.Link? = nil, supersedes: Manifest.Supersession? = nil
  ) {
    self.storeID = storeID
    self.archiveSeq = archiveSeq
    self.generation = generation
    self.createdAt = createdAt
    self.writerVersion = writerVersion
    self.prev = prev
    self.supersedes = supersedes
  }
}

/// How a segment is written.
public struct SegmentWriterOptions: Hashable, Sendable {
  /// The zstd level, 1...22: 9 for an ordinary segment, 19 for a later recompaction.
  public var level: Int32
  /// Event lines in a chunk, in bytes.
  public var chunkTarget: Int
  /// Compressing threads, beside the caller's.
  public var threads: Int

  public init(
    level: Int32 = SegmentLimits.level, chunkTarget: Int = SegmentLimits.chunkTarget,
    threads: Int = Processors.others
  ) {
    self.level = level
    self.chunkTarget = chunkTarget
    self.threads = threads
  }
}
