internal import GRDB
internal import Sealing
internal import Streams

/// Compares the fingerprints that the store keeps of a stream's events with events.
///
/// In a sealed stream they are keyed, but for events that were released before it was sealed, and
/// those of a time when it was not.
struct KeptFingerprints {
  private let sealedTo: Int64?
  private let keys: SubjectKeys
  private let db: Database
  private var key: FingerprintKey??

  init(of record: StreamRecord, _ keys: SubjectKeys, _ db: Database) {
    self.init(sealedTo: record.sealedTo, keys, db)
  }

  /// - Parameter sealedTo: the number of the stream's key.
  init(sealedTo: Int64?, _ keys: SubjectKeys, _ db: Database) {
    self.sealedTo = sealedTo
    self.keys = keys
    self.db = db
  }

  /// Whether `kept` may be the fingerprint of `event`, in either form.
  ///
  /// - Throws: `SubjectKeyError` when the keys can't be asked.
  mutating func matches(_ kept: Int64, _ event: EventDraft) throws -> Bool {
    if event.mayHave(kept) { return true }
    guard let sealedTo else { return false }
    if key == nil {
      key = .some(try SealingKeys.identity(sealedTo, keys, db).map(FingerprintKey.init))
    }
    guard let key = key ?? nil else { return false }
    return event.mayHave(kept, keyed: key.keyed)
  }
}
