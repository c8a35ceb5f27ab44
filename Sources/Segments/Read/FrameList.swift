internal import Streams

/// The frames of a segment file, by its seek table or, where that fails, by a walk.
struct FrameList {
  private(set) var spans: [FrameSpan] = []
  /// The seek table, if it is sound.
  private(set) var table: SeekTable?
  /// False when what follows the last frame is cut off, and with it perhaps more frames.
  private(set) var isWhole = true
  /// Where the last whole frame ends.
  private(set) var end: Int64 = 0
  private(set) var trailing: SegmentDamage?

  init(_ file: any ByteSource, _ reader: inout FrameReader) throws(SegmentError) {
    let fileBytes = try file.size()
    let table = try SeekTable.read(from: file, fileBytes: fileBytes)
    if let table, try Self.headersAgree(file, table) {
      follow(table)
      return
    }
    let walk = try FrameWalk(file, fileBytes: fileBytes)
    let hasEnd = try Self.hasEnd(walk, file, &reader)
    // One damaged frame head stops a walk, but not the table.
    if let table, !hasEnd {
      follow(table)
      return
    }
    if case .refused(let reason)? = walk.problem {
      throw .damaged(segment: file.path, .unsupported(reason))
    }
    spans = walk.spans
    end = walk.end
    isWhole = hasEnd
    if hasEnd { try readTail(file, fileBytes) }
  }

  private mutating func follow(_ table: SeekTable) {
    spans = table.spans
    self.table = table
    end = spans.last?.end ?? 0
  }

  /// Whether a frame of the size told starts wherever the table says.
  private static func headersAgree(
    _ file: any ByteSource, _ table: SeekTable
  ) throws(SegmentError) -> Bool {
    for (entry, span) in zip(table.entries, table.spans) {
      // An entry of no length would let the next one's frame stand for both.
      guard span.compressedBytes >= FrameHeader.minBytes else { return false }
      let head = try file.bytes(at: span.offset, count: FrameHeader.maxBytes)
      let size = head.withUnsafeBytes { head in (try? FrameHeader(head))?.contentBytes }
      guard size == Int(entry.contentBytes) else { return false }
    }
    return true
  }

  /// Whether the walk came to the last member of a segment.
  private static func hasEnd(
    _ walk: FrameWalk, _ file: any ByteSource, _ reader: inout FrameReader
  ) throws(SegmentError) -> Bool {
    guard walk.problem == nil, let last = walk.spans.last else { return false }
    return try reader.memberName(at: last, from: file) == SegmentWriter.signatureMember
  }

  /// Looks for a seek table that is whole but does not end the file.
  private mutating func readTail(_ file: any ByteSource, _ fileBytes: Int64) throws(SegmentError) {
    let head = try file.bytes(at: end, count: SeekTable.headerBytes)
    guard let tableBytes = head.withUnsafeBytes({ SeekTable.bytes(inHeader: $0) }),
      tableBytes <= SeekTable.bytes(frames: SegmentLimits.frames),
      end + Int64(tableBytes) < fileBytes
    else { return }
    let bytes = try file.bytes(at: end, count: tableBytes)
    guard let found = bytes.withUnsafeBytes({ SeekTable($0) }) else { return }
    if found.spans == spans { table = found }
    trailing = .trailingBytes(
      at: end + Int64(tableBytes), count: fileBytes - end - Int64(tableBytes))
  }
}

extension FrameReader {
  /// The name of the member in a frame; nil if its head is damaged.
  mutating func memberName(
    at span: FrameSpan, from file: any ByteSource
  ) throws(SegmentError) -> String? {
    do throws(FrameProblem) {
      return try tarHeader(at: span, from: file)?.name
    } catch {
      if case .io(let error) = error { throw error }
      return nil
    }
  }

  /// The data of member `name` in the frame at `span`; nil if it is damaged or another member, or
  /// if the frame has anything but that: tar would take a second member for the segment's.
  mutating func member(
    _ name: String, at span: FrameSpan, from file: any ByteSource
  ) throws(SegmentError) -> [UInt8]? {
    let count: Int
    do throws(FrameProblem) {
      count = try load(span, from: file)
    } catch {
      if case .io(let error) = error { throw error }
      return nil
    }
    return content.withUnsafeBytes { content in
      guard let header = TarHeader(content.slice(0..<count)), header.name == name,
        count == TarMember.bytes(data: header.bytes)
          || name == SegmentWriter.signatureMember && count >= TarMember.bytes(data: header.bytes)
      else { return nil }
      return Array(content.slice(TarMember.blockBytes..<(TarMember.blockBytes + header.bytes)))
    }
  }
}

extension SeekTable {
  /// The table at the end of a file; nil unless its sizes add up to the file's.
  static func read(from file: any ByteSource, fileBytes: Int64) throws(SegmentError) -> SeekTable? {
    guard fileBytes >= Int64(bytes(frames: 0)) else { return nil }
    let footer = try file.bytes(at: fileBytes - Int64(footerBytes), count: footerBytes)
    guard let frames = footer.withUnsafeBytes({ Self.frames(inFooter: $0) }),
      frames <= SegmentLimits.frames, Int64(bytes(frames: frames)) <= fileBytes
    else { return nil }
    let start = fileBytes - Int64(bytes(frames: frames))
    let encoded = try file.bytes(at: start, count: bytes(frames: frames))
    guard let table = encoded.withUnsafeBytes({ SeekTable($0) }), table.entries.count >= 3,
      table.spans.last?.end == start
    else { return nil }
    return table
  }
}
