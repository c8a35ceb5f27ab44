internal import Segments
internal import Streams

/// Which segments took the place of which, as the manifests of those that did tell.
///
/// - I1. A superseded segment is named, by the hash of its manifest, by one that came later, has
///   all its ranges, and is itself there, superseded or deleted with proof.
/// - I2. A deleted one keeps its manifest, and every stream in it is a tombstone.
struct Succession {
  private struct Member {
    var entry: CatalogEntry
    var before: CatalogEntry?
    /// Of one that is retired only: what it held must be accounted for.
    var streams: [Manifest.Stream]?
  }

  /// A segment that says it took another's place.
  private struct Heir {
    var member: Int
    /// Where the other stood; nil when a version wrote it that did not say.
    var place: Manifest.Generation?
    var streams: [Manifest.Stream]
  }

  private var members: [Member] = []
  private var heirs: [String: [Heir]] = [:]

  /// - Parameter manifest: the catalog's copy of it, if that has the hash that is recorded.
  mutating func add(_ entry: CatalogEntry, _ manifest: Manifest?, after before: CatalogEntry?) {
    let index = members.count
    members.append(
      Member(
        entry: entry, before: before, streams: entry.retired == nil ? nil : manifest?.streams))
    guard let manifest, let supersedes = manifest.supersedes else { return }
    let direct = supersedes.manifestSHA256
    if supersedes.generations.isEmpty {
      heirs[direct.description, default: []].append(
        Heir(member: index, place: nil, streams: manifest.streams))
    }
    for place in supersedes.generations {
      heirs[place.manifestSHA256.description, default: []].append(
        Heir(member: index, place: place, streams: manifest.streams))
    }
  }

  /// What is wrong, in the order of the segments.
  ///
  /// - Parameter isGone: whether a stream of a deleted segment is deleted indeed.
  func problems(isGone: (StreamName, CatalogEntry) throws -> Bool) rethrows -> [String] {
    var problems: [String?] = Array(repeating: nil, count: members.count)
    // The newest first: whoever took a place came later.
    for (index, member) in members.enumerated().reversed() {
      switch member.entry.retired {
      case nil: break
      case .superseded:
        problems[index] = problem(ofSuperseded: member) { problems[$0] == nil }
      case .deleted: problems[index] = try problem(ofDeleted: member, isGone)
      }
    }
    return problems.compactMap { $0 }
  }

  private func problem(
    ofSuperseded member: Member, _ isAccountedFor: (Int) -> Bool
  ) -> String? {
    let file = member.entry.file
    let heirs = (heirs[member.entry.manifestSHA256] ?? []).filter { heir in
      let entry = members[heir.member].entry
      return entry.archiveSeq > member.entry.archiveSeq
        && entry.generation > member.entry.generation && isAccountedFor(heir.member)
    }
    guard !heirs.isEmpty else {
      return "\(file) is said to be superseded, and no segment there is has taken its place"
    }
    guard heirs.allSatisfy({ stands(member, where: $0.place) }) else {
      return "\(file) does not stand where the segment that has taken its place says"
    }
    guard heirs.allSatisfy({ covers($0.streams, member.streams) }) else {
      return "\(file) has revisions that the segment that has taken its place has not"
    }
    return nil
  }

  /// Of a superseded segment's manifest the hash may be all there is: what it followed is then what
  /// the one in its place says it did.
  private func stands(_ member: Member, where place: Manifest.Generation?) -> Bool {
    guard let place else { return true }
    return place.archiveSeq == member.entry.archiveSeq
      && (member.entry.archiveSeq != (member.before?.archiveSeq ?? 0) + 1
        || place.prev?.description == member.before?.manifestSHA256)
  }

  private func covers(_ streams: [Manifest.Stream], _ old: [Manifest.Stream]?) -> Bool {
    (old ?? []).allSatisfy { stream in
      streams.contains {
        $0.info.name == stream.info.name && $0.first <= stream.first && $0.last >= stream.last
      }
    }
  }

  private func problem(
    ofDeleted member: Member, _ isGone: (StreamName, CatalogEntry) throws -> Bool
  ) rethrows -> String? {
    let file = member.entry.file
    guard let streams = member.streams else {
      return "\(file) is said to be deleted, and its manifest is not kept"
    }
    let kept = try streams.first { try !isGone($0.info.name, member.entry) }
    return kept.map { "\(file) is said to be deleted, and its stream \($0.info.name) is not" }
  }
}
