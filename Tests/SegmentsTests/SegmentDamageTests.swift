import Foundation
import Streams
import Testing

@testable import Segments

/// The failure table of the format, row by row, at offsets drawn from a seed.
@Suite struct `A damaged segment` {
  static let seeds: [UInt64] = Array(1...6)

  @Test(arguments: seeds)
  func `with a flipped bit in a chunk loses that chunk only`(seed: UInt64) throws {
    let copy = try DamagedCopy(seed: seed)
    var random = SeededGenerator(seed: seed)
    let chunk = Int.random(in: copy.sealed.chunks.indices, using: &random)
    let span = copy.frames[chunk + 1]
    let offset = Int.random(in: Int(span.offset)..<Int(span.end), using: &random)
    try copy.put(copy.flipped(offset, mask: 1 << UInt8.random(in: 0..<8, using: &random)))
    try expectOnly(chunk, isLostBy: copy)
  }

  @Test(arguments: seeds)
  func `with a zeroed page in a chunk loses that chunk only`(seed: UInt64) throws {
    let copy = try DamagedCopy(seed: seed)
    var random = SeededGenerator(seed: seed)
    let chunk = Int.random(in: copy.sealed.chunks.indices, using: &random)
    let span = copy.frames[chunk + 1]
    let offset = Int.random(in: Int(span.offset)..<Int(span.end) - 64, using: &random)
    var bytes = copy.original
    for index in offset..<(offset + 64) { bytes[index] = 0 }
    try copy.put(bytes)
    try expectOnly(chunk, isLostBy: copy)
  }

  private func expectOnly(_ chunk: Int, isLostBy copy: DamagedCopy) throws {
    let report = copy.verify()
    let isNamed = report.damage.contains { damage in
      switch damage {
      case .frameCorrupt(copy.range(chunk)), .frameRefused(copy.range(chunk), _): true
      default: false
      }
    }
    #expect(isNamed, "\(report.damage)")
    #expect(report.damage.count == 1)
    let others = copy.sealed.chunks.indices.filter { $0 != chunk }
    #expect(report.readable == others.map(copy.range))
    #expect(try copy.servedChunks(copy.open()) == others)
    #expect(try copy.servedChunks(copy.openByCatalog()) == others)
    copy.expectNeverWrong()
  }

  @Test(arguments: seeds)
  func `cut inside a frame serves what is before the cut`(seed: UInt64) throws {
    let copy = try DamagedCopy(seed: seed)
    var random = SeededGenerator(seed: seed)
    let chunk = Int.random(in: copy.sealed.chunks.indices, using: &random)
    let span = copy.frames[chunk + 1]
    let offset = Int.random(in: Int(span.offset) + 1..<Int(span.end), using: &random)
    try copy.put(Array(copy.original[..<offset]))
    try expectTruncated(copy, at: span.offset, chunks: chunk)
  }

  @Test(arguments: seeds)
  func `cut between two frames is not taken for a shorter one`(seed: UInt64) throws {
    let copy = try DamagedCopy(seed: seed)
    var random = SeededGenerator(seed: seed)
    let chunk = Int.random(in: copy.sealed.chunks.indices, using: &random)
    let offset = copy.frames[chunk + 1].offset
    try copy.put(Array(copy.original[..<Int(offset)]))
    try expectTruncated(copy, at: offset, chunks: chunk)
  }

  private func expectTruncated(_ copy: DamagedCopy, at offset: Int64, chunks: Int) throws {
    #expect(copy.verify().damage == [.truncated(at: offset)])
    #expect(copy.verify().readable == (0..<chunks).map(copy.range))
    let known = copy.verifyWithManifest()
    #expect(known.damage == [.truncated(at: offset)])
    #expect(known.readable == (0..<chunks).map(copy.range))
    #expect(throws: SegmentError.self) { try copy.open() }
    #expect(try copy.servedChunks(copy.openByCatalog()) == Array(0..<chunks))
    let salvaged = try SegmentFile(salvaging: copy.put(Array(copy.original[..<Int(offset)])))
    let count = copy.sealed.chunks[..<chunks].reduce(0) { $0 + Int($1.count) }
    #expect(try salvaged.events() == Array(copy.events.prefix(count)))
    copy.expectNeverWrong()
  }

  @Test func `without its end frame and table is truncated, and readable by a scan`() throws {
    let copy = try DamagedCopy()
    try copy.put(Array(copy.original[..<Int(copy.endFrame.offset)]))
    let report = copy.verify()
    #expect(report.damage == [.truncated(at: copy.endFrame.offset)])
    #expect(report.readable.count == copy.sealed.chunks.count)
    #expect(try copy.open().events() == copy.events)
    #expect(try copy.open().damage == [.truncated(at: copy.endFrame.offset)])
  }

  @Test(arguments: seeds)
  func `without one of its frames names the revisions that are missing`(seed: UInt64) throws {
    let copy = try DamagedCopy(seed: seed)
    var random = SeededGenerator(seed: seed)
    let chunk = Int.random(in: copy.sealed.chunks.indices, using: &random)
    let span = copy.frames[chunk + 1]
    var bytes = copy.original
    bytes.removeSubrange(Int(span.offset)..<Int(span.end))
    try copy.put(bytes)
    #expect(copy.verify().damage == [.chunkMissing(copy.range(chunk))])
    let others = copy.sealed.chunks.indices.filter { $0 != chunk }
    #expect(copy.verify().readable == others.map(copy.range))
    #expect(try copy.servedChunks(copy.open()) == others)
    copy.expectNeverWrong()
    try copy.put(repaired(copy, removing: chunk + 1))
    #expect(copy.verify().damage == [.chunkMissing(copy.range(chunk))])
    copy.expectNeverWrong()
  }

