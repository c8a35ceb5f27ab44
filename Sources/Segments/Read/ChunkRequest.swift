internal import Streams

/// A chunk of a segment that is to be read.
struct ChunkRequest: Sendable {
  let index: Int
  let chunk: SegmentChunk
  let file: any ByteSource
  /// Open it if it is encrypted; nil leaves it as it is.
  let keys: Keyring?
  /// Why it is not in the file; nil if it is.
  let absence: SegmentError?

  var range: ChunkRange { chunk.range(at: index) }

  func damaged(_ damage: SegmentDamage) -> SegmentError {
    .damaged(segment: file.path, damage)
  }
}

extension SegmentChunk {
  /// Where the member's data stands in the decompressed frame.
  var memberData: Range<Int> { TarMember.blockBytes..<(TarMember.blockBytes + bytes) }

  func range(at index: Int) -> ChunkRange {
    ChunkRange(chunk: index, stream: stream, first: first, last: last)
  }
}
