internal import Streams

/// Where the members of a segment lie, found out from the file alone.
struct SegmentLayout {
  private(set) var manifest: Manifest
  private(set) var manifestBytes: [UInt8]
  private(set) var chunks: [SegmentChunk] = []
  /// Where README.txt and manifest.sig are, if they are.
  private(set) var readme: FrameSpan?
  private(set) var signature: FrameSpan?
  let frames: FrameList
  private(set) var damage: [SegmentDamage] = []

  /// - Throws: what makes the file unreadable; what can be got round is in ``damage``.
  init(_ file: any ByteSource, standInManifest: [UInt8]?) throws(SegmentError) {
    var reader = try FrameReader()
    frames = try FrameList(file, &reader)
    if !frames.isWhole { damage.append(.truncated(at: frames.end)) }
    if let trailing = frames.trailing { damage.append(trailing) }
    if frames.table != nil, case .success(let found) = try Self.expected(frames, file, &reader),
      found.manifest.fits(frames)
    {
      manifest = found.manifest
      manifestBytes = found.bytes
      let subjects = manifest.streams.map(\.info.subject)
      chunks = zip(manifest.chunks, frames.spans.dropFirst()).map { chunk, span in
        SegmentChunk(chunk, subject: subjects[chunk.stream], at: span)
      }
      readme = frames.spans.first
      signature = frames.spans.last
      return
    }
    let names = try Self.names(frames, file, &reader)
    switch try Self.search(names, frames, file, &reader) {
    case .success(let found):
      manifest = found.manifest
      manifestBytes = found.bytes
    case .failure(let problem):
      guard let standInManifest,
        let standIn = try? Manifest(decoding: standInManifest), problem.allowsStandIn
      else {
        let isCut = !frames.isWhole && problem.allowsStandIn
        throw .damaged(segment: file.path, isCut ? .truncated(at: frames.end) : problem)
      }
      manifest = standIn
      manifestBytes = standInManifest
      if frames.isWhole { damage.append(problem) }
    }
    place(names)
  }

  // MARK: - The manifest

  private typealias Found = (manifest: Manifest, bytes: [UInt8])
  private enum Search {
    case success(Found)
    case failure(SegmentDamage)
  }

  /// The manifest where it should be: before the last frame.
  private static func expected(
    _ frames: FrameList, _ file: any ByteSource, _ reader: inout FrameReader
  ) throws(SegmentError) -> Search {
    try read(at: frames.spans.dropLast().last, file, &reader)
  }

  private static func search(
    _ names: [String?], _ frames: FrameList, _ file: any ByteSource, _ reader: inout FrameReader
  ) throws(SegmentError) -> Search {
    if let place = names.lastIndex(of: SegmentWriter.manifestMember) {
      return try read(at: frames.spans[place], file, &reader)
    }
    return .failure(.manifestCorrupt("it is missing"))
  }

  private static func read(
    at span: FrameSpan?, _ file: any ByteSource, _ reader: inout FrameReader
  ) throws(SegmentError) -> Search {
    guard let span,
      let bytes = try reader.member(SegmentWriter.manifestMember, at: span, from: file)
    else { return .failure(.manifestCorrupt("its frame is damaged")) }
    do throws(ManifestError) {
      return .success((try Manifest(decoding: bytes), bytes))
    } catch {
      switch error {
      case .corrupt(let reason): return .failure(.manifestCorrupt(reason))
      case .unsupported(let what): return .failure(.unsupported(what))
      }
    }
  }

  // MARK: - The chunks, when they are not laid out as they should be

  private static func names(
    _ frames: FrameList, _ file: any ByteSource, _ reader: inout FrameReader
  ) throws(SegmentError) -> [String?] {
    var names: [String?] = []
    for span in frames.spans { names.append(try reader.memberName(at: span, from: file)) }
    return names
  }

  /// Finds each member by its name, whatever its place.
  private mutating func place(_ names: [String?]) {
    readme = names.firstIndex(of: Readme.member).map { frames.spans[$0] }
    signature = names.lastIndex(of: SegmentWriter.signatureMember).map { frames.spans[$0] }
    var places: [String: [Int]] = [:]
    for (place, name) in names.enumerated() {
      if let name { places[name, default: []].append(place) }
    }
    var isExplained = !frames.isWhole || frames.trailing != nil
    var last = 0
    for (index, chunk) in manifest.chunks.enumerated() {
      var found = places[chunk.member] ?? []
      // A frame whose head is damaged has no name, but it has a place.
      if found.isEmpty, names.indices.contains(index + 1), names[index + 1] == nil {
        found = [index + 1]
      }
      if let problem = problem(with: index, found, after: last) {
        damage.append(problem)
        isExplained = true
      }
      last = max(last, found.first ?? last)
      let span = found.first.map { frames.spans[$0] }
      chunks.append(
        SegmentChunk(
          chunk, subject: manifest.streams[chunk.stream].info.subject,
          at: span ?? FrameSpan(offset: 0, compressedBytes: 0)))
    }
    if frames.table == nil, !isExplained { damage.append(.degradedSeekTable) }
  }

  private func problem(with index: Int, _ found: [Int], after last: Int) -> SegmentDamage? {
    let chunk = manifest.chunks[index]
    let range = ChunkRange(
      chunk: index, stream: chunk.stream, first: chunk.first, last: chunk.last)
    if found.count > 1 { return .duplicateChunk(range) }
    // What a cut took away is told once, as a truncation.
    guard let place = found.first else { return frames.isWhole ? .chunkMissing(range) : nil }
    return place < last ? .orderViolation(range) : nil
  }
}

extension Manifest {
  /// Whether the frames are README, these chunks, manifest and signature, by number and size.
  fileprivate func fits(_ frames: FrameList) -> Bool {
    guard let table = frames.table, table.entries.count == chunks.count + 3 else { return false }
    return zip(chunks, table.entries.dropFirst()).allSatisfy { chunk, entry in
      TarMember.bytes(data: chunk.bytes) == Int(entry.contentBytes)
    }
  }
}

extension SegmentDamage {
  /// A manifest from the future is refused, not replaced.
  fileprivate var allowsStandIn: Bool {
    if case .unsupported = self { false } else { true }
  }
}
