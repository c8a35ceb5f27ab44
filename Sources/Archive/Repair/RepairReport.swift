public import Segments
public import Streams

/// What a repair found and did.
public struct RepairReport: Sendable {
  /// Where the bytes of a healed segment came from.
  public enum Source: String, Sendable {
    /// Its content was whole; only its mode was wrong.
    case mode
    case parity
    /// Another copy of the file.
    case copy
    /// The rows of the store, with what is sound in the file.
    case rows
  }

  public enum Outcome: Sendable {
    case sound
    case healed(Source)
    /// What was tried, and the revisions that can be read nowhere.
    case damaged(tried: [String], lost: [Loss])
    /// Its first copy is at a target that does not answer, or the archive folder is not there.
    case away(String)
  }

  /// What became of a copy at a target.
  public enum CopyOutcome: Sendable, Hashable {
    case sound
    /// The damaged one was put aside, and a sound one took its place.
    case healed
    /// The target does not answer, and why: nothing is known of the copy.
    case away(String)
    /// It is damaged, and a lock keeps it where it is.
    case locked(String)
    /// It is damaged still, and why.
    case damaged(String)

    var isReadable: Bool { self == .sound || self == .healed }
  }

  public struct Copy: Sendable, Hashable {
    public var address: String
    public var damage: [SegmentDamage]
    public var outcome: CopyOutcome

    var isDamaged: Bool {
      switch outcome {
      case .sound, .healed, .away: false
      case .locked, .damaged: true
      }
    }
  }

  public struct Loss: Sendable, Hashable {
    public var stream: StreamName
    public var revisions: ClosedRange<Int64>
  }

  public struct Item: Sendable {
    public var file: String
    public var archiveSeq: Int64
    public var damage: [SegmentDamage]
    /// Of the first copy.
    public var outcome: Outcome
    /// The copies at targets.
    public var copies: [Copy] = []

    /// Some copy is damaged still.
    public var isDamaged: Bool {
      if case .damaged = outcome { true } else { copies.contains(where: \.isDamaged) }
    }

    public var isHealed: Bool {
      if case .healed = outcome { true } else { copies.contains { $0.outcome == .healed } }
    }

    /// Some copy could not be asked.
    public var isAway: Bool { !absences.isEmpty }

    /// The places that could not be asked, and why.
    fileprivate var absences: [(address: String, reason: String)] {
      let away = copies.compactMap { copy in
        if case .away(let reason) = copy.outcome { (copy.address, reason) } else { nil }
      }
      guard away.isEmpty, case .away(let reason) = outcome else { return away }
      return [("the archive folder", reason)]
    }
  }

  public var items: [Item] = []
  /// Segments that were left when it was asked to stop.
  public var notReached = 0

  public var healed: [Item] { items.filter { $0.isHealed && !$0.isDamaged } }
  public var damaged: [Item] { items.filter(\.isDamaged) }

  /// What to say when some copies could not be asked; nil when all could.
  public var unavailability: CheckUnavailable? {
    var places: [String: SegmentCheck.Report.Place] = [:]
    for (address, reason) in items.flatMap(\.absences) {
      places[address, default: .init(address: address, reason: reason)].unavailable += 1
    }
    guard !places.isEmpty else { return nil }
    return CheckUnavailable(places: places.values.sorted { $0.address < $1.address })
  }
}
