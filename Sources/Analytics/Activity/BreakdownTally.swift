/// Counts events, actors and bytes by kind of action.
struct BreakdownTally {
  /// What is counted together.
  struct Key: Hashable {
    var category: String
    var type: String?
    var topic: String?
  }

  private struct Row {
    let key: Key
    var events = 0
    var bytes: Int64 = 0
    var perActor: [Int] = []
    /// Of the actor being taken.
    var ofActor = 0
  }

  private var rows: [Row] = []
  /// The row of each kind of the history; nil for a kind that has none.
  private let rowOfKind: [Int?]
  private var touched: [Int] = []

  /// - Parameter row: what a kind counts under; nil when it does not count.
  init(_ kinds: ActionKinds, row: (ActionKinds.Kind) -> Key?) {
    var rows: [Row] = []
    var numbers: [Key: Int] = [:]
    rowOfKind = (0..<kinds.count).map { kind in
      row(kinds[kind]).map { key in
        if let number = numbers[key] { return number }
        rows.append(Row(key: key))
        numbers[key] = rows.count - 1
        return rows.count - 1
      }
    }
    self.rows = rows
  }

  /// - Parameter actions: all of one actor in the period.
  mutating func take(_ actions: ArraySlice<Action>) {
    for action in actions {
      guard let row = rowOfKind[action.kind] else { continue }
      if rows[row].ofActor == 0 { touched.append(row) }
      rows[row].ofActor += 1
      rows[row].bytes += Int64(action.bytes)
    }
    for row in touched {
      rows[row].events += rows[row].ofActor
      rows[row].perActor.append(rows[row].ofActor)
      rows[row].ofActor = 0
    }
    touched.removeAll(keepingCapacity: true)
  }

  /// Most events first, then by name.
  var breakdown: [ActivityBreakdown] {
    rows.filter { $0.events > 0 }.sorted(by: Self.precedes).map { row in
      let sorted = row.perActor.sorted()
      return ActivityBreakdown(
        category: row.key.category, type: row.key.type, topic: row.key.topic,
        events: row.events, actors: sorted.count, bytes: row.bytes,
        perActorP50: NearestRank.value(50, of: sorted),
        perActorP95: NearestRank.value(95, of: sorted),
        perActorMax: NearestRank.value(100, of: sorted))
    }
  }

  private static func precedes(_ a: Row, _ b: Row) -> Bool {
    if a.events != b.events { return a.events > b.events }
    return (a.key.category, a.key.type ?? "", a.key.topic ?? "")
      < (b.key.category, b.key.type ?? "", b.key.topic ?? "")
  }
}
