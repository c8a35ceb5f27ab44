internal import GRDB
internal import Streams

/// What a writing transaction knows of a stream; its row is written once, at the end.
struct StreamHead {
  /// ``noRow`` until a new stream's first event is appended.
  var id: Int64
  let name: StreamName
  var status: Lifecycle
  var tombstone: Tombstone?
  var events: Int64
  var bytes: Int64
  var firstAt: Int64?
  var lastAt: Int64?
  let isNew: Bool
  /// Whose append made a new stream.
  var createdBy = Principal.system
  var isChanged = false
  /// What is appended is encrypted.
  var isSealed = false
  /// Made for the first event that is.
  var sealer: StreamSealer?
  /// Compares an event with one of its id that is there.
  var fingerprints: KeptFingerprints?
  /// The day and type of the last event, so that a run of alike events costs one comparison.
  var counted = DayCount(day: .min, type: -1)
  var days: [DayCount: DayTotal] = [:]

  struct DayCount: Hashable {
    var day: Int64
    var type: Int64
  }

  struct DayTotal {
    var events: Int64 = 0
    var bytes: Int64 = 0
  }

  private var pending = DayTotal()

  /// No stream has this number.
  static let noRow: Int64 = 0

  init(new name: StreamName) {
    self.init(
      id: Self.noRow, name: name, status: .created, tombstone: nil, events: 0, bytes: 0,
      firstAt: nil, lastAt: nil, isNew: true)
  }

  init(
    id: Int64, name: StreamName, status: Lifecycle, tombstone: Tombstone?, events: Int64,
    bytes: Int64, firstAt: Int64?, lastAt: Int64?, isNew: Bool
  ) {
    self.id = id
    self.name = name
    self.status = status
    self.tombstone = tombstone
    self.events = events
    self.bytes = bytes
    self.firstAt = firstAt
    self.lastAt = lastAt
    self.isNew = isNew
  }

  mutating func count(type: Int64, timestamp: Timestamp, bytes count: Int64) {
    events += 1
    bytes += count
    let at = timestamp.microseconds
    firstAt = min(firstAt ?? at, at)
    lastAt = max(lastAt ?? at, at)
    isChanged = true
    let key = DayCount(day: timestamp.utcDay, type: type)
    if key != counted {
      settle()
      counted = key
    }
    pending.events += 1
    pending.bytes += count
  }

  /// Moves the run of the last day and type into `days`.
  mutating func settle() {
    guard pending.events > 0 else { return }
    days[counted, default: DayTotal()].events += pending.events
    days[counted, default: DayTotal()].bytes += pending.bytes
    pending = DayTotal()
  }
}

extension StreamHead.DayTotal {
  /// Adds `days` to the stream's counts.
  static func add(
    _ days: [StreamHead.DayCount: StreamHead.DayTotal], stream: Int64, in db: Database
  ) throws {
    let statement = try RawStatement(
      db,
      """
      INSERT INTO stream_days VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
        events = events + excluded.events, bytes = bytes + excluded.bytes
      """)
    for (key, total) in days {
      statement.bind(stream, at: 1)
      statement.bind(key.day, at: 2)
      statement.bind(key.type, at: 3)
      statement.bind(total.events, at: 4)
      statement.bind(total.bytes, at: 5)
      try statement.run()
    }
  }
}
