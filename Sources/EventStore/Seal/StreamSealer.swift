internal import GRDB
internal import Sealing
internal import Streams

/// Seals rows of one stream, in one transaction.
///
/// Each row's metadata and data become one age file, which the `age` tool opens with the subject's
/// key. The files of one sealer share their header, so that sealing costs two curve operations a
/// stream and transaction, and not an event.
final class StreamSealer {
  private let key: Int64
  private let sealer: AgeSealer
  private let fingerprints: FingerprintKey
  private var content: [UInt8] = []
  private var file: [UInt8] = []

  /// Records, too, which key the stream is sealed to.
  ///
  /// - Throws: `SubjectKeyError`: nothing may be written in the clear instead.
  init(_ name: StreamName, numbered stream: Int64, _ keys: SubjectKeys, _ db: Database) throws {
    let sealingKey = try keys.sealingKey(of: SubjectKeys.subject(of: name))
    guard let identity = try keys.identity(sealingKey.id) else {
      throw SubjectKeyError.unusable(keys.files.database, "the key was destroyed just now")
    }
    key = try SealingKeys.number(of: sealingKey.id, db)
    sealer = try AgeSealer(to: sealingKey.recipient)
    fingerprints = FingerprintKey(identity)
    try db.execute(
      sql: "UPDATE streams SET sealed_to = ?1 WHERE id = ?2 AND sealed_to IS NOT ?1",
      arguments: [key, stream])
  }

  func keyed(_ fingerprint: Int64) -> Int64 { fingerprints.keyed(fingerprint) }

  /// Calls `body` with what goes into the columns `data` and `sealed`.
  func seal<R>(
    metadata: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer,
    _ body: (UnsafeRawBufferPointer, SealedRow) throws -> R
  ) throws -> R {
    if metadata.isEmpty {
      try sealer.seal(data, into: &file)
    } else {
      content.removeAll(keepingCapacity: true)
      content.append(contentsOf: metadata)
      content.append(contentsOf: data)
      try content.withUnsafeBytes { try sealer.seal($0, into: &file) }
    }
    let row = SealedRow(key: key, metadataBytes: metadata.count)
    return try file.withUnsafeBytes { try body($0, row) }
  }
}
