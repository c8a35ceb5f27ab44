internal import EventStore
internal import Segments
internal import Streams

/// A place where segments lie: the archive folder or a target.
struct SegmentSite {
  let folder: ArchiveFolder
  /// Nil is the archive folder itself.
  let target: (any Target)?

  /// What the catalog calls it; nil is the archive folder.
  var address: String? { target?.address }

  /// The archive folder, if there is one, and the targets.
  ///
  /// - Parameter targets: addresses, or names of the configuration.
  /// - Throws: ``TargetError``.
  static func all(_ folder: ArchiveFolder, and targets: [String]) throws -> [SegmentSite] {
    let others = try targets.map { try folder.targets.target($0) }.filter { target in
      try TargetAddress(target.address).identity != folder.identity
    }
    return (folder.exists ? [SegmentSite(folder: folder, target: nil)] : [])
      + others.map { SegmentSite(folder: folder, target: $0) }
  }

  /// The segment files here, by name.
  func files() throws(TargetError) -> [String] { try target?.names() ?? folder.files() }

  /// What reports call a file that lies here.
  func label(_ file: String) -> String { address.map { "\($0)/\(file)" } ?? file }

  func source(_ file: String) throws(SegmentError) -> any ByteSource {
    guard let target else { return try SegmentFile.open(folder.file(file)) }
    return try target.source(file, bytes: nil, version: nil)
  }

  /// The same for reading all of it more than once.
  ///
  /// - Parameter scratch: a folder with room for a segment that is fetched.
  func wholeSource(_ file: String, scratch: String) throws(SegmentError) -> any ByteSource {
    let source = try source(file)
    return target == nil ? source : try LocalCopy(of: ReadAhead(source), in: scratch)
  }

  /// What the catalog says of a file here that was read whole; nil in the archive folder.
  func copy(_ file: String, at now: Timestamp) throws(TargetError) -> CatalogCopy? {
    guard let target, let object = try target.stat(file) else { return nil }
    return CatalogCopy(
      target: target.address, version: object.version, lockedUntil: object.lockedUntil,
      verifiedAt: now)
  }
}
