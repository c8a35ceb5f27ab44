import Foundation
import Streams
import Testing

@testable import Segments

@Suite struct `Every damage to a small segment` {
  private static func smallCopy() throws -> DamagedCopy {
    try DamagedCopy(count: 7, chunkTarget: 600)
  }

  private static func expectation(_ copy: DamagedCopy) -> SegmentExpectation {
    SegmentExpectation(copy.sealed)
  }

  /// A flip that nothing in the file shows must leave every event, and the manifest, as they were.
  @Test(arguments: ["one bit", "all bits"])
  func `by flipping bits of any byte is found or without effect`(which: String) throws {
    let copy = try Self.smallCopy()
    var harmless: [Int] = []
    for offset in copy.original.indices {
      let mask: UInt8 = which == "one bit" ? 1 << UInt8(offset * 5 % 8) : 0xFF
      let path = try copy.put(copy.flipped(offset, mask: mask))
      copy.expectNeverWrong("byte \(offset)")
      guard copy.verify().isSound else { continue }
      harmless.append(offset)
      let known = SegmentVerifier.verify(path, level: .full, expected: Self.expectation(copy))
      #expect(known.damage == [.fileHashMismatch], "byte \(offset)")
      let file = try copy.open()
      #expect(try file.events(threads: 0) == copy.events, "byte \(offset)")
      #expect(file.manifestSHA256 == copy.sealed.manifestSHA256, "byte \(offset)")
    }
    // A frame header's unused bit (RFC 8878 §3.1.1.1.1.3) and a few that a decoder skips.
    #expect(harmless.count <= 3 * copy.frames.count, "\(harmless)")
    print(
      "\(which) flipped in each of \(copy.original.count) bytes:",
      "\(copy.original.count - harmless.count) found by the file alone,",
      "\(harmless.count) harmless and found by the catalog's hash")
  }

  @Test func `by cutting it anywhere is found`() throws {
    let copy = try Self.smallCopy()
    for count in copy.original.indices {
      let path = try copy.put(Array(copy.original[..<count]))
      copy.expectNeverWrong("\(count) bytes")
      let report = copy.verify()
      let isNamed = report.damage.contains { damage in
        switch damage {
        case .truncated, .empty, .degradedSeekTable: true
        default: false
        }
      }
      #expect(isNamed, "\(count) bytes: \(report.damage)")
      // Only the seek table may be lost without losing what was served.
      #expect((try? copy.open().damage) != [], "\(count) bytes")
      #expect(report.damage.contains(.degradedSeekTable) == (count >= copy.tableOffset))
      let known = SegmentVerifier.verify(path, level: .stat, expected: Self.expectation(copy))
      #expect(!known.isSound)
    }
    print("cut at each of \(copy.original.count) places: all found")
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func `by garbage in many places never serves a wrong byte`(seed: UInt64) throws {
    let copy = try DamagedCopy(count: 60, chunkTarget: 2 << 10, seed: seed)
    var random = SeededGenerator(seed: seed)
    var bytes = copy.original
    for _ in 0..<Int.random(in: 1...12, using: &random) {
      switch Int.random(in: 0..<3, using: &random) {
      case 0: bytes[Int.random(in: bytes.indices, using: &random)] = UInt8(random.next() & 0xFF)
      case 1:
        let start = Int.random(in: 0..<bytes.count - 40, using: &random)
        bytes.removeSubrange(start..<start + Int.random(in: 1..<40, using: &random))
      default:
        let start = Int.random(in: 0..<bytes.count - 40, using: &random)
        bytes.insert(contentsOf: bytes[start..<start + 30], at: start)
      }
    }
    try copy.put(bytes)
    copy.expectNeverWrong("seed \(seed)")
    #expect(!copy.verify().isSound)
  }
}
