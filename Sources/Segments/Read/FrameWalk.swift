/// Finds frames without a seek table, by stepping from block header to block header.
///
/// A few bytes of each 128 KiB block are read, and nothing is decompressed.
struct FrameWalk {
  /// Whole frames, one after the other from the start of the file.
  private(set) var spans: [FrameSpan] = []
  /// Where the last of them ends.
  private(set) var end: Int64 = 0
  /// Why the walk ended there, unless at a skippable frame or the end of the file.
  private(set) var problem: FrameProblem?

  init(_ file: any ByteSource, fileBytes: Int64) throws(SegmentError) {
    while end < fileBytes, problem == nil {
      do throws(FrameProblem) {
        guard let next = try Self.frame(at: end, file, fileBytes) else { return }
        guard spans.count < SegmentLimits.frames else {
          throw .refused("the file has more than \(SegmentLimits.frames) frames")
        }
        spans.append(next)
        end = next.end
      } catch {
        if case .io(let error) = error { throw error }
        problem = error
      }
    }
  }

  /// The frame at `offset`; nil if another kind of bytes starts there.
  private static func frame(
    at offset: Int64, _ file: any ByteSource, _ fileBytes: Int64
  ) throws(FrameProblem) -> FrameSpan? {
    let head = try bytes(file, at: offset, count: FrameHeader.maxBytes)
    let parsed = head.withUnsafeBytes { head in
      Result { () throws(FrameProblem) in
        FrameHeader.isStart(head) ? try FrameHeader.parse(head) : nil
      }
    }
    guard let header = try parsed.get() else { return nil }
    var at = offset + Int64(header.bytes)
    while true {
      let block = try bytes(file, at: at, count: 3)
      guard block.count == 3 else { throw .cut }
      let word = block.withUnsafeBytes { Int64($0.littleEndian(at: 0, count: 3)) }
      guard let size = blockBytes(word) else { throw .corrupt }
      at += 3 + size
      if word & 1 == 1 { break }
    }
    at += 4
    guard at <= fileBytes else { throw .cut }
    return FrameSpan(offset: offset, compressedBytes: Int(at - offset))
  }

  /// The stored length of a block (RFC 8878 §3.1.1.2): a run-length block stores one byte.
  private static func blockBytes(_ header: Int64) -> Int64? {
    let size = header >> 3
    guard size <= FrameHeader.maxBlockBytes else { return nil }
    switch header >> 1 & 3 {
    case 0, 2: return size
    case 1: return 1
    default: return nil
    }
  }

  private static func bytes(
    _ file: any ByteSource, at offset: Int64, count: Int
  ) throws(FrameProblem) -> [UInt8] {
    do throws(SegmentError) {
      return try file.bytes(at: offset, count: count)
    } catch {
      throw .io(error)
    }
  }
}
