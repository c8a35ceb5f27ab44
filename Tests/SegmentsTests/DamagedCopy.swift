import Foundation
import Streams
import Testing

@testable import Segments

/// A segment whose bytes a test changes, beside what it must serve.
final class DamagedCopy {
  let folder: TemporaryFolder
  let sealed: SealedSegment
  let events: [RecordedEvent]
  let original: [UInt8]
  private let path: String

  /// One stream of `count` events in chunks of `chunkTarget` bytes.
  init(count: Int = 300, chunkTarget: Int = 8 << 10, seed: UInt64 = 1) throws {
    folder = try TemporaryFolder()
    events = Sample.uptime(count, from: 3, seed: seed)
    sealed = try Sample.write(
      [("damaged", events)], in: folder.path,
      options: SegmentWriterOptions(chunkTarget: chunkTarget))
    original = Array(FileManager.default.contents(atPath: sealed.path) ?? Data())
    path = folder.path + "/damaged.tar.zst"
  }

  var manifestFrame: FrameSpan { frames[frames.count - 2] }
  var endFrame: FrameSpan { frames[frames.count - 1] }
  var tableOffset: Int { Int(endFrame.end) }

  /// The places of all frames of the undamaged file.
  lazy var frames: [FrameSpan] = original.withUnsafeBytes { bytes in
    let frames = Int(bytes.littleEndian(at: bytes.count - 9, count: 4))
    let start = bytes.count - SeekTable.bytes(frames: frames)
    return SeekTable(bytes.slice(start..<bytes.count))?.spans ?? []
  }

  func bytes(of span: FrameSpan) -> [UInt8] { Array(original[Int(span.offset)..<Int(span.end)]) }

  /// Puts `bytes` in the file's place, read-only as the writer leaves it.
  @discardableResult
  func put(_ bytes: [UInt8]) throws -> String {
    try? FileManager.default.removeItem(atPath: path)
    try Data(bytes).write(to: URL(filePath: path))
    chmod(path, 0o444)
    return path
  }

  func flipped(_ offset: Int, mask: UInt8 = 0x01) -> [UInt8] {
    var bytes = original
    bytes[offset] ^= mask
    return bytes
  }

  func range(_ chunk: Int) -> ChunkRange {
    let chunks = sealed.chunks
    return ChunkRange(
      chunk: chunk, stream: 0, first: chunks[chunk].first, last: chunks[chunk].last)
  }

  func verify(_ level: VerifyLevel = .full) -> VerifyReport {
    SegmentVerifier.verify(path, level: level, threads: sealed.chunks.count > 8 ? 2 : 0)
  }

  /// With all that the catalog knows but the size and the hash of the file, which find everything.
  func verifyWithManifest() -> VerifyReport {
    SegmentVerifier.verify(
      path, level: .full,
      expected: SegmentExpectation(
        manifestSHA256: sealed.manifestSHA256, manifestBytes: sealed.manifestBytes))
  }

  func open() throws -> SegmentFile { try SegmentFile(path: path) }
  func openByCatalog() throws -> SegmentFile { try SegmentFile(path: path, chunks: sealed.chunks) }

  /// Reads all it can in every way there is. Whatever comes must be the events, from the first on,
  /// and fewer than all of them only together with an error.
  func expectNeverWrong(_ comment: Comment? = nil) {
    for open in [open, openByCatalog] {
      guard let file = try? open() else { continue }
      expectPrefix(file, events, backward: false, comment)
      expectPrefix(file, events.reversed(), backward: true, comment)
    }
  }

  private func expectPrefix(
    _ file: SegmentFile, _ expected: [RecordedEvent], backward: Bool, _ comment: Comment?
  ) {
    var served: [RecordedEvent] = []
    do {
      try file.forEachEvent(stream: 0, backward: backward, threads: 0) { event in
        served.append(event.copy())
        return true
      }
      #expect(served == expected, comment)
    } catch {
      #expect(served.elementsEqual(expected.prefix(served.count)), comment)
    }
  }

  /// The revisions that can be read chunk by chunk, whatever happens to the others.
  func servedChunks(_ file: SegmentFile) throws -> [Int] {
    var buffer = try ChunkBuffer()
    return file.chunks.indices.filter { index in
      (try? file.readChunk(index, into: &buffer)) != nil
    }
  }
}
