public import Streams

/// What a segment records of a stream beside its events, as the archiver knows it.
public struct SegmentStreamInfo: Hashable, Sendable {
  public var name: StreamName
  public var category: String
  public var lifecycle: Lifecycle
  /// The stream's permissions and metadata, as the store keeps them: any text, JSON as a rule. It
  /// stands in the manifest as a string, so that it survives byte for byte.
  public var acl: String?
  public var metadata: String?
  public var retainUntil: Timestamp?
  /// The reason of the legal hold; nil without one.
  public var legalHold: String?
  /// The key id of the person the stream is about.
  public var subject: String?
  /// The manifest hash of the segment that holds the revisions before these.
  public var prev: SHA256Sum?
  /// When, by whom and why the stream was deleted, whose events were taken out of this segment.
  public var tombstone: Tombstone?

  public init(
    name: StreamName, category: String, lifecycle: Lifecycle = .archived, acl: String? = nil,
    metadata: String? = nil, retainUntil: Timestamp? = nil, legalHold: String? = nil,
    subject: String? = nil, prev: SHA256Sum? = nil, tombstone: Tombstone? = nil
  ) {
    self.name = name
    self.category = category
    self.lifecycle = lifecycle
    self.acl = acl
    self.metadata = metadata
    self.retainUntil = retainUntil
    self.legalHold = legalHold
    self.subject = subject
    self.prev = prev
    self.tombstone = tombstone
  }

  /// Whether it has words about the stream that somebody wrote, and that may tell of a person.
  public var hasWords: Bool { acl != nil || metadata != nil || legalHold != nil }

  /// Without those words, and without its key: what a segment says of a stream whose events were
  /// taken out.
  public func erased(_ tombstone: Tombstone) -> SegmentStreamInfo {
    SegmentStreamInfo(
      name: name, category: category, lifecycle: .deleted, retainUntil: retainUntil, prev: prev,
      tombstone: tombstone)
  }
}
