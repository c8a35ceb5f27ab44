internal import Segments

/// Decides which of the files found have their place in the chain, without opening any.
struct ChainChoice {
  /// The hash of a segment's manifest, and of the one before it.
  struct Link {
    var hash: SHA256Sum
    var prev: SHA256Sum?
    var file: String
  }

  /// In order of the chain; one a number at most.
  private(set) var chosen: [FoundSegment] = []
  private(set) var refused: [(file: String, problem: ReindexProblem)] = []
  private let known: [Int64: Link]

  /// - Parameter known: what the catalog has, by number: it is believed.
  init(_ found: [FoundSegment], known: [Int64: Link]) {
    self.known = known
    let places = Dictionary(grouping: found, by: \.archiveSeq)
    var links = known
    var single: [Int64: FoundSegment] = [:]
    for (number, rivals) in places.sorted(by: { $0.key < $1.key }) {
      let heirs = Set((places[number + 1] ?? []).compactMap(\.prev?.manifestSHA256))
        .union(known[number + 1]?.prev.map { [$0] } ?? [])
      guard let winner = pick(rivals, number, heirs) else { continue }
      single[number] = winner
      if links[number] == nil { links[number] = Link(winner) }
    }
    for (number, segment) in single.sorted(by: { $0.key < $1.key }) {
      if let problem = problem(segment, number, links) {
        refused.append((segment.label, problem))
      } else {
        chosen.append(segment)
      }
    }
  }

  /// Of several that claim one place: the one the catalog has, or that the next segment names.
  private mutating func pick(
    _ rivals: [FoundSegment], _ number: Int64, _ heirs: Set<SHA256Sum>
  ) -> FoundSegment? {
    let named = rivals.filter { rival in
      known[number].map { $0.hash == rival.manifestSHA256 } ?? heirs.contains(rival.manifestSHA256)
    }
    let isClear = known[number] != nil || rivals.count > 1
    let winner = isClear ? (named.count == 1 ? named[0] : nil) : rivals[0]
    for rival in rivals where rival.label != winner?.label {
      let other =
        known[number]?.file ?? winner?.label ?? rivals.first { $0.label != rival.label }?.label
      refused.append((rival.label, .rival(other ?? rival.label)))
    }
    return winner
  }

  /// Where two neighbours do not agree, neither is believed, unless the catalog has one of them.
  private func problem(
    _ segment: FoundSegment, _ number: Int64, _ links: [Int64: Link]
  ) -> ReindexProblem? {
    if known[number]?.hash == segment.manifestSHA256 { return nil }
    if number > 1, segment.prev == nil { return .chain("it names no segment before it") }
    if let before = links[number - 1], segment.prev?.manifestSHA256 != before.hash {
      return .chain("it does not follow \(before.file)")
    }
    if let after = links[number + 1], after.prev != segment.manifestSHA256 {
      return .chain("\(after.file) does not follow it")
    }
    return nil
  }
}

extension ChainChoice.Link {
  init(_ segment: FoundSegment) {
    self.init(
      hash: segment.manifestSHA256, prev: segment.prev?.manifestSHA256, file: segment.file)
  }
}
