/// How thoroughly a segment is verified. Only ``full`` counts as "verified".
public enum VerifyLevel: Int, Comparable, CaseIterable, Sendable {
  /// Size, mode: finds a file that is missing, resized or writable.
  case stat
  /// Also seek table, manifest, identity, signature: finds a cut, a wrong file, a broken chain.
  case index
  /// Also every byte, from the disk and not from a cache: finds any flipped bit.
  case full

  public static func < (a: VerifyLevel, b: VerifyLevel) -> Bool { a.rawValue < b.rawValue }
}

/// What a catalog knows of a segment; nil is not checked.
public struct SegmentExpectation: Hashable, Sendable {
  public var storeID: String?
  public var archiveSeq: Int64?
  public var generation: Int64?
  public var manifestSHA256: SHA256Sum?
  /// The manifest's bytes, to stand in for a damaged one.
  public var manifestBytes: [UInt8]?
  public var fileBytes: Int64?
  public var fileSHA256: SHA256Sum?
  /// The keys whose signatures count; an empty list trusts nobody.
  public var trustedKeys: [TrustedKey]?

  public init(
    storeID: String? = nil, archiveSeq: Int64? = nil, generation: Int64? = nil,
    manifestSHA256: SHA256Sum? = nil, manifestBytes: [UInt8]? = nil, fileBytes: Int64? = nil,
    fileSHA256: SHA256Sum? = nil, trustedKeys: [TrustedKey]? = nil
  ) {
    self.storeID = storeID
    self.archiveSeq = archiveSeq
    self.generation = generation
    self.manifestSHA256 = manifestSHA256
    self.manifestBytes = manifestBytes
    self.fileBytes = fileBytes
    self.fileSHA256 = fileSHA256
    self.trustedKeys = trustedKeys
  }

  /// All there is to know of a segment that was just written.
  public init(_ sealed: SealedSegment) {
    self.init(
      storeID: sealed.manifest.storeID, archiveSeq: sealed.manifest.archiveSeq,
      generation: sealed.manifest.generation, manifestSHA256: sealed.manifestSHA256,
      manifestBytes: sealed.manifestBytes, fileBytes: sealed.bytes, fileSHA256: sealed.sha256)
  }
}

/// What a verification found.
public struct VerifyReport: Hashable, Sendable {
  public let path: String
  public let level: VerifyLevel
  /// Empty for a sound segment.
  public internal(set) var damage: [SegmentDamage] = []
  public internal(set) var manifest: Manifest?
  public internal(set) var manifestSHA256: SHA256Sum?
  /// The trusted key whose signature of the manifest holds; from level ``VerifyLevel/index``.
  public internal(set) var signedBy: SHA256Sum?
  /// The key that signed it and is not a trusted one. That is no damage: what the segment holds
  /// agrees with its manifest, and nobody here can say who vouches for that.
  public internal(set) var untrustedKey: SHA256Sum?
  /// SHA-256 of the whole file; only at level ``VerifyLevel/full``.
  public internal(set) var fileSHA256: SHA256Sum?
  /// The chunks that can be served: at level `full` those that were read and found sound, at level
  /// `index` those that are in the file.
  public internal(set) var readable: [ChunkRange] = []
  public internal(set) var eventsChecked: Int64 = 0
  /// Event lines, in bytes.
  public internal(set) var bytesChecked: Int64 = 0

  public var isSound: Bool { damage.isEmpty }

  /// Why the store that keeps the segment could not be asked; nil if it could.
  public var unavailability: String? {
    for case .unavailable(let reason) in damage { return reason }
    return nil
  }

  init(path: String, level: VerifyLevel) {
    self.path = path
    self.level = level
  }

  /// What is known of a segment that could not be opened.
  public init(path: String, level: VerifyLevel, failure: SegmentError) {
    self.init(path: path, level: level)
    note(failure)
  }

  mutating func note(_ damage: SegmentDamage) {
    if !self.damage.contains(damage) { self.damage.append(damage) }
  }

  mutating func note(_ error: SegmentError) {
    switch error {
    case .damaged(_, let damage): note(damage)
    case .missing: note(.missing)
    case .unavailable(_, let reason): note(.unavailable(reason))
    case .io(_, _, let errno): note(.ioError(errno: errno))
    default: note(.unsupported(error.message))
    }
  }
}
