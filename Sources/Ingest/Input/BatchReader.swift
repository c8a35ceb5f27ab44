internal import Streams

/// Reads and parses the next batch while the one before is being stored: the second core's work.
actor BatchReader {
  /// A batch is full at either limit.
  static let maxEvents = 16_384
  static let maxBytes = 16 * 1024 * 1024
  /// The first one is small: until it is there the writer has nothing to do.
  private static let firstEvents = 1024

  private let source: LineSource
  nonisolated let totalBytes: Int64
  private var parser: LineParser
  private var maxLines = BatchReader.firstEvents

  init(
    path: String, format: LineFormat, source: String, maxEventBytes: Int
  ) throws(IngestError) {
    // A line is an event and its envelope; escapes may double the payload.
    let lines = try LineSource(path: path, maxLineBytes: 2 * maxEventBytes + 65_536)
    totalBytes = lines.totalBytes
    self.source = lines
    parser = LineParser(
      format: format, source: source, path: path, maxEventBytes: maxEventBytes)
  }

  func next() -> ParsedBatch {
    var batch = ParsedBatch()
    // The line that fills the batch must not make it twice as large.
    batch.payloads.reserveCapacity(Self.maxBytes + Self.maxBytes / 16)
    batch.events.reserveCapacity(Self.maxEvents)
    do throws(IngestError) {
      while batch.lines < maxLines, batch.payloads.count < Self.maxBytes {
        // What has come through a slow pipe is stored now, not when a batch is full; and while
        // nothing comes, the load can be stopped.
        if source.wouldWait(milliseconds: batch.lines == 0 ? 200 : 0) { break }
        guard let line = try source.next() else {
          batch.isLast = true
          break
        }
        batch.lines += 1
        take(line, into: &batch)
      }
    } catch {
      batch.failure = error
      batch.isLast = true
    }
    batch.bytesRead = source.bytesRead
    maxLines = Self.maxEvents
    return batch
  }

  private func take(_ line: LineSource.Line, into batch: inout ParsedBatch) {
    do throws(Rejection) {
      try parser.parse(line, into: &batch)
      batch.events[batch.events.count - 1].file = source.name
    } catch {
      batch.rejects.append(
        RejectedLine(
          file: source.name, member: line.member, line: line.number, rejection: error,
          bytes: Array(line.bytes.prefix(RejectsFile.maxLineBytes))))
    }
  }
}
