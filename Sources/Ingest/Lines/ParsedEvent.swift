internal import Streams

/// Lines turned into events, their payloads side by side in one buffer.
struct ParsedBatch: Sendable {
  var events: [ParsedEvent] = []
  var rejects: [RejectedLine] = []
  /// Each event's line and, where it is not a part of that, its payload; ``ParsedEvent`` says
  /// what lies where.
  var payloads: [UInt8] = []
  /// Lines read for this batch, good and bad.
  var lines = 0
  /// Of the whole input so far, records that say nothing.
  var passedOver = 0
  /// Compressed bytes of the input read when it was complete.
  var bytesRead: Int64 = 0
  /// The input broke off here; to be thrown once the batch is stored.
  var failure: IngestError?
  var isLast = false
}

struct ParsedEvent: Sendable {
  // Filled in by those who know them.
  var file = ""
  var member = 0
  var line = 0
  var raw = 0..<0

  var stream: StreamName
  var id: EventID
  var type: String
  var data: Range<Int>
  var metadata: Range<Int>
  var timestamp: Timestamp?
  var recordedAt: Timestamp?
  /// Computed here, where the payload is in the cache and the writer does not wait for it.
  var fingerprint: Int64?
}

/// A line that was not taken.
public struct RejectedLine: Sendable {
  public var file: String
  /// The file's place in an archive, from 0.
  public var member: Int
  /// Its number in the file, from 1; the key of a row.
  public var line: Int
  public var rejection: Rejection
  /// The line, or its beginning.
  public var bytes: [UInt8]
}
