public import Streams

/// Planned time: whatever the monitors say in `[start, end)` is maintenance.
public struct MaintenanceWindow: Hashable, Sendable {
  /// The service (or group) it is for; nil means every service.
  public var service: String?
  public var start: Timestamp
  public var end: Timestamp

  public init(service: String? = nil, start: Timestamp, end: Timestamp) {
    self.service = service
    self.start = start
    self.end = end
  }
}

/// What is asked of a history.
public struct UptimeOptions: Hashable, Sendable {
  /// The period, half open; milliseconds count, microseconds are cut.
  public var start: Timestamp
  public var end: Timestamp
  /// Facts at or after it are not known yet, and no time after it is counted. It may lie after
  /// `end`: then an outage still running at the end is followed to see how it ends.
  public var asOf: Timestamp
  /// How bad degraded is, 0…1.
  public var degradedWeight = Fraction.zero
  /// How long a fact is evidence; nil means until the next one.
  public var staleAfterSeconds: Int64?
  public var maintenance: [MaintenanceWindow] = []
  /// What was said of ranges of time; laid over the facts and over `maintenance`.
  public var corrections = Corrections()
  /// An outage ends only when more good time than this was seen.
  public var mergeGapSeconds: Int64 = 0
  /// An outage with less down time is downtime, but no incident.
  public var minIncidentSeconds: Int64 = 0
  /// How far a fact's clock may run ahead of the recording one before it is clamped.
  public var skewSeconds: Int64 = 300
  /// Only what had arrived by then counts; nil means all that is known.
  public var throughPosition: Position?
  /// A share of 1, as 0.999.
  public var sloTarget: Fraction?
  /// Digits of a printed percentage.
  public var decimals = 3
  /// The days to give figures for; of each only what lies in the period is counted.
  public var days: [LocalDay] = []
  /// Bars, chart steps and the period to compare with.
  public var views = UptimeViews()

  /// - Parameter asOf: the end when nil.
  public init(start: Timestamp, end: Timestamp, asOf: Timestamp? = nil) {
    self.start = start
    self.end = end
    self.asOf = asOf ?? end
  }
}

extension UptimeOptions {
  var asOfMs: Int64 { asOf.millisecondsCut }

  /// What is counted of the period: nothing after `asOf`.
  var countedMs: Range<Int64> {
    let start = start.millisecondsCut
    return start..<max(start, min(end.millisecondsCut, asOfMs))
  }

  var staleAfterMs: Int64? { staleAfterSeconds.map(Self.milliseconds) }
  var mergeGapMs: Int64 { Self.milliseconds(mergeGapSeconds) }
  var minIncidentMs: Int64 { Self.milliseconds(minIncidentSeconds) }
  var skewMs: Int64 { Self.milliseconds(skewSeconds) }

  /// The windows for `name`, in order, with overlapping and touching ones made one.
  func windowsMs(for name: String, includingGeneral: Bool) -> [Range<Int64>] {
    let own = maintenance.filter {
      ($0.service == name || ($0.service == nil && includingGeneral)) && $0.start < $0.end
    }
    let ranges = own.map { $0.start.millisecondsCut..<$0.end.millisecondsCut }
      .sorted { $0.lowerBound < $1.lowerBound }
    var joined: [Range<Int64>] = []
    for range in ranges {
      if let last = joined.last, range.lowerBound <= last.upperBound {
        joined[joined.count - 1] =
          last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        joined.append(range)
      }
    }
    return joined
  }

  /// The corrections for `name` that stand at `throughPosition`.
  func corrections(for name: String, includingGeneral: Bool) -> [Correction] {
    corrections.standing(
      for: name, includingGeneral: includingGeneral, through: throughPosition)
  }

  /// Saturating, and far enough from the ends of `Int64` that an instant can be added.
  private static func milliseconds(_ seconds: Int64) -> Int64 {
    min(max(seconds, 0), 1_000_000_000_000) * 1000
  }
}

extension Timestamp {
  /// Whole milliseconds since 1970: the figures know nothing finer.
  var millisecondsCut: Int64 {
    let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1000)
    return remainder < 0 ? quotient - 1 : quotient
  }

  init(milliseconds: Int64) { self.init(microseconds: milliseconds &* 1000) }
}
