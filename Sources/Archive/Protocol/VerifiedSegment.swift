internal import Segments

/// What a segment turned out to be when it was read whole: what the catalog records.
struct VerifiedSegment {
  var name: SegmentName
  var path: String
  var bytes: Int64
  var sha256: SHA256Sum
  var manifest: Manifest
  var manifestBytes: [UInt8]
  var manifestSHA256: SHA256Sum
  var chunks: [SegmentChunk]

  /// Event lines before compression, in bytes.
  var rawBytes: Int64 { chunks.reduce(0) { $0 + Int64($1.bytes) } }
  var events: Int64 { chunks.reduce(0) { $0 + $1.count } }
}

extension VerifiedSegment {
  /// Reads the file again by its name, whole, from disk.
  ///
  /// - Parameter isSigned: whether a trusted key must have signed it, or none at all; nil: either.
  /// - Throws: ``ArchiveError`` `.damaged`, with all that is wrong with it.
  init(
    verifying name: SegmentName, in folder: ArchiveFolder, _ expected: SegmentExpectation,
    isSigned: Bool? = nil
  ) throws {
    let path = folder.file(name.relativePath)
    let report = SegmentVerifier.verify(path, level: .full, expected: expected)
    guard report.isSound, report.untrustedKey == nil,
      isSigned.map({ $0 == (report.signedBy != nil) }) ?? true,
      let manifest = report.manifest, let sha256 = report.fileSHA256,
      let manifestSHA256 = report.manifestSHA256
    else {
      throw ArchiveError.damaged(segment: name.relativePath, damage: report.damage)
    }
    self.init(
      name: name, path: path, bytes: folder.size(of: name.relativePath), sha256: sha256,
      manifest: manifest, manifestBytes: manifest.encoded, manifestSHA256: manifestSHA256,
      chunks: try SegmentFile(path: path).chunks)
  }
}
