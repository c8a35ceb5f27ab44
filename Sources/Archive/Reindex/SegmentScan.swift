internal import Segments
internal import Streams

/// The segment files at some sites, each with its manifest and wherever it lies.
struct SegmentScan {
  /// How many names there are.
  private(set) var files = 0
  private(set) var skipped = 0
  private(set) var found: [FoundSegment] = []
  private(set) var failures: [(file: String, problem: ReindexProblem)] = []

  /// - Parameter skipping: names of which nothing needs to be read.
  /// - Throws: ``TargetError``, `SegmentError` `.unavailable`: what is not seen could be missed.
  /// - Complexity: a few small reads a file and site.
  init(_ sites: [SegmentSite], skipping isKnown: (String) throws -> Bool = { _ in false }) throws {
    var places: [String: [SegmentSite]] = [:]
    for site in sites {
      for file in try site.files() { places[file, default: []].append(site) }
    }
    files = places.count
    for (file, sites) in places.sorted(by: { $0.key < $1.key }) {
      guard try !isKnown(file) else {
        skipped += 1
        continue
      }
      for site in sites { try add(file, site) }
    }
  }

  private mutating func add(_ file: String, _ site: SegmentSite) throws {
    switch try FoundSegment.read(file, at: site) {
    case .failure(let problem): failures.append((site.label(file), problem))
    case .success(let segment):
      let same = found.indices.reversed().prefix { found[$0].file == file }
        .first { found[$0].manifestSHA256 == segment.manifestSHA256 }
      if let same { found[same].sites.append(site) } else { found.append(segment) }
    }
  }
}
