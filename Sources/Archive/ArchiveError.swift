public import Segments
public import Streams

/// What stops the archiver. Hot rows are untouched by any of these.
public enum ArchiveError: CodedError, Equatable {
  /// The catalog knows no segment of this id or file.
  case noSuchSegment(String)
  /// Another archiver has the lock.
  case locked(folder: String)
  /// The folder can't be made, opened or locked.
  case folder(path: String, detail: String)
  /// The folder has none of the segments that the catalog says are there.
  case away(folder: String, segments: Int)
  /// A new segment does not say what the hot rows say.
  case mismatch(segment: String, stream: StreamName, revision: Revision)
  /// A segment failed its check; it is quarantined and nothing of it is released.
  case damaged(segment: String, damage: [SegmentDamage])
  /// The chain of manifest hashes does not close.
  case chain(problem: String)
  /// A signed segment can't be written again without the key that signed it.
  case unsignable(segment: String)
  /// A segment is signed with a key that the store does not trust: its rows stay.
  case untrusted(segment: String, key: SHA256Sum)
  /// Two segments, or a segment and its rows, claim one revision.
  case overlap(stream: StreamName, revision: Revision)

  public var code: ErrorCode {
    switch self {
    case .noSuchSegment, .unsignable, .untrusted: .invalidOption
    case .locked: .lockHeld
    case .folder, .away: .ioError
    case .mismatch, .overlap: .archiveConflict
    case .damaged, .chain: .segmentCorrupt
    }
  }

  public var message: String {
    switch self {
    case .noSuchSegment(let segment): "The catalog has no segment \(segment)."
    case .locked(let folder): "Another run is archiving into \(folder)."
    case .folder(let path, let detail): "The archive folder \(path) can't be used: \(detail)."
    case .away(let folder, let segments):
      "The archive folder \(folder) can't be used: it has none of the catalog's \(segments) "
        + (segments == 1 ? "segment." : "segments.")
    case .mismatch(let segment, let stream, let revision):
      "Segment \(segment) differs from revision \(revision) of \(stream) in the store."
    case .damaged(let segment, []): "Segment \(segment) failed its check and is quarantined."
    case .damaged(let segment, let damage):
      "Segment \(segment) is damaged: \(damage.map(\.description).joined(separator: "; "))."
    case .chain(let problem): "The chain of segments does not close: \(problem)."
    case .unsignable(let segment):
      "Segment \(segment) is signed, and the key that signed it is not at hand."
    case .untrusted(let segment, let key):
      "Segment \(segment) is signed with key \(key), which the store does not trust."
    case .overlap(let stream, let revision):
      "Revision \(revision) of \(stream) is claimed twice."
    }
  }

  public var remedy: String {
    switch self {
    case .noSuchSegment: "See 'rookery segments list'."
    case .locked: "Wait for it to end; it goes on by itself."
    case .folder: "Check the path, its permissions and the disk."
    case .away:
      "Check the path, and that its disk is mounted. If the disk is lost, make the folder and run "
        + "'rookery segments repair', which uses what other copies there are."
    case .mismatch: "The events stay in the store. Check memory and disk, then archive again."
    case .damaged: "Run 'rookery segments repair'; what is still in the store stays there."
    case .chain: "Compare with a second copy of the archive; nothing was changed."
    case .unsignable: "Name the private key in the configuration and run again."
    case .untrusted:
      "Its rows stay in the store. If it is a key of yours, trust it with 'rookery keys trust FILE'."
    case .overlap: "Run 'rookery doctor'; nothing was changed."
    }
  }
}
