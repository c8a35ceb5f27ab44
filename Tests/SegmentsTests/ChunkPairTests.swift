import Streams
import Testing

@testable import Segments

@Suite struct `Two chunks at a time` {
  @Test(arguments: [
    (0, 0), (0, 1), (1, 0), (55, 56), (63, 64), (64, 64), (64, 65), (200, 65), (1000, 64),
    (64, 100_000), (1 << 16, 1 << 16), ((1 << 20) + 17, 1 << 20),
  ])
  func `have the hashes that each has alone`(counts: (Int, Int)) {
    var random = SeededGenerator(seed: 7)
    let one = (0..<counts.0).map { _ in UInt8.random(in: 0...255, using: &random) }
    let two = (0..<counts.1).map { _ in UInt8.random(in: 0...255, using: &random) }
    let pair = one.withUnsafeBytes { one in two.withUnsafeBytes { SHA256Sum.pair(one, $0) } }
    #expect(pair.0 == SHA256Sum(of: one))
    #expect(pair.1 == SHA256Sum(of: two))
  }

  @Test(arguments: [0, 2])
  func `are told apart by which of them is damaged`(threads: Int) throws {
    let copy = try DamagedCopy(count: 200)
    let chunks = copy.sealed.chunks.indices
    #expect(chunks.count > 4)
    let flips = try chunks.map { try Self.silentFlip(in: $0, of: copy) }
    for first in chunks {
      for second in first..<chunks.endIndex {
        var bytes = copy.original
        for chunk in Set([first, second]) { bytes[flips[chunk]] ^= 1 }
        let report = SegmentVerifier.verify(
          try copy.put(bytes), level: .full, expected: SegmentExpectation(copy.sealed),
          threads: threads)
        let lost = first == second ? [first] : [first, second]
        #expect(report.damage == lost.map { .frameCorrupt(copy.range($0)) })
        #expect(report.readable == chunks.filter { !lost.contains($0) }.map(copy.range))
      }
    }
  }

  /// A byte of a chunk's frame of which zstd does not notice that its last bit is another.
  private static func silentFlip(in chunk: Int, of copy: DamagedCopy) throws -> Int {
    let span = copy.frames[chunk + 1]
    var reader = try FrameReader(checksum: false)
    for offset in stride(from: Int(span.end) - 5, to: Int(span.offset), by: -1) {
      let file = try SegmentFile.open(copy.put(copy.flipped(offset)))
      guard (try? reader.load(span, from: file)) != nil else { continue }
      let hasHeader = reader.content.withUnsafeBytes { TarHeader($0) } != nil
      let sum = SHA256Sum(of: Array(reader.content[copy.sealed.chunks[chunk].memberData]))
      if hasHeader, sum != copy.sealed.chunks[chunk].sha256 { return offset }
    }
    throw SegmentError.outOfMemory
  }
}
