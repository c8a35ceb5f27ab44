internal import Streams

/// Tells whether a segment file is what it should be.
public enum SegmentVerifier {
  /// Verifies the file at `path` up to `level`, against itself and what a catalog `expected`.
  ///
  /// It never throws: what goes wrong is damage, and told in the report.
  ///
  /// - Parameters:
  ///   - threads: how many decompress, beside the caller's thread.
  ///   - keys: what is encrypted is held against its hash in any case; with its key, its events are
  ///     also counted.
  /// - Complexity: O(1) for `stat`, O(chunks) for `index`, O(file) for `full`; memory for a few
  ///   chunks at any level.
  public static func verify(
    _ path: String, level: VerifyLevel,
    expected: SegmentExpectation = SegmentExpectation(), threads: Int = Processors.others,
    keys: Keyring = .empty
  ) -> VerifyReport {
    let file: any ByteSource
    do throws(SegmentError) {
      file = try SegmentFile.open(path)
    } catch {
      var report = VerifyReport(path: path, level: level)
      report.note(error)
      return report
    }
    return verify(file, level: level, expected: expected, threads: threads, keys: keys)
  }

  /// The same for a segment that is not a local file.
  public static func verify(
    _ file: any ByteSource, level: VerifyLevel,
    expected: SegmentExpectation = SegmentExpectation(), threads: Int = Processors.others,
    keys: Keyring = .empty
  ) -> VerifyReport {
    var report = VerifyReport(path: file.path, level: level)
    do throws(SegmentError) {
      try file.checkContent()
      try checkStatus(of: file, expected, &report)
      guard level >= .index else { return report }
      if level == .full {
        try checkAll(file, expected, threads, keys, &report)
      } else {
        try check(file, file, expected, threads, keys, &report)
      }
    } catch {
      report.note(error)
    }
    return report
  }

  // MARK: - Level stat

  private static func checkStatus(
    of file: any ByteSource, _ expected: SegmentExpectation, _ report: inout VerifyReport
  ) throws(SegmentError) {
    let found = try file.size()
    if let bytes = expected.fileBytes, bytes != found {
      report.note(.wrongSize(expected: bytes, found: found))
    }
    if let mode = try file.permissions(), mode & 0o222 != 0 {
      report.note(.writable(mode: "0" + String(mode, radix: 8)))
    }
  }

  // MARK: - Level index

  /// - Parameter chunks: the file once more, from which the chunks are read.
  private static func check(
    _ file: any ByteSource, _ chunks: any ByteSource, _ expected: SegmentExpectation,
    _ threads: Int, _ keys: Keyring, _ report: inout VerifyReport
  ) throws(SegmentError) {
    let layout: SegmentLayout
    do throws(SegmentError) {
      layout = try SegmentLayout(file, standInManifest: standIn(expected))
    } catch {
      if report.level == .full { report.readable = salvageable(error, file) }
      throw error
    }
    let segment = SegmentFile(chunks, layout, keys: keys)
    report.manifest = segment.manifest
    report.manifestSHA256 = segment.manifestSHA256
    for damage in layout.damage { report.note(damage) }
    if let difference = difference(layout.manifest, segment.manifestSHA256, expected) {
      // Whatever it holds, it is not what was asked for: none of it is served.
      report.note(.identityMismatch(difference))
      return
    }
    var contents = ContentCheck(segment, layout)
    try contents.checkMembers(
      file, full: report.level == .full, trusted: expected.trustedKeys, &report)
    if report.level == .full {
      try contents.checkChunks(
        threads: threads, checksum: expected.fileSHA256 == nil, &report)
    } else {
      report.readable = contents.present.map { segment.range(of: $0) }
    }
  }

  /// The catalog's copy of the manifest, if it is the one whose hash is recorded.
  private static func standIn(_ expected: SegmentExpectation) -> [UInt8]? {
    guard let bytes = expected.manifestBytes, let hash = expected.manifestSHA256,
      SHA256Sum(of: bytes) == hash
    else { return nil }
    return bytes
  }

  /// The chunks before a cut that took the manifest: whole, though there is nothing to hold them
  /// against.
  private static func salvageable(_ error: SegmentError, _ file: any ByteSource) -> [ChunkRange] {
    guard case .damaged(_, .truncated) = error, let segment = try? SegmentFile(salvaging: file)
    else { return [] }
    return segment.chunks.indices.map { segment.range(of: $0) }
  }

  private static func difference(
    _ manifest: Manifest, _ hash: SHA256Sum?, _ expected: SegmentExpectation
  ) -> String? {
    if let store = expected.storeID, manifest.storeID != store { return "of another store" }
    if let sequence = expected.archiveSeq, manifest.archiveSeq != sequence {
      return "number \(manifest.archiveSeq) instead of \(sequence)"
    }
    if let generation = expected.generation, manifest.generation != generation {
      return "generation \(manifest.generation) instead of \(generation)"
    }
    if let expectedHash = expected.manifestSHA256, hash != expectedHash {
      return "its manifest is not the one recorded"
    }
    return nil
  }

  // MARK: - Level full

  /// Reads every byte once: what the checks read is hashed in passing.
  private static func checkAll(
    _ file: any ByteSource, _ expected: SegmentExpectation, _ threads: Int, _ keys: Keyring,
    _ report: inout VerifyReport
  ) throws(SegmentError) {
    file.dropCache()
    let hashed = HashingSource(file)
    do throws(SegmentError) {
      try check(file, hashed, expected, threads, keys, &report)
    } catch {
      report.note(error)
    }
    guard report.unavailability == nil else { return }
    report.fileSHA256 = try hashed.sha256()
    noteHash(expected, &report)
  }

  /// A hash that differs is worth telling when nothing else explains it.
  private static func noteHash(_ expected: SegmentExpectation, _ report: inout VerifyReport) {
    if let hash = expected.fileSHA256, let found = report.fileSHA256, hash != found,
      report.damage.isEmpty
    {
      report.note(.fileHashMismatch)
    }
  }
}
