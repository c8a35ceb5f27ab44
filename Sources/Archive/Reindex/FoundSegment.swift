internal import Segments
internal import Streams

/// A segment file as it lies at some sites, by its manifest: who it says it is.
struct FoundSegment {
  var name: SegmentName
  var storeID: String
  var archiveSeq: Int64
  var generation: Int64
  var manifestSHA256: SHA256Sum
  var prev: Manifest.Link?
  /// The manifests of all that stood in its place before, by their hashes.
  var supersedes: Set<SHA256Sum>
  /// Where a file of this name and manifest was found, the archive folder first.
  var sites: [SegmentSite]

  var file: String { name.relativePath }

  /// What reports call it.
  var label: String { sites.first?.label(file) ?? file }

  /// - Returns: the reason instead, when the file does not say who it is, or is not what its name
  ///   says.
  /// - Throws: `SegmentError` `.unavailable`.
  /// - Complexity: a few small reads.
  static func read(
    _ file: String, at site: SegmentSite
  ) throws -> Result<FoundSegment, ReindexProblem> {
    let segment: SegmentFile
    do throws(SegmentError) {
      segment = try SegmentFile(source: site.source(file))
    } catch {
      switch error {
      case .damaged(_, let damage): return .failure(.damaged([damage]))
      case .unavailable: throw error
      default: return .failure(.unreadable(error.message))
      }
    }
    guard let manifest = segment.manifest, let hash = segment.manifestSHA256 else {
      return .failure(.unreadable("It has no manifest."))
    }
    guard let name = SegmentName(file, holding: manifest) else {
      return .failure(.misnamed(expected: SegmentName.names(of: manifest)[0].relativePath))
    }
    return .success(
      FoundSegment(
        name: name, storeID: manifest.storeID, archiveSeq: manifest.archiveSeq,
        generation: manifest.generation, manifestSHA256: hash, prev: manifest.prev,
        supersedes: manifest.supersedes?.hashes ?? [], sites: [site]))
  }
}

extension Manifest.Supersession {
  /// The manifests of all that was replaced.
  var hashes: Set<SHA256Sum> { Set(generations.map(\.manifestSHA256) + [manifestSHA256]) }
}
