internal import EventStore
internal import Segments
internal import Streams

/// A segment that was read whole: sound, or one whose manifest is and some of whose chunks are not.
struct Candidate {
  let segment: VerifiedSegment
  /// The bytes that were read, on this machine.
  let source: any ByteSource
  let isDamaged: Bool
  /// Whether a trusted key signed it.
  let isVouchedFor: Bool
  /// The chunks that can be served, by their index in the manifest.
  let readable: Set<Int>
  /// Where the first copy is; nil is the archive folder.
  let target: String?
  /// At targets, the first copy among them if it is there: each was read whole.
  private(set) var copies: [CatalogCopy] = []
  /// Files of this name that are not this segment, or not whole.
  private(set) var refused: [(file: String, problem: ReindexProblem)] = []

  var file: String { segment.name.relativePath }

  /// Reads a segment wherever it was found. The first sound file counts as the first copy; one that
  /// is damaged only where none is sound.
  ///
  /// - Throws: ``ReindexProblem`` when nothing in any of them can be trusted; `SegmentError`
  ///   `.unavailable`, `.io`; ``TargetError``.
  /// - Complexity: O(bytes) a site; what is at a target is fetched once.
  static func choose(
    _ found: FoundSegment, scratch: String, trusting keys: [TrustedKey], now: Timestamp
  ) throws -> Candidate {
    var chosen: Candidate?
    var rest: [(site: SegmentSite, problem: ReindexProblem)] = []
    for site in found.sites {
      if chosen?.isDamaged == false {
        try chosen?.add(site, now)
        continue
      }
      do {
        let candidate = try Candidate(found, at: site, scratch: scratch, trusting: keys, now)
        // What is damaged gives way to what is sound.
        if let old = chosen, !candidate.isDamaged {
          rest.append((site: found.site(at: old.target), problem: .damaged(old.damage)))
        }
        if chosen == nil || !candidate.isDamaged { chosen = candidate }
      } catch let problem as ReindexProblem {
        rest.append((site, problem))
      }
    }
    guard var chosen else { throw rest.first?.problem ?? .unreadable("It is gone.") }
    chosen.refused += rest.map { ($0.site.label(found.file), $0.problem) }
    return chosen
  }

  private let damage: [SegmentDamage]

  private init(
    _ found: FoundSegment, at site: SegmentSite, scratch: String, trusting keys: [TrustedKey],
    _ now: Timestamp
  ) throws {
    let source = try Self.source(found.file, site, scratch)
    let report = SegmentVerifier.verify(
      source, level: .full,
      expected: SegmentExpectation(
        storeID: found.storeID, archiveSeq: found.archiveSeq, generation: found.generation,
        manifestSHA256: found.manifestSHA256, trustedKeys: keys))
    guard !report.damage.contains(where: \.isAboutSignature), let manifest = report.manifest,
      report.manifestSHA256 == found.manifestSHA256,
      let sha256 = report.fileSHA256
    else { throw ReindexProblem.damaged(report.damage) }
    guard SHA256Sum(of: manifest.encoded) == found.manifestSHA256 else {
      throw ReindexProblem.unreadable("Its manifest is not in the canonical form.")
    }
    self.source = source
    damage = report.damage
    isDamaged = !report.isSound
    isVouchedFor = report.signedBy != nil
    readable = Set(report.readable.map(\.chunk))
    target = site.address
    if let copy = try site.copy(found.file, at: now) { copies = [copy] }
    segment = VerifiedSegment(
      name: found.name, path: source.path, bytes: try source.size(), sha256: sha256,
      manifest: manifest, manifestBytes: manifest.encoded, manifestSHA256: found.manifestSHA256,
      chunks: try SegmentFile(source: source).chunks)
  }

  private static func source(
    _ file: String, _ site: SegmentSite, _ scratch: String
  ) throws -> any ByteSource {
    do throws(SegmentError) {
      return try site.wholeSource(file, scratch: scratch)
    } catch {
      switch error {
      case .damaged(_, let damage): throw ReindexProblem.damaged([damage])
      case .missing: throw ReindexProblem.damaged([.missing])
      default: throw error
      }
    }
  }

  /// A further file of the same name: a copy if it has the same bytes.
  private mutating func add(_ site: SegmentSite, _ now: Timestamp) throws {
    guard try ReadAhead(site.source(file)).sha256() == segment.sha256 else {
      return refused.append((site.label(file), .damaged([.fileHashMismatch])))
    }
    if let copy = try site.copy(file, at: now) { copies.append(copy) }
  }
}

extension FoundSegment {
  fileprivate func site(at address: String?) -> SegmentSite {
    sites.first { $0.address == address } ?? sites[0]
  }
}

extension SegmentDamage {
  /// The signature is not what it should be.
  fileprivate var isAboutSignature: Bool {
    switch self {
    case .badSignature, .retiredKey: true
    default: false
    }
  }
}
