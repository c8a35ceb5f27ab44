internal import GRDB
internal import Glibc
public import Streams

/// The rows of a deleted stream go in slices: no transaction is long, appends come in between, and the
/// log stays short, however many there are. The tombstone is there before the first one goes, in a
/// transaction of its own, and nobody reads them from then on.
extension EventStore {
  /// What one transaction removes at most: bytes of data and metadata, though always one event; and
  /// rows.
  private static let sliceBytes = 4 << 20
  private static let sliceRows = 10_000

  /// The deleted streams that still have rows, as after a process was killed.
  public func pendingRemovals() throws -> [StreamName] {
    try read { snapshot in
      try String.fetchAll(
        snapshot.db,
        sql: "SELECT name FROM removals JOIN streams ON id = stream ORDER BY name"
      ).map { try StreamName($0) }
    }
  }

  /// Removes the rows that deleted streams still have. A process that dies anywhere leaves a store
  /// in which the next call goes on.
  ///
  /// Writers of other processes ask for the lock again and again rather than queue for it: after each
  /// slice it is left free for as long as the slice took.
  ///
  /// - Parameter onSlice: called after each slice. It may end the process: that is how the tests do
  ///   it.
  /// - Throws: ``StoreError``; what was removed stays removed.
  /// - Complexity: O(rows).
  public func removeDeletedRows(onSlice: () -> Void = {}) throws {
    while let stream = try firstRemoval() {
      let clock = ContinuousClock()
      let begin = clock.now
      try write { try Self.removeSlice(of: stream, $0) }
      let elapsed = clock.now - begin
      onSlice()
      Self.pause(for: min(elapsed, .seconds(1)))
    }
  }

  /// Marks the rows of a stream to be removed, in the transaction that gives it its tombstone.
  static func scheduleRemoval(of stream: Int64, _ db: Database) throws {
    try db.execute(
      sql: "INSERT INTO removals VALUES (?) ON CONFLICT DO NOTHING", arguments: [stream])
  }

  private func firstRemoval() throws -> Int64? {
    try read { try Int64.fetchOne($0.db, sql: "SELECT stream FROM removals ORDER BY stream") }
  }

  private static func removeSlice(of stream: Int64, _ db: Database) throws {
    if try removeEvents(of: stream, db) || removeIDs(of: stream, db) { return }
    try db.execute(sql: "DELETE FROM removals WHERE stream = ?", arguments: [stream])
  }

  /// - Returns: whether there were any.
  private static func removeEvents(of stream: Int64, _ db: Database) throws -> Bool {
    let base = stream << Schema.revisionBits
    guard let last = try lastKey(ofSliceIn: base...(base | Schema.maxRevision), db) else {
      return false
    }
    try db.cachedStatement(sql: "DELETE FROM events WHERE key BETWEEN ? AND ?")
      .execute(arguments: [base, last])
    return true
  }

  private static func lastKey(ofSliceIn keys: ClosedRange<Int64>, _ db: Database) throws -> Int64? {
    let rows = try Row.fetchCursor(
      db.cachedStatement(
        sql: """
          SELECT key, length(metadata) + length(data) FROM events WHERE key BETWEEN ? AND ?
          ORDER BY key LIMIT ?
          """), arguments: [keys.lowerBound, keys.upperBound, sliceRows])
    var (last, bytes): (Int64?, Int) = (nil, 0)
    while bytes < sliceBytes, let row = try rows.next() {
      last = row[0]
      bytes += row[1]
    }
    return last
  }

  private static func pause(for time: Duration) {
    let (seconds, attoseconds) = time.components
    var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    nanosleep(&time, nil)
  }

  private static func removeIDs(of stream: Int64, _ db: Database) throws -> Bool {
    try db.cachedStatement(
      sql: """
        DELETE FROM event_ids WHERE stream = ?1 AND id <= (
          SELECT max(id) FROM (
            SELECT id FROM event_ids WHERE stream = ?1 ORDER BY id LIMIT ?2))
        """
    ).execute(arguments: [stream, sliceRows])
    return db.changesCount > 0
  }
}
