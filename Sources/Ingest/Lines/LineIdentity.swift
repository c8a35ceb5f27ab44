internal import Crypto
internal import Streams

/// Ids for lines, so that the same file loaded again gives the same events.
///
/// An id the line gives is used (a UUID as it is, any other text by its SHA-256). A line without
/// one is identified by all such lines up to and including it: two equal heartbeats stay two
/// events, and a file that has grown since keeps the ids of its beginning.
struct LineIdentity {
  private var chain: SHA256Digest
  private var occurrences: [UInt64: Int] = [:]

  /// - Parameter source: tells inputs apart that begin with the same lines.
  init(source: String) {
    chain = SHA256.hash(data: Array("rookery-lines-v1\n\(source)\n".utf8))
  }

  /// The id of a line that gives none.
  mutating func next(_ line: UnsafeRawBufferPointer) -> EventID {
    var hash = SHA256()
    chain.withUnsafeBytes { hash.update(bufferPointer: $0) }
    hash.update(bufferPointer: line)
    chain = hash.finalize()
    return EventID(digest: chain)
  }

  static func given(_ id: UnsafeRawBufferPointer) -> EventID {
    if let uuid = EventID(id) { return uuid }
    return derived(id, occurrence: 0)
  }

  /// The id of a fact that was delivered with `id`; delivered again in the same input, it is
  /// another event, which the fold then counts as a duplicate or a conflict.
  ///
  /// Keeps 16 bytes for each id of the input.
  mutating func delivered(_ id: UnsafeRawBufferPointer) -> EventID {
    var fingerprint = Fingerprint()
    fingerprint.combine(id)
    let occurrence = occurrences[fingerprint.value, default: 0]
    occurrences[fingerprint.value] = occurrence + 1
    return Self.derived(id, occurrence: occurrence)
  }

  private static func derived(_ id: UnsafeRawBufferPointer, occurrence: Int) -> EventID {
    var hash = SHA256()
    hash.update(bufferPointer: id)
    if occurrence > 0 { hash.update(data: Array("\n\(occurrence)".utf8)) }
    return EventID(digest: hash.finalize())
  }
}

extension EventID {
  init(digest: SHA256Digest) {
    let words = digest.withUnsafeBytes {
      ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
    self.init(digestHigh: UInt64(bigEndian: words.0), digestLow: UInt64(bigEndian: words.1))
  }
}
