internal import Foundation
internal import EventStore
public import GRDB
public import Segments
public import Streams

/// A segment as the catalog knows it, without its manifest, which grows with the segment: see
/// ``Catalog/manifest(_:_:)``.
public struct CatalogEntry: Sendable, Hashable {
  public enum State: String, Sendable {
    /// Both copies live: the segment and the hot rows.
    case archived
    /// The hot rows are gone.
    case pruned
    /// It failed a check; reads of its ranges use what hot rows there are.
    case quarantined
  }

  /// Why a segment has no file any more. Its row and manifest stay, so that the chain closes.
  public enum Retirement: String, Sendable {
    /// A newer generation holds what of its events there still is.
    case superseded
    /// Every stream in it was deleted.
    case deleted
  }

  public var archiveSeq: Int64
  public var segmentID: String
  /// Relative to the archive folder.
  public var file: String
  public var generation: Int64
  public var bytes: Int64
  /// Event lines before compression, in bytes.
  public var rawBytes: Int64
  public var sha256: String
  public var manifestSHA256: String
  /// False when only the hash of its manifest is known.
  public var hasManifest: Bool
  public var state: State
  public var archivedAt: Timestamp
  public var verifiedAt: Timestamp
  /// Where the first copy is: nil is the archive folder, otherwise an address such as
  /// `s3://bucket/prefix`.
  public var target: String?
  /// The first copy's version, where its target keeps versions.
  public var version: String?
  /// Nil while there is a file.
  public var retired: Retirement?
}

extension CatalogEntry: FetchableRecord {
  public init(row: Row) throws {
    archiveSeq = row["archive_seq"]
    segmentID = row["segment_id"]
    file = row["file"]
    generation = row["generation"]
    bytes = row["bytes"]
    rawBytes = row["raw_bytes"]
    sha256 = row["sha256"]
    manifestSHA256 = row["manifest_sha256"]
    hasManifest = row["has_manifest"]
    state = State(rawValue: row["state"]) ?? .quarantined
    archivedAt = Timestamp(microseconds: row["archived_at"])
    verifiedAt = Timestamp(microseconds: row["verified_at"])
    target = row["target"]
    version = row["version"]
    retired = (row["retired"] as String?).flatMap(Retirement.init(rawValue:))
  }
}

extension CatalogEntry {
  public var place: SegmentPlace { SegmentPlace(self) }

  /// Only the hash of its manifest is left, which told of somebody who was erased.
  var isManifestErased: Bool { retired == .superseded && !hasManifest }

  /// Whether events of a stream that it has a range of are in its file still: those of a deleted one
  /// are taken out when it is rewritten.
  public func keepsEvents(of stream: StreamName, _ db: Database) throws -> Bool {
    guard retired == nil, let manifest = try readableManifest(db) else { return false }
    return manifest.streams.contains { $0.info.name == stream && $0.info.lifecycle != .deleted }
  }

  /// The catalog's copy of its manifest.
  ///
  /// - Throws: `ManifestError` when it is not one.
  /// - Complexity: O(chunks of the segment).
  public func manifest(_ db: Database) throws -> Manifest {
    try Manifest(decoding: Catalog.manifest(db, archiveSeq) ?? [])
  }

  /// The same; nil when it is not one.
  func readableManifest(_ db: Database) throws -> Manifest? {
    try? Manifest(decoding: try Catalog.manifest(db, archiveSeq) ?? [])
  }

  /// What the segment's file must turn out to be. It reads the manifest and, unless they are given,
  /// the trusted keys: not to be called inside another read.
  func expectation(
    of store: EventStore, trusting keys: [TrustedKey]? = nil
  ) throws -> SegmentExpectation {
    let (manifest, keys) = try store.read { snapshot in
      (
        try Catalog.manifest(snapshot.db, archiveSeq),
        try keys ?? SigningKeys.trusted(snapshot.db)
      )
    }
    return SegmentExpectation(
      storeID: store.id, archiveSeq: archiveSeq, generation: generation,
      manifestSHA256: SHA256Sum(manifestSHA256), manifestBytes: manifest,
      fileBytes: bytes > 0 ? bytes : nil, fileSHA256: SHA256Sum(sha256), trustedKeys: keys)
  }
}

/// Where a segment is, and what it must turn out to be.
public struct SegmentPlace: Sendable, Hashable, FetchableRecord {
  public var archiveSeq: Int64
  /// Relative to the archive folder.
  public var file: String
  public var bytes: Int64
  /// Where the first copy is; nil is the archive folder.
  public var target: String?
  /// The first copy's version, where its target keeps versions.
  public var version: String?
  public var manifestSHA256: String
  /// It failed a check.
  public var isQuarantined: Bool

  init(_ entry: CatalogEntry) {
    archiveSeq = entry.archiveSeq
    file = entry.file
    bytes = entry.bytes
    target = entry.target
    version = entry.version
    manifestSHA256 = entry.manifestSHA256
    isQuarantined = entry.state == .quarantined
  }

  public init(row: Row) throws {
    archiveSeq = row["archive_seq"]
    file = row["file"]
    bytes = row["bytes"]
    target = row["target"]
    version = row["version"]
    manifestSHA256 = row["manifest_sha256"]
    isQuarantined = row["state"] == CatalogEntry.State.quarantined.rawValue
  }
}

/// The revisions of one stream in one segment.
public struct CatalogRange: Sendable, Hashable, FetchableRecord {
  /// The store's number for the stream.
  public var stream: Int64
  public var first: Int64
  public var last: Int64
  public var archiveSeq: Int64
  /// The stream's index in the manifest.
  public var streamIndex: Int

  public init(row: Row) throws {
    stream = row["stream"]
    first = row["first"]
    last = row["last"]
    archiveSeq = row["archive_seq"]
    streamIndex = row["stream_index"]
  }
}
