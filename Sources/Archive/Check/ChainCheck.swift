internal import EventStore
internal import Segments

/// Whether the catalog's segments form one chain that nothing was taken out of.
struct ChainCheck {
  let storeID: String
  /// All of the catalog, in the order of their numbers; retired ones keep their place.
  let entries: [CatalogEntry]

  /// What is wrong, as sentences without a full stop; empty when the chain closes.
  ///
  /// - Parameter published: heads that were kept elsewhere; each must still be in the chain.
  func problems(published: [ChainHead] = []) -> [String] {
    var problems: [String] = []
    var before: CatalogEntry?
    for entry in entries {
      problems += self.problems(of: entry, after: before)
      before = entry
    }
    return problems + published.compactMap(problem(with:))
  }

  /// A catalog row, its copy of the manifest, and the link to the segment before.
  private func problems(of entry: CatalogEntry, after before: CatalogEntry?) -> [String] {
    var problems: [String] = []
    // Of a segment that was rewritten to erase somebody the hash may be all that is kept.
    guard !entry.isManifestErased else {
      return entry.archiveSeq == (before?.archiveSeq ?? 0) + 1
        ? [] : ["segment \((before?.archiveSeq ?? 0) + 1) is missing from the catalog"]
    }
    if SHA256Sum(of: entry.manifest).description != entry.manifestSHA256 {
      problems.append("the catalog's manifest of \(entry.file) does not match its hash")
    }
    guard let manifest = try? Manifest(decoding: entry.manifest) else {
      return problems + ["the catalog's manifest of \(entry.file) can't be read"]
    }
    if manifest.archiveSeq != entry.archiveSeq || manifest.storeID != storeID
      || manifest.generation != entry.generation || manifest.segmentID != entry.segmentID
    {
      problems.append("the catalog's manifest of \(entry.file) is another segment's")
    }
    let expected = (before?.archiveSeq ?? 0) + 1
    if entry.archiveSeq != expected {
      problems.append("segment \(expected) is missing from the catalog")
    } else if manifest.prev?.manifestSHA256.description != before?.manifestSHA256
      || manifest.prev?.archiveSeq != before?.archiveSeq
    {
      problems.append("\(entry.file) does not follow the segment before it")
    }
    return problems
  }

  private func problem(with head: ChainHead) -> String? {
    guard let entry = entries.first(where: { $0.archiveSeq == head.archiveSeq }) else {
      return "segment \(head.archiveSeq) was published as the head, and is not in the catalog"
    }
    let hash =
      entry.isManifestErased ? SHA256Sum(entry.manifestSHA256) : SHA256Sum(of: entry.manifest)
    guard hash == head.manifestSHA256 else {
      return "segment \(head.archiveSeq) is not the one that was published as the head"
    }
    return nil
  }
}
