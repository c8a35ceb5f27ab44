import Dispatch
import Streams
import Testing

@testable import Segments

@Suite struct `A cache of chunks` {
  private static func chunk(_ number: Int) -> SegmentChunk {
    SegmentChunk(
      member: "events/a/\(number)", stream: 0, first: Revision(0), last: Revision(0), count: 1,
      offset: 0, compressedBytes: 1, bytes: 1, sha256: SHA256Sum(of: Self.frame(number)))
  }

  private static func frame(_ number: Int) -> [UInt8] {
    Array(repeating: UInt8(truncatingIfNeeded: number), count: 1000) + Array("\(number)".utf8)
  }

  @Test func `holds no more than it may, and what was used last`() {
    let cache = ChunkCache(capacity: 20_000)
    for number in 0..<200 {
      cache.keep(Self.frame(number), of: Self.chunk(number))
      #expect(cache.frame(of: Self.chunk(0)) == Self.frame(0), "used each time, after \(number)")
      #expect(cache.bytes <= cache.capacity)
    }
    #expect(cache.frame(of: Self.chunk(199)) == Self.frame(199))
    #expect(cache.frame(of: Self.chunk(100)) == nil)
    cache.keep([UInt8](repeating: 1, count: 5000), of: Self.chunk(300))
    #expect(cache.frame(of: Self.chunk(300)) == nil)
  }

  @Test func `gives each of many threads what it asked for`() {
    let cache = ChunkCache(capacity: 30_000)
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      for turn in 0..<2000 {
        let number = (turn * 7 + thread) % 40
        if let frame = cache.frame(of: Self.chunk(number)) {
          #expect(frame == Self.frame(number))
        } else {
          cache.keep(Self.frame(number), of: Self.chunk(number))
        }
        if turn == 1000 { cache.removeAll() }
      }
    }
    #expect(cache.bytes <= cache.capacity)
  }
}
