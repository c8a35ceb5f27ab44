public import Segments
public import Streams

/// Why a file in the archive folder is not taken into the catalog. The file is left as it is.
public enum ReindexProblem: Error, Hashable, Sendable {
  case damaged([SegmentDamage])
  case unreadable(String)
  /// Of another store, by its id.
  case foreign(store: String)
  /// Its content is that of a segment of another name.
  case misnamed(expected: String)
  /// Another file has the same number in the chain.
  case rival(String)
  /// It does not follow the segment before it, or the one after does not follow it.
  case chain(String)
  /// Some of its revisions are in another segment already, which it does not supersede.
  case overlap(StreamName, Revision)
  /// The store has another event at this revision, or ends before it.
  case contradiction(StreamName, Revision)
  /// It replaces a segment without having a higher generation.
  case generation(Int64)
  /// An archive run was killed while it made this one.
  case job

  /// A stable word for scripts.
  public var kind: String {
    switch self {
    case .damaged: "damaged"
    case .unreadable: "unreadable"
    case .foreign: "foreign"
    case .misnamed: "misnamed"
    case .rival: "rival"
    case .chain: "chain"
    case .overlap: "overlap"
    case .contradiction: "contradiction"
    case .generation: "generation"
    case .job: "job"
    }
  }

  /// Whether it puts the history of this store in doubt.
  public var isSerious: Bool {
    switch self {
    case .foreign, .job: false
    default: true
    }
  }

  public var message: String {
    switch self {
    case .damaged(let damage):
      "It is damaged: \(damage.map(\.description).joined(separator: "; "))."
    case .unreadable(let why): why
    case .foreign(let store): "It belongs to another store, \(store)."
    case .misnamed(let expected): "Its content is that of \(expected)."
    case .rival(let other): "It claims the same place in the chain as \(other)."
    case .chain(let what): "The chain does not close: \(what)."
    case .overlap(let stream, let revision):
      "Revision \(revision) of \(stream) is in another segment, which it does not supersede."
    case .contradiction(let stream, let revision):
      "The store has no such event at revision \(revision) of \(stream)."
    case .generation(let generation):
      "It supersedes a segment of generation \(generation), which is not lower than its own."
    case .job: "An archive run was killed while it made this segment."
    }
  }

  public var remedy: String {
    switch self {
    case .damaged, .unreadable: "Put a sound copy in its place and reindex again."
    case .foreign: "Move it to the archive of its own store."
    case .misnamed: "Give it this name, unless a sound file has it, and reindex again."
    case .rival, .chain: "Move the one that is not genuine out of the folder and reindex again."
    case .overlap, .generation: "Find out where it is from; it is left alone."
    case .contradiction:
      "If the store is an old copy, rebuild a fresh one beside it: rookery archive reindex --rebuild."
    case .job: "Run 'rookery archive': it completes what was begun."
    }
  }
}
