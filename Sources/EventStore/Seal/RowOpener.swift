internal import GRDB
internal import Sealing
internal import Streams

/// Opens sealed rows for one cursor, and keeps the keys it has asked for.
final class RowOpener {
  private let snapshot: Snapshot
  /// By the key's number.
  private var openers: [Int64: AgeOpener] = [:]
  private var destroyed: Set<Int64> = []
  private var content: [UInt8] = []
  /// The payload that was opened last.
  private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)

  init(_ snapshot: Snapshot) { self.snapshot = snapshot }

  deinit { memory.deallocate() }

  /// The payload in `file`, valid until the next call; nil when its key was destroyed.
  ///
  /// - Throws: `SubjectKeyError` when the keys can't be asked; ``StoreError`` `.corrupt`.
  func open(
    _ file: UnsafeRawBufferPointer, _ row: SealedRow
  ) throws -> (metadata: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer)? {
    guard try hasKey(row.key) else { return nil }
    do throws(AgeError) {
      try openers[row.key]?.open(file, into: &content)
    } catch {
      guard error == .wrongKey else { throw StoreError.corrupt(detail: "a sealed row is damaged") }
      throw SubjectKeyError.unusable(
        snapshot.store.subjectKeys.files.database, "rows were sealed to other keys than it has")
    }
    guard row.metadataBytes <= content.count else {
      throw StoreError.corrupt(detail: "a sealed row is damaged")
    }
    keepContent()
    return (
      UnsafeRawBufferPointer(rebasing: memory[..<row.metadataBytes]),
      UnsafeRawBufferPointer(rebasing: memory[row.metadataBytes..<content.count])
    )
  }

  private func hasKey(_ number: Int64) throws -> Bool {
    if openers[number] != nil { return true }
    if destroyed.contains(number) { return false }
    let keys = snapshot.store.subjectKeys
    guard let identity = try SealingKeys.identity(number, keys, snapshot.db) else {
      destroyed.insert(number)
      return false
    }
    openers[number] = AgeOpener(identity)
    return true
  }

  /// Copies the content to where it stays while the caller has pointers to it.
  private func keepContent() {
    if memory.count < content.count {
      memory.deallocate()
      memory = .allocate(byteCount: content.count + content.count / 2, alignment: 16)
    }
    memory.copyBytes(from: content)
  }
}
