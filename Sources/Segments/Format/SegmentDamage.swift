public import Streams

/// A run of revisions of one of a segment's streams, as one chunk holds it.
public struct ChunkRange: Hashable, Sendable, CustomStringConvertible {
  /// The chunk's index in the manifest.
  public var chunk: Int
  /// The stream's index in the manifest.
  public var stream: Int
  public var first: Revision
  public var last: Revision

  public init(chunk: Int, stream: Int, first: Revision, last: Revision) {
    self.chunk = chunk
    self.stream = stream
    self.first = first
    self.last = last
  }

  public var description: String { "chunk \(chunk) (revisions \(first) to \(last))" }
}

/// What is wrong with a segment file.
public enum SegmentDamage: Hashable, Sendable {
  // The file as a whole
  case missing
  /// No byte in it; treated as missing.
  case empty
  /// Its last whole frame ends at this offset, and what should follow is not there.
  case truncated(at: Int64)
  /// Bytes follow the seek table, from this offset on. The content is served.
  case trailingBytes(at: Int64, count: Int64)
  /// The seek table is absent or wrong; the frames were found by walking them. Served.
  case degradedSeekTable
  case wrongSize(expected: Int64, found: Int64)
  /// The file can be written to: its mode, in octal.
  case writable(mode: String)
  /// Its SHA-256 is not the catalog's, though its content may be whole.
  case fileHashMismatch
  /// A member that is neither a chunk nor the manifest (README.txt, manifest.sig) is damaged.
  case memberCorrupt(String)

  // The manifest
  case manifestCorrupt(String)
  /// A sound file, but not the one asked for. Not served.
  case identityMismatch(String)
  /// The signature is not what the manifest says, or not over this manifest.
  case badSignature(String)
  /// Signed with a key after that was retired.
  case retiredKey(SHA256Sum)

  // Chunks
  /// It fails its checksum, its hash, or does not hold the lines it should. The others are served.
  case frameCorrupt(ChunkRange)
  /// Its frame breaks a limit of ``SegmentLimits``; nothing was allocated for it.
  case frameRefused(ChunkRange, String)
  case chunkMissing(ChunkRange)
  case duplicateChunk(ChunkRange)
  /// It does not stand where the manifest says. Served, as it is found by its name.
  case orderViolation(ChunkRange)
  /// The events of a stream, by index, are not what the manifest says of them.
  case contentMismatch(stream: Int, String)

  // Refused
  /// A version, feature or size this software does not read; nothing was allocated for it.
  case unsupported(String)
  case ioError(errno: Int32)
  /// The store that keeps it could not be asked; this says nothing of the file.
  case unavailable(String)
}

extension SegmentDamage {
  /// It says nothing of the segment, but that it can't be had now.
  public var isUnavailability: Bool {
    if case .unavailable = self { true } else { false }
  }

  /// The chunk it is about; nil when it is about the file.
  public var chunk: ChunkRange? {
    switch self {
    case .frameCorrupt(let chunk), .chunkMissing(let chunk), .duplicateChunk(let chunk),
      .orderViolation(let chunk):
      chunk
    default: nil
    }
  }
}

extension SegmentDamage: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missing: "the file is missing"
    case .empty: "the file is empty"
    case .truncated(let at): "the file is cut off: its last whole frame ends at byte \(at)"
    case .trailingBytes(let at, let count): "\(count) bytes follow the end, at byte \(at)"
    case .degradedSeekTable: "the seek table is damaged or absent; the frames were walked instead"
    case .wrongSize(let expected, let found): "the file has \(found) bytes instead of \(expected)"
    case .writable(let mode): "the file is not read-only: its mode is \(mode)"
    case .fileHashMismatch: "the file's SHA-256 is not the one recorded"
    case .memberCorrupt(let name): "member \(name) is damaged"
    case .manifestCorrupt(let reason): "the manifest is damaged: \(reason)"
    case .identityMismatch(let what): "it is another segment: \(what)"
    case .badSignature(let what): "its signature is bad: \(what)"
    case .retiredKey(let key): "it is signed with key \(key) after that was retired"
    case .frameCorrupt(let range): "\(range) is damaged"
    case .frameRefused(let range, let reason): "\(range) is refused: \(reason)"
    case .chunkMissing(let range): "\(range) is missing"
    case .duplicateChunk(let range): "\(range) is there more than once"
    case .orderViolation(let range): "\(range) is out of order"
    case .contentMismatch(let stream, let what): "stream \(stream) is not as described: \(what)"
    case .unsupported(let what): "it is refused: \(what)"
    case .ioError(let errno): "reading failed: \(systemMessage(errno))"
    case .unavailable(let reason): "it can't be had: \(reason)"
    }
  }
}
