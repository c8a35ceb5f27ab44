/// Bounds of the segment format, version 1. A reader refuses what exceeds them before allocating;
/// a writer refuses to make it.
public enum SegmentLimits {
  /// The highest manifest version this software reads.
  public static let version: Int64 = 1
  /// One frame, decompressed: 64 MiB.
  public static let frameBytes = 64 << 20
  /// Frames in a file. What is kept for each takes more memory than the smallest takes on disk.
  public static let frames = 1 << 20
  /// A frame's window, hence what a streaming decompressor must hold: 8 MiB.
  public static let windowBytes: UInt64 = 8 << 20
  /// Event lines in a chunk: 1 MiB. A longer line has a chunk of its own.
  public static let chunkTarget = 1 << 20
  /// Events in an encrypted chunk, whose number is not checked by counting while its key is missing:
  /// what fits a frame, as no event's line is shorter than 128 bytes.
  public static let sealedEvents = Int64(frameBytes / 128)
  /// The highest number of a segment, a generation, a position or a revision: what JSON's numbers
  /// keep exactly, and what can be counted on from without an overflow.
  public static let number: Int64 = 1 << 53
  /// Events in a chunk: what fits a frame, as not even an erased event's line is shorter than 16
  /// bytes.
  static let chunkEvents = Int64(frameBytes / 16)
  /// The level of the frame around an age file, which does not compress.
  static let sealedLevel: Int32 = 1
  /// The zstd level of an ordinary segment.
  public static let level: Int32 = 9
  /// A payload nested deeper than this is written as base64: jq 1.6 stops at 256 levels.
  static let jsonDepth = 200
  /// Distinct event types a reader keeps a string for.
  static let internedTypes = 4096
}
