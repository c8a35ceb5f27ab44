internal import Crypto
internal import Streams

/// Ids for lines, so that the same file loaded again gives the same events.
///
/// An id the line gives is used (a UUID as it is, any other text by its SHA-256). A line without
/// one is identified by its number and its bytes: two equal heartbeats stay two events, a file that
/// has grown since keeps the ids of its beginning, and a line that is corrected in place changes
/// the id of no other. One that does not even say when it happened is also known by its file's
/// name, so that today's file is not taken for yesterday's.
struct LineIdentity {
  private let source: String
  private let file: String
  private var occurrences: [UInt64: Int] = [:]
  /// The line that is being read: its file's place in an archive, from 0, and its number there.
  var member = 0
  var line = 0
  /// Its bytes as they are in the input, before anybody translated them.
  var bytes = UnsafeRawBufferPointer(start: nil, count: 0)

  /// - Parameters:
  ///   - source: tells inputs apart that have the same lines at the same places; empty if not given.
  ///   - path: the file; its name counts without its folder and without what compressed it.
  init(source: String, path: String) {
    self.source = source
    file = source.isEmpty ? Self.name(of: path) : ""
  }

  private static func name(of path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    for suffix in [".gz", ".zst", ".xz", ".bz2"] where name.hasSuffix(suffix) {
      return String(name.dropLast(suffix.count))
    }
    return name
  }

  /// The id of the line that is being read, if it gives none.
  ///
  /// - Parameter isTimed: it says when it happened.
  func ofLine(isTimed: Bool) -> EventID {
    var hash = SHA256()
    let name = isTimed ? "" : file
    hash.update(data: Array("rookery-line-v1\n\(source)\n\(name)\n\(member)\n\(line)\n".utf8))
    hash.update(bufferPointer: bytes)
    return EventID(digest: hash.finalize())
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
