internal import EventStore
internal import Glibc
internal import Sealing
internal import Segments

extension ArchiveFolder {
  /// Makes sure that no other store archives here, so that a wrong path in a configuration can't
  /// let one store rewrite or remove what another one has.
  ///
  /// The lock's file says whose folder it is. It need not be durable: where it says nothing, as in
  /// a folder that is new or was copied, the manifests of the segments do.
  ///
  /// - Parameter lock: the lock's file, while it is held.
  /// - Throws: ``WrongStore``; ``ArchiveError`` `.folder`.
  func claim(for store: EventStore, _ lock: Int32) throws {
    let line = Array((store.id + "\n").utf8)
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = pread(lock, &bytes, bytes.count, 0)
    guard count >= 0 else { throw failure() }
    if bytes.prefix(count).elementsEqual(line) { return }
    let said = String(decoding: bytes.prefix(count), as: UTF8.self)
    let owner = said.hasSuffix("\n") ? String(said.dropLast()) : try storeOfSegments(if: store.id)
    guard owner == nil || owner == store.id else {
      throw WrongStore(path: path, owner: owner, store: store.id)
    }
    guard ftruncate(lock, 0) == 0, pwrite(lock, line, line.count, 0) == line.count else {
      throw failure()
    }
  }

  /// The store whose segments lie here, `wanted` if it is one of several; nil when there are none.
  private func storeOfSegments(if wanted: String) throws -> String? {
    var other: String?
    for name in files() {
      // What can't be read is a matter of verification, and nobody's claim.
      guard let id = (try? SegmentFile(path: file(name)))?.manifest?.storeID else { continue }
      if id == wanted { return id }
      other = other ?? id
    }
    return other
  }
}
