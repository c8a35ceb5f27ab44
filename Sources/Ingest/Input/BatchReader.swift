internal import EventStore
internal import Streams

/// Reads and parses the next batch while the one before is being stored: the second core's work.
actor BatchReader<Source: RecordSource> {
  private let source: Source
  nonisolated let totalBytes: Int64
  private var parser: LineParser
  private var maxRecords = BatchLimits.firstRecords

  init(_ source: sending Source, of path: String, for ingest: Ingest) {
    totalBytes = source.totalBytes
    self.source = source
    parser = LineParser(
      format: ingest.format, source: ingest.source, path: path,
      maxEventBytes: ingest.store.maxEventBytes)
  }

  func next() -> ParsedBatch {
    var batch = ParsedBatch()
    // The line that fills the batch must not make it twice as large.
    batch.payloads.reserveCapacity(BatchLimits.maxBytes + BatchLimits.maxBytes / 16)
    batch.events.reserveCapacity(BatchLimits.maxRecords)
    do throws(IngestError) {
      while batch.lines < maxRecords, batch.payloads.count < BatchLimits.maxBytes {
        // What has come through a slow pipe is stored now, not when a batch is full; and while
        // nothing comes, the load can be stopped.
        if source.wouldWait(milliseconds: batch.lines == 0 ? 200 : 0) { break }
        guard let record = try source.next() else {
          batch.isLast = true
          break
        }
        batch.lines += 1
        take(record, into: &batch)
      }
    } catch {
      batch.failure = error
      batch.isLast = true
    }
    batch.bytesRead = source.bytesRead
    batch.passedOver = source.passedOver
    maxRecords = BatchLimits.maxRecords
    return batch
  }

  private func take(_ record: Record, into batch: inout ParsedBatch) {
    do throws(Rejection) {
      if record.isRefused { throw source.refusal }
      try parser.parse(record, into: &batch)
      batch.events[batch.events.count - 1].file = source.name
    } catch {
      batch.rejects.append(
        RejectedLine(
          file: source.name, member: record.member, line: record.number, rejection: error,
          bytes: Array(record.raw.prefix(RejectsFile.maxLineBytes))))
    }
  }
}

/// A batch is full at either limit.
enum BatchLimits {
  static let maxRecords = 16_384
  static let maxBytes = 16 * 1024 * 1024
  /// The first one is small: until it is there the writer has nothing to do.
  static let firstRecords = 1024
}
