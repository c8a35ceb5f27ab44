internal import Streams

extension Manifest {
  /// Reads and validates the bytes of a manifest.
  ///
  /// - Throws: ``ManifestError/unsupported(_:)`` for a higher version or an unknown encryption,
  ///   ``ManifestError/corrupt(_:)`` for anything that is not a valid manifest.
  public init(decoding bytes: UnsafeRawBufferPointer) throws(ManifestError) {
    guard JSONValidator().problem(in: bytes) == nil else { throw .corrupt("it is not JSON") }
    var object = try JSONObjectReader(bytes, path: "")
    guard try object.text("format") == Self.format else {
      throw .corrupt("its format is not \(Self.format)")
    }
    let version = try object.integer("version")
    guard version <= SegmentLimits.version else {
      throw .unsupported("it has version \(version), this program reads \(SegmentLimits.version)")
    }
    self = try Self.decode(&object)
    try validate()
  }

  public init(decoding bytes: [UInt8]) throws(ManifestError) {
    let result = bytes.withUnsafeBytes { bytes in
      Result { () throws(ManifestError) in try Manifest(decoding: bytes) }
    }
    self = try result.get()
  }

  private static func decode(
    _ object: inout JSONObjectReader
  ) throws(ManifestError) -> Manifest {
    var manifest = Manifest(
      segmentID: try object.text("segment_id"), storeID: try object.text("store_id"),
      archiveSeq: try object.integer("archive_seq"), generation: try object.integer("generation"),
      createdAt: try object.time("created_at"),
      writer: try object.object("writer", Writer.decode),
      streams: try object.array("streams", Stream.decode),
      chunks: try object.array("chunks", Chunk.decode))
    manifest.root = try object.hash("root")
    manifest.prev = try object.optional("prev") { object throws(ManifestError) in
      try object.object("prev", Link.decode)
    }
    manifest.supersedes = try object.optional("supersedes") { object throws(ManifestError) in
      try object.object("supersedes", Supersession.decode)
    }
    manifest.signingKey = try object.optional("signing_key") { object throws(ManifestError) in
      try object.hash("signing_key")
    }
    manifest.unknown = object.unknown
    return manifest
  }
}

extension Manifest.Writer {
  fileprivate static func decode(
    _ object: inout JSONObjectReader
  ) throws(ManifestError) -> Manifest.Writer {
    var writer = Manifest.Writer(
      name: try object.text("name"), version: try object.text("version"),
      level: try object.integer("level"), frameTarget: try object.integer("frame_target"))
    writer.unknown = object.unknown
    return writer
  }
}

extension Manifest.Link {
  fileprivate static func decode(
    _ object: inout JSONObjectReader
  ) throws(ManifestError) -> Manifest.Link {
    var link = Manifest.Link(
      archiveSeq: try object.integer("archive_seq"),
      manifestSHA256: try object.hash("manifest_sha256"))
    link.unknown = object.unknown
    return link
  }
}

extension Manifest.Supersession {
  fileprivate static func decode(
    _ object: inout JSONObjectReader
  ) throws(ManifestError) -> Manifest.Supersession {
    var supersession = Manifest.Supersession(
      manifestSHA256: try object.hash("manifest_sha256"), reason: try object.text("reason"))
    if object.has("generations") {
      supersession.generations = try object.array("generations", Manifest.Generation.decode)
    }
    supersession.unknown = object.unknown
    return supersession
  }
}

extension Manifest.Generation {
  fileprivate static func decode(
    _ object: inout JSONObjectReader
  ) throws(ManifestError) -> Manifest.Generation {
    var generation = Manifest.Generation(
      archiveSeq: try object.integer("archive_seq"),
      manifestSHA256: try object.hash("manifest_sha256"),
      prev: try object.optional("prev") { object throws(ManifestError) in
        try object.hash("prev")
      })
    generation.unknown = object.unknown
    return generation
  }
}

extension Manifest.Stream {
  fileprivate static func decode(
    _ object: inout JSONObjectReader
  ) throws(ManifestError) -> Manifest.Stream {
    var stream = Manifest.Stream(
      info: try SegmentStreamInfo.decode(&object),
      first: Revision(try object.integer("first")), last: Revision(try object.integer("last")),
      count: try object.integer("count"),
      firstAt: try object.time("first_at"), lastAt: try object.time("last_at"),
      firstPosition: Position(try object.integer("seq_first")),
      lastPosition: Position(try object.integer("seq_last")), types: try types(&object))
    stream.unknown = object.unknown
    return stream
  }

  private static func types(
    _ object: inout JSONObjectReader
  ) throws(ManifestError) -> [Manifest.TypeCount] {
    var types: [Manifest.TypeCount] = []
    var isSound = true
    JSONMembers.forEach(in: try object.take("types", .object).bytes) { key, value in
      guard let type = CanonicalString.resolve(key),
        let count = Int64(String(decoding: value.bytes, as: UTF8.self)), count > 0
      else {
        isSound = false
        return
      }
      types.append(Manifest.TypeCount(type: type, count: count))
    }
    guard isSound else { throw object.problem("types") }
    return types
  }
}

extension SegmentStreamInfo {
  fileprivate static func decode(
    _ object: inout JSONObjectReader
  ) throws(ManifestError) -> SegmentStreamInfo {
    guard let name = try? StreamName(try object.text("name")) else { throw object.problem("name") }
    guard let lifecycle = Lifecycle(rawValue: try object.text("lifecycle")) else {
      throw object.problem("lifecycle")
    }
    func text(_ key: String) throws(ManifestError) -> String? {
      try object.optional(key) { object throws(ManifestError) in try object.text(key) }
    }
    var info = SegmentStreamInfo(
      name: name, category: try object.text("category"), lifecycle: lifecycle,
      acl: try text("acl"), metadata: try text("metadata"),
      retainUntil: try object.optional("retain_until") { object throws(ManifestError) in
        try object.time("retain_until")
      },
      legalHold: try text("legal_hold"), subject: try text("subject"),
      prev: try object.optional("prev") { object throws(ManifestError) in
        try object.hash("prev")
      })
    if object.has("deleted") { info.tombstone = try object.object("deleted", Tombstone.decode) }
    return info
  }
}

extension Tombstone {
  fileprivate static func decode(
    _ object: inout JSONObjectReader
  ) throws(ManifestError) -> Tombstone {
    guard let principal = Principal(try object.text("by")) else { throw object.problem("by") }
    return Tombstone(
      deletedAt: try object.time("at"), deletedBy: principal, reason: try object.text("reason"))
  }
}

extension Manifest.Chunk {
  fileprivate static func decode(
    _ object: inout JSONObjectReader
  ) throws(ManifestError) -> Manifest.Chunk {
    let enc = try object.text("enc")
    guard let encryption = Encryption(rawValue: enc) else {
      throw .unsupported("it has chunks encrypted as \(enc)")
    }
    var chunk = Manifest.Chunk(
      member: try object.text("member"), stream: Int(try object.integer("stream")),
      first: Revision(try object.integer("first")), last: Revision(try object.integer("last")),
      count: try object.integer("count"),
      bytes: Int(try object.integer("bytes", max: Int64(SegmentLimits.frameBytes))),
      sha256: try object.hash("sha256"), encryption: encryption)
    chunk.unknown = object.unknown
    return chunk
  }
}
