public import GRDB
public import Segments
internal import Streams

/// The newest segment of an archive: its number and the hash of its manifest.
///
/// Each manifest names the one before by its hash. Whoever has kept a head, outside of the machine,
/// can tell whether anything up to it was removed, reordered, replaced or altered since, even when
/// the whole archive was written anew. As text: `12:` and 64 hex digits.
public struct ChainHead: Hashable, Sendable, CustomStringConvertible {
  public var archiveSeq: Int64
  public var manifestSHA256: SHA256Sum

  public init(archiveSeq: Int64, manifestSHA256: SHA256Sum) {
    self.archiveSeq = archiveSeq
    self.manifestSHA256 = manifestSHA256
  }

  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int64(parts[0]), number > 0,
      let hash = SHA256Sum(String(parts[1]))
    else { return nil }
    self.init(archiveSeq: number, manifestSHA256: hash)
  }

  public var description: String { "\(archiveSeq):\(manifestSHA256)" }
}

extension Catalog {
  /// The head of the chain; nil in an empty archive.
  public static func chainHead(_ db: Database) throws -> ChainHead? {
    try head(db).flatMap { entry in
      SHA256Sum(entry.manifestSHA256).map {
        ChainHead(archiveSeq: entry.archiveSeq, manifestSHA256: $0)
      }
    }
  }
}
