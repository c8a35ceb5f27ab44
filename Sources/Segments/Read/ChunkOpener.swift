internal import Sealing
internal import Streams

/// Turns the age file of an encrypted chunk into event lines.
struct ChunkOpener: ~Copyable {
  private let decompressor: FrameDecompressor
  private var frame: [UInt8] = []
  /// The event lines, in the first bytes of it.
  var lines: [UInt8] = []

  init() throws(SegmentError) { decompressor = try FrameDecompressor() }

  /// Opens `file`, whose hash is that of the manifest, into ``lines``; returns their length.
  ///
  /// Without a key the lines say of every event that it is erased.
  ///
  /// - Throws: ``SegmentError/keyUnavailable(_:)``, or `.damaged` with the chunk when what was sealed
  ///   is no chunk or breaks a limit.
  mutating func open(
    _ file: UnsafeRawBufferPointer, _ chunk: SegmentChunk, _ range: ChunkRange, subject: String,
    _ keys: Keyring, path: String
  ) throws(SegmentError) -> Int {
    guard let identity = try keys.identity(of: subject) else {
      return try writeErased(chunk, range, path)
    }
    do throws(AgeError) {
      var opener = AgeOpener(identity)
      try opener.open(file, into: &frame)
    } catch {
      guard error == .wrongKey else { throw .damaged(segment: path, .frameCorrupt(range)) }
      throw .keyUnavailable("it is not the one that \(path) was sealed to.")
    }
    let opened = frame.withUnsafeBytes { frame in
      Result { () throws(FrameProblem) in
        try FrameReader.decompress(frame, decompressor, into: &lines)
      }
    }
    switch opened {
    case .success(let count): return count
    case .failure(.refused(let reason)):
      throw .damaged(segment: path, .frameRefused(range, reason))
    case .failure: throw .damaged(segment: path, .frameCorrupt(range))
    }
  }

  private mutating func writeErased(
    _ chunk: SegmentChunk, _ range: ChunkRange, _ path: String
  ) throws(SegmentError) -> Int {
    guard (1...SegmentLimits.sealedEvents).contains(chunk.count),
      chunk.last.rawValue - chunk.first.rawValue == chunk.count - 1
    else {
      throw .damaged(segment: path, .frameRefused(range, "its number of events is out of range"))
    }
    lines.removeAll(keepingCapacity: true)
    for revision in chunk.first.rawValue...chunk.last.rawValue { lines.append(erased: revision) }
    return lines.count
  }
}
