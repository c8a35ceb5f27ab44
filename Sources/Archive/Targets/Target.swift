public import Segments
public import Streams

/// A place that keeps segments beside, or instead of, the archive folder.
///
/// Names are those of the catalog, such as `3f/3f…-g1.tar.zst`. Nothing is ever written over.
/// Every call is synchronous and may take as long as the network does; each is bounded in time.
public protocol Target: Sendable {
  /// What the catalog calls the place: a folder's path or `s3://bucket/prefix`.
  var address: String { get }

  /// Whether all that is put here is to be locked: what the place did not lock is not kept.
  var mustLock: Bool { get }

  /// Writes `file` under `name`, unless there is something of that name.
  ///
  /// What a killed process left of an earlier attempt is taken up where it can be.
  ///
  /// - Parameter sha256: of the file, checked on the way.
  /// - Returns: false when there was something already; what it is must be found out by reading.
  /// - Throws: ``TargetError``; then nothing has the name, or the whole file has.
  /// - Complexity: O(file); memory for one part of an upload, 16 MiB.
  func put(_ file: any ByteSource, as name: String, sha256: SHA256Sum) throws(TargetError) -> Bool

  /// What has this name; nil if nothing has.
  ///
  /// - Parameter version: the one asked for, where the place keeps several; nil for the newest.
  func stat(_ name: String, version: String?) throws(TargetError) -> TargetObject?

  /// The bytes under `name`, read range by range.
  ///
  /// - Parameters:
  ///   - bytes: the length, where it is known, which spares asking for it.
  ///   - version: the version to read, where the place keeps several; nil for the newest.
  /// - Throws: `SegmentError`; a place that is asked over the network throws when it is read.
  func source(
    _ name: String, bytes: Int64?, version: String?
  ) throws(SegmentError) -> any ByteSource

  /// Deletes what has this name, and only the version told where the place keeps several. It is no
  /// error when there is nothing.
  ///
  /// - Throws: ``TargetError/retained(address:name:)`` when a lock forbids it.
  func delete(_ name: String, version: String?) throws(TargetError)

  /// Takes what has this name, and is damaged, out of the way: it is kept under another name where
  /// that can be, and deleted where it can't. It is no error when there is nothing.
  ///
  /// - Throws: ``TargetError/retained(address:name:)`` when a lock forbids it.
  func putAside(_ name: String, version: String?) throws(TargetError)

  /// The names of all segments here, in order.
  func names() throws(TargetError) -> [String]
}

extension Target {
  /// The newest that has this name; nil if nothing has.
  func stat(_ name: String) throws(TargetError) -> TargetObject? {
    try stat(name, version: nil)
  }
}

/// What a target keeps under a name.
public struct TargetObject: Sendable, Hashable {
  public var bytes: Int64
  /// The version's id, where the place keeps versions.
  public var version: String?
  /// Until when nobody can delete this version.
  public var lockedUntil: Timestamp?

  public init(bytes: Int64, version: String? = nil, lockedUntil: Timestamp? = nil) {
    self.bytes = bytes
    self.version = version
    self.lockedUntil = lockedUntil
  }
}
