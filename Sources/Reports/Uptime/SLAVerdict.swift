internal import Analytics

/// Whether an availability was promised and kept, decided only where what is not known can't change
/// it.
enum SLAVerdict: String {
  /// Also with all unknown time counted as down.
  case met
  /// Also with all unknown time counted as up.
  case missed
  /// What is not known leaves both open.
  case undecided
  case noData

  /// Nil without a target.
  init?(_ figures: UptimeFigures, target: Fraction?) {
    guard let target else { return nil }
    guard figures.availability != nil, let lower = figures.lowerBound,
      let upper = figures.upperBound
    else {
      self = .noData
      return
    }
    self = lower >= target ? .met : upper < target ? .missed : .undecided
  }
}

extension UptimeReport {
  /// The period has ended, and all of it is counted.
  var isFinal: Bool { options.asOf >= options.end }

  /// It was made later than what it tells of.
  var isAboutThePast: Bool { options.asOf < madeAt }

  func verdict(on figures: UptimeFigures) -> SLAVerdict? {
    SLAVerdict(figures, target: options.sloTarget)
  }
}
