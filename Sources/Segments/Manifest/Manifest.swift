public import Streams

/// What a segment holds: the bytes of its member `manifest.json`.
///
/// One JSON object in UTF-8, keys sorted, no floats, a line feed at the end. Its bytes are what is
/// hashed. Nothing about compression is in it, so that recompressing a segment keeps its root and
/// its place in the chain. Keys this version does not know are kept and ignored.
public struct Manifest: Hashable, Sendable {
  /// The segment's file name without extension.
  public var segmentID: String
  public var storeID: String
  /// Counts up without gaps per store, from 1.
  public var archiveSeq: Int64
  /// From 1; a rewrite has the next.
  public var generation: Int64
  public var createdAt: Timestamp
  public var writer: Writer
  public var streams: [Stream]
  public var chunks: [Chunk]
  /// ``root(of:)`` of ``chunks``.
  public var root: SHA256Sum
  /// The previous segment of the store; nil for the first.
  public var prev: Link?
  /// The segment this one is a rewrite of.
  public var supersedes: Supersession?
  /// SHA-256 of the public key that signed, or nil.
  public var signingKey: SHA256Sum?
  var unknown: [JSONMember] = []

  public init(
    segmentID: String, storeID: String, archiveSeq: Int64, generation: Int64, createdAt: Timestamp,
    writer: Writer, streams: [Stream], chunks: [Chunk], prev: Link? = nil,
    supersedes: Supersession? = nil, signingKey: SHA256Sum? = nil
  ) {
    self.segmentID = segmentID
    self.storeID = storeID
    self.archiveSeq = archiveSeq
    self.generation = generation
    self.createdAt = createdAt
    self.writer = writer
    self.streams = streams
    self.chunks = chunks
    self.root = Self.root(of: chunks)
    self.prev = prev
    self.supersedes = supersedes
    self.signingKey = signingKey
  }

  /// SHA-256 of `rookery-root-v1`, a line feed, and each chunk's SHA-256 in hex on a line.
  public static func root(of chunks: [Chunk]) -> SHA256Sum {
    var hash = RunningSHA256()
    hash.update("rookery-root-v1\n")
    for chunk in chunks { hash.update(chunk.sha256.description + "\n") }
    return hash.finish()
  }
}

extension Manifest {
  /// The software that wrote the segment, and how.
  public struct Writer: Hashable, Sendable {
    public var name: String
    public var version: String
    /// The zstd level.
    public var level: Int64
    /// The chunk target, in bytes of event lines.
    public var frameTarget: Int64
    var unknown: [JSONMember] = []

    public init(name: String, version: String, level: Int64, frameTarget: Int64) {
      self.name = name
      self.version = version
      self.level = level
      self.frameTarget = frameTarget
    }
  }

  /// The previous segment of the store.
  public struct Link: Hashable, Sendable {
    public var archiveSeq: Int64
    public var manifestSHA256: SHA256Sum
    var unknown: [JSONMember] = []

    public init(archiveSeq: Int64, manifestSHA256: SHA256Sum) {
      self.archiveSeq = archiveSeq
      self.manifestSHA256 = manifestSHA256
    }
  }

  /// The segment that a rewrite replaces, and why.
  public struct Supersession: Hashable, Sendable {
    public var manifestSHA256: SHA256Sum
    public var reason: String
    /// All that stood in this place before, the oldest first and the one replaced last; empty in
    /// manifests of versions that did not say.
    public var generations: [Generation]
    var unknown: [JSONMember] = []

    public init(manifestSHA256: SHA256Sum, reason: String, generations: [Generation] = []) {
      self.manifestSHA256 = manifestSHA256
      self.reason = reason
      self.generations = generations
    }
  }

  /// A segment that was replaced, and its place in the chain: it closes over it without its file
  /// and its manifest, which may tell of somebody who was erased.
  public struct Generation: Hashable, Sendable {
    public var archiveSeq: Int64
    public var manifestSHA256: SHA256Sum
    /// The manifest hash of the segment before it in the chain; nil for the first.
    public var prev: SHA256Sum?
    var unknown: [JSONMember] = []

    public init(archiveSeq: Int64, manifestSHA256: SHA256Sum, prev: SHA256Sum?) {
      self.archiveSeq = archiveSeq
      self.manifestSHA256 = manifestSHA256
      self.prev = prev
    }
  }

  /// How many events of a type a stream has.
  public struct TypeCount: Hashable, Sendable {
    public var type: String
    public var count: Int64

    public init(type: String, count: Int64) {
      self.type = type
      self.count = count
    }
  }

  /// A closed range of one stream's revisions.
  public struct Stream: Hashable, Sendable {
    public var info: SegmentStreamInfo
    public var first: Revision
    public var last: Revision
    public var count: Int64
    /// The earliest and the latest time an event happened; events need not be in order of time.
    public var firstAt: Timestamp
    public var lastAt: Timestamp
    public var firstPosition: Position
    public var lastPosition: Position
    /// In order of the types' UTF-8 bytes.
    public var types: [TypeCount]
    var unknown: [JSONMember] = []

    public init(
      info: SegmentStreamInfo, first: Revision, last: Revision, count: Int64, firstAt: Timestamp,
      lastAt: Timestamp, firstPosition: Position, lastPosition: Position, types: [TypeCount]
    ) {
      self.info = info
      self.first = first
      self.last = last
      self.count = count
      self.firstAt = firstAt
      self.lastAt = lastAt
      self.firstPosition = firstPosition
      self.lastPosition = lastPosition
      self.types = types
    }
  }

  /// One tar member of event lines.
  public struct Chunk: Hashable, Sendable {
    public var member: String
    /// Index into ``Manifest/streams``.
    public var stream: Int
    public var first: Revision
    public var last: Revision
    public var count: Int64
    /// Bytes of the member's data: the event lines, unless they are encrypted.
    public var bytes: Int
    /// SHA-256 of the member's data.
    public var sha256: SHA256Sum
    public var encryption: Encryption
    var unknown: [JSONMember] = []

    /// What a member's data is.
    public enum Encryption: String, Sendable {
      /// Event lines.
      case none
      /// Event lines, compressed with zstd, in an age file that the key of the stream's subject
      /// opens. ``bytes`` and ``sha256`` are of the age file.
      case ageV1 = "age-v1"
    }

    public init(
      member: String, stream: Int, first: Revision, last: Revision, count: Int64, bytes: Int,
      sha256: SHA256Sum, encryption: Encryption = .none
    ) {
      self.member = member
      self.stream = stream
      self.first = first
      self.last = last
      self.count = count
      self.bytes = bytes
      self.sha256 = sha256
      self.encryption = encryption
    }
  }
}
