internal import GRDB
internal import Sealing
public import Streams

extension EventStore {
  /// What became of the rows of sealed streams.
  public struct SealReport: Sendable, Hashable {
    /// Sealed streams that match.
    public var streams = 0
    /// Rows that were plain, and are sealed now.
    public var events: Int64 = 0
    /// False while another process's read keeps the store's log: run it again.
    public var isLogEmpty = true
  }

  private static let sliceEvents = 512
  private static let sliceBytes = 4 << 20

  /// Seals the streams that match `pattern`, those to come as well: what is appended to them is
  /// encrypted from now on. Rows from before are sealed slice by slice, and what is left of them in the
  /// file and its log is overwritten.
  ///
  /// Readers and writers go on meanwhile. A process that dies anywhere leaves a store that reads the
  /// same; called again, it goes on.
  ///
  /// - Parameters:
  ///   - onSlice: called after each slice. It may end the process: that is how the tests do it.
  ///   - progress: rows sealed so far.
  /// - Throws: ``StoreError`` `.notSealable`; `SubjectKeyError`.
  public func seal(
    _ pattern: String, reason: String, by principal: Principal, now: Timestamp = .now(),
    onSlice: () -> Void = {}, progress: (Int64) -> Void = { _ in }
  ) throws -> SealReport {
    let wasBegun = try recordSeal(pattern, reason: reason, by: principal, now: now)
    // The store overwrites what costs nothing to overwrite; here all of it goes.
    try setSecureDelete("ON")
    defer { try? setSecureDelete("FAST") }
    try removeDeletedRows()
    var report = try sealRows(matching: pattern, onSlice, progress)
    if wasBegun || report.events > 0 { report.isLogEmpty = try scrub() }
    guard report.isLogEmpty else { return report }
    try write { db in
      try db.execute(
        sql: "UPDATE seals SET completed_at = ? WHERE pattern = ? AND completed_at IS NULL",
        arguments: [now.microseconds, pattern])
    }
    return report
  }

  private func sealRows(
    matching pattern: String, _ onSlice: () -> Void, _ progress: (Int64) -> Void
  ) throws -> SealReport {
    let records = try read { snapshot in
      try snapshot.streams(matching: pattern).filter { $0.isSealed && $0.tombstone == nil }
    }
    var report = SealReport(streams: records.count)
    for record in records {
      while try UnkeyedFingerprints.keySlice(record.name, record.id, self) { onSlice() }
      var next: Int64? = record.id << Schema.revisionBits
      while let key = next {
        let slice = try sealSlice(of: record, from: key)
        report.events += slice.count
        next = slice.next
        onSlice()
        progress(report.events)
      }
    }
    return report
  }

  private struct PlainRow {
    var key: Int64
    var id: DatabaseValue
    var metadata: [UInt8]
    var data: [UInt8]
    var fingerprint: Int64
  }

  /// - Returns: how many rows were sealed, and the key to go on from; nil after the last one.
  private func sealSlice(
    of record: StreamRecord, from key: Int64
  ) throws -> (count: Int64, next: Int64?) {
    try write { db in
      let rows = try Self.plainRows(of: record.id, from: key, db)
      guard let last = rows.last else { return (0, nil) }
      let sealer = try StreamSealer(record.name, numbered: record.id, subjectKeys, db)
      let update = try RawStatement(
        db, "UPDATE events SET metadata = zeroblob(0), data = ?, sealed = ? WHERE key = ?")
      for row in rows {
        try row.metadata.withUnsafeBytes { metadata in
          try row.data.withUnsafeBytes { data in
            try sealer.seal(metadata: metadata, data: data) { file, sealed in
              update.bind(file, at: 1)
              update.bind(sealed.column, at: 2)
              update.bind(row.key, at: 3)
              try update.run()
            }
          }
        }
        try db.cachedStatement(
          sql: "UPDATE event_ids SET fingerprint = ? WHERE stream = ? AND id = ?"
        ).execute(arguments: [sealer.keyed(row.fingerprint), record.id, row.id])
      }
      return (Int64(rows.count), last.key + 1)
    }
  }

  private static func plainRows(
    of stream: Int64, from key: Int64, _ db: Database
  ) throws -> [PlainRow] {
    // CROSS: rows are looked through in the order of their keys, and not ids (sqlite.org/optoverview.html).
    let found = try Row.fetchCursor(
      db,
      sql: """
        SELECT e.key, e.id, metadata, data, fingerprint FROM events AS e
        CROSS JOIN event_ids AS i ON i.stream = ?1 AND i.id = e.id
        WHERE e.key BETWEEN ?2 AND ?3 AND sealed IS NULL ORDER BY e.key LIMIT \(sliceEvents)
        """, arguments: [stream, key, stream << Schema.revisionBits | Schema.maxRevision])
    var rows: [PlainRow] = []
    var bytes = 0
    while bytes < sliceBytes, let row = try found.next() {
      let plain = PlainRow(
        key: row[0], id: row[1],
        metadata: try row.withUnsafeData(atIndex: 2) { $0.map(Array.init) ?? [] },
        data: try row.withUnsafeData(atIndex: 3) { $0.map(Array.init) ?? [] }, fingerprint: row[4])
      bytes += plain.metadata.count + plain.data.count
      rows.append(plain)
    }
    return rows
  }
}
