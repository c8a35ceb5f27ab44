internal import CArchive
internal import Streams

/// One regular file in a tar archive: a header block, the data, zeros up to the next block.
///
/// Pax interchange (POSIX.1-2017 pax, §"ustar Interchange Format"); the short ASCII names and whole
/// seconds of a segment never need an extended header. libarchive would write one for a time from
/// 2038-01-19 on: such a member has the last second before, and its lines the real times.
enum TarMember {
  static let blockBytes = 512
  /// The two zero blocks that end an archive.
  static let endBytes = 2 * blockBytes
  private static let latestSecond = Int(Int32.max) - 1

  static func bytes(data: Int) -> Int {
    blockBytes + (data + blockBytes - 1) / blockBytes * blockBytes
  }

  /// Replaces `out` by the member, followed by the archive's end if `endsArchive`.
  ///
  /// - Parameter modified: the member's time; cut to whole seconds.
  static func write(
    name: String, modified: Timestamp, data: UnsafeRawBufferPointer, endsArchive: Bool = false,
    into out: inout [UInt8]
  ) throws(SegmentError) {
    out.removeAll(keepingCapacity: true)
    out.reserveCapacity(bytes(data: data.count) + (endsArchive ? endBytes : 0))
    let sink = TarSink(out)
    out = []
    guard let archive = archive_write_new() else { throw .outOfMemory }
    let isWritten = withExtendedLifetime(sink) {
      defer {
        // Freeing an archive writes its end: only the last member of a segment has one.
        sink.isOpen = false
        archive_write_free(archive)
      }
      return open(archive, sink) && append(name, modified, data, to: archive)
        && (!endsArchive || archive_write_close(archive) == ARCHIVE_OK)
    }
    out = sink.bytes
    guard isWritten else { throw .outOfMemory }
  }

  private static func open(_ archive: OpaquePointer, _ sink: TarSink) -> Bool {
    archive_write_set_format_pax_restricted(archive) == ARCHIVE_OK
      && archive_write_add_filter_none(archive) == ARCHIVE_OK
      && archive_write_set_bytes_per_block(archive, 0) == ARCHIVE_OK
      && archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK
      && archive_write_open(
        archive, Unmanaged.passUnretained(sink).toOpaque(), nil,
        { _, context, bytes, count in
          guard let context else { return -1 }
          let sink = Unmanaged<TarSink>.fromOpaque(context).takeUnretainedValue()
          return sink.take(UnsafeRawBufferPointer(start: bytes, count: count))
        }, nil) == ARCHIVE_OK
  }

  private static func append(
    _ name: String, _ modified: Timestamp, _ data: UnsafeRawBufferPointer,
    to archive: OpaquePointer
  ) -> Bool {
    guard let entry = archive_entry_new() else { return false }
    defer { archive_entry_free(entry) }
    archive_entry_set_pathname(entry, name)
    archive_entry_set_filetype(entry, rookery_ae_ifreg())
    archive_entry_set_perm(entry, 0o444)
    archive_entry_set_size(entry, Int64(data.count))
    let second = modified.microseconds / Timestamp.microsecondsPerSecond
    archive_entry_set_mtime(entry, min(Int(second), latestSecond), 0)
    guard archive_write_header(archive, entry) == ARCHIVE_OK else { return false }
    if !data.isEmpty {
      guard archive_write_data(archive, data.baseAddress, data.count) == data.count else {
        return false
      }
    }
    return archive_write_finish_entry(archive) == ARCHIVE_OK
  }
}

/// Where libarchive's callback puts its bytes.
private final class TarSink {
  var bytes: [UInt8]
  var isOpen = true

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func take(_ piece: UnsafeRawBufferPointer) -> Int {
    if isOpen { bytes.append(contentsOf: piece) }
    return piece.count
  }
}
