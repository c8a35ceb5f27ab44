internal import Segments
internal import Streams

/// A segment file as it lies in the folder, by its manifest: who it says it is.
struct FoundSegment {
  var name: SegmentName
  var storeID: String
  var archiveSeq: Int64
  var generation: Int64
  var createdAt: Timestamp
  var manifestSHA256: SHA256Sum
  var prev: Manifest.Link?
  var supersedes: SHA256Sum?

  var file: String { name.relativePath }

  /// - Returns: the reason instead, when the file does not say who it is, or is not what its name
  ///   says.
  static func read(
    _ file: String, in folder: ArchiveFolder
  ) -> Result<FoundSegment, ReindexProblem> {
    let segment: SegmentFile
    do {
      segment = try SegmentFile(path: folder.file(file))
    } catch SegmentError.damaged(_, let damage) {
      return .failure(.damaged([damage]))
    } catch {
      return .failure(.unreadable(error.message))
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
        generation: manifest.generation, createdAt: manifest.createdAt, manifestSHA256: hash,
        prev: manifest.prev, supersedes: manifest.supersedes?.manifestSHA256))
  }
}