  /// Removes a frame and mends the seek table, as somebody would who means to hide it.
  private func repaired(_ copy: DamagedCopy, removing frame: Int) -> [UInt8] {
    copy.original.withUnsafeBytes { original in
      var table = SeekTable(original.slice(copy.tableOffset..<original.count)) ?? SeekTable()
      table.entries.remove(at: frame)
      var spans = copy.frames
      spans.remove(at: frame)
      return spans.flatMap(copy.bytes) + table.encoded
    }
  }

  @Test(arguments: seeds)
  func `with two frames swapped is out of order`(seed: UInt64) throws {
    let copy = try DamagedCopy(seed: seed)
    var random = SeededGenerator(seed: seed)
    let last = copy.sealed.chunks.count - 1
    let first = Int.random(in: 0..<last, using: &random)
    let second = Int.random(in: first + 1...last, using: &random)
    var spans = copy.frames
    spans.swapAt(first + 1, second + 1)
    try copy.put(spans.flatMap(copy.bytes) + copy.original[copy.tableOffset...])
    let damage = copy.verify().damage
    #expect(damage.contains(.orderViolation(copy.range(second))), "\(damage)")
    #expect(damage.allSatisfy { if case .orderViolation = $0 { true } else { false } })
    copy.expectNeverWrong()
  }

  @Test(arguments: seeds)
  func `with a frame twice has a duplicate`(seed: UInt64) throws {
    let copy = try DamagedCopy(seed: seed)
    var random = SeededGenerator(seed: seed)
    let chunk = Int.random(in: copy.sealed.chunks.indices, using: &random)
    var spans = copy.frames
    spans.insert(spans[chunk + 1], at: Int.random(in: 1...spans.count - 2, using: &random))
    try copy.put(spans.flatMap(copy.bytes) + copy.original[copy.tableOffset...])
    let damage = copy.verify().damage
    #expect(damage.contains(.duplicateChunk(copy.range(chunk))), "\(damage)")
    #expect(try copy.open().events() == copy.events)
  }

  @Test func `with any bit of its seek table flipped serves all and says so`() throws {
    let copy = try DamagedCopy()
    for offset in copy.tableOffset..<copy.original.count {
      try copy.put(copy.flipped(offset, mask: 1 << UInt8(offset % 8)))
      let damage = copy.verify().damage
      #expect(damage == [.degradedSeekTable], "byte \(offset)")
      #expect(try copy.open().events(threads: 0) == copy.events)
    }
  }

  @Test func `without its seek table serves all and says so`() throws {
    let copy = try DamagedCopy()
    try copy.put(Array(copy.original[..<copy.tableOffset]))
    #expect(copy.verify().damage == [.degradedSeekTable])
    #expect(try copy.open().events() == copy.events)
  }

  @Test(arguments: [1, 9, 10, 512, 100_000])
  func `with bytes behind its end serves all and says so`(count: Int) throws {
    let copy = try DamagedCopy()
    var random = SeededGenerator(seed: UInt64(count))
    let junk = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    try copy.put(copy.original + junk)
    #expect(
      copy.verify().damage
        == [.trailingBytes(at: Int64(copy.original.count), count: Int64(count))])
    #expect(try copy.open().events() == copy.events)
  }

  @Test func `that is empty counts as missing`() throws {
    let copy = try DamagedCopy()
    let path = try copy.put([])
    #expect(copy.verify(.stat).damage == [.empty])
    let error = #expect(throws: SegmentError.self) { try copy.open() }
    #expect(error?.code == .segmentMissing)
    try FileManager.default.removeItem(atPath: path)
    #expect(copy.verify(.stat).damage == [.missing])
    let missing = #expect(throws: SegmentError.self) { try copy.open() }
    #expect(missing?.code == .segmentMissing)
  }

  @Test(arguments: seeds)
  func `with a damaged manifest is read by the catalog's copy`(seed: UInt64) throws {
    let copy = try DamagedCopy(seed: seed)
    var random = SeededGenerator(seed: seed)
    let span = copy.manifestFrame
    try copy.put(copy.flipped(Int.random(in: Int(span.offset)..<Int(span.end), using: &random)))
    for report in [copy.verify(), copy.verifyWithManifest()] {
      let isNamed = report.damage.contains { if case .manifestCorrupt = $0 { true } else { false } }
      #expect(isNamed && report.damage.count == 1, "\(report.damage)")
    }
    #expect(copy.verifyWithManifest().readable.count == copy.sealed.chunks.count)
    #expect(throws: SegmentError.self) { try copy.open() }
    copy.expectNeverWrong()
  }

  @Test func `that is another segment is not served`() throws {
    let copy = try DamagedCopy()
    let path = try copy.put(copy.original)
    let wrong = [
      SegmentExpectation(storeID: "another"), SegmentExpectation(archiveSeq: 2),
      SegmentExpectation(generation: 2), SegmentExpectation(manifestSHA256: SHA256Sum(of: [])),
    ]
    for expected in wrong {
      let report = SegmentVerifier.verify(path, level: .index, expected: expected)
      let isNamed = report.damage.contains {
        if case .identityMismatch = $0 { true } else { false }
      }
      #expect(isNamed && report.readable.isEmpty)
    }
    #expect(copy.verify(.full).isSound)
  }

  @Test func `that was made writable or resized is found without reading it`() throws {
    let copy = try DamagedCopy()
    let path = try copy.put(copy.original)
    chmod(path, 0o644)
    #expect(copy.verify(.stat).damage == [.writable(mode: "0644")])
    let report = SegmentVerifier.verify(
      path, level: .stat, expected: SegmentExpectation(fileBytes: 5))
    #expect(report.damage.first == .wrongSize(expected: 5, found: Int64(copy.original.count)))
  }
}
