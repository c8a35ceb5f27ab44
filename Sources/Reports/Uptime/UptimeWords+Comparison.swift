internal import Analytics
internal import Streams

extension UptimeWords {
  /// The period before, by its name where it has one.
  func previousName(_ previous: PreviousFigures) -> String {
    if let period = report.period { return period.previous.description }
    return "\(report.zone.text(previous.start)) to \(report.zone.text(previous.end))"
  }

  /// The comparison in a sentence; nil when nothing was compared.
  func comparison(_ figures: UptimeFigures) -> String? {
    guard let change = PeriodChange(figures) else { return nil }
    let running =
      report.isFinal ? "" : " This period is not over; only what has elapsed of it is counted."
    return "Compared with \(previousName(change.previous)) "
      + "(coverage \(percent(change.previous.coverage))): availability "
      + "\(points(change.availability)), downtime \(signed(change.downMilliseconds)), "
      + "incidents \(signed(change.incidents)).\(running)"
  }

  /// `+0.012 points`: a difference of percentages, exact and then cut.
  func points(_ difference: Fraction?) -> String {
    guard let difference else { return Wording.noData }
    if difference == .zero { return "unchanged" }
    let digits = difference.percent(decimals: report.decimals).replacing("-", with: "−")
    return "\(difference > .zero ? "+" : "")\(digits)\u{A0}points"
  }

  func signed(_ milliseconds: Int64?) -> String {
    guard let milliseconds else { return Wording.noData }
    if milliseconds == 0 { return "unchanged" }
    return (milliseconds > 0 ? "+" : "") + Wording.duration(milliseconds: milliseconds)
  }

  func signed(_ count: Int?) -> String {
    guard let count else { return Wording.noData }
    if count == 0 { return "unchanged" }
    return (count > 0 ? "+" : "") + Wording.grouped(count).replacing("-", with: "−")
  }

  func signed(_ seconds: Fraction?) -> String {
    guard let seconds else { return Wording.noData }
    return signed(Int64(clamping: seconds.numerator * 1000 / seconds.denominator))
  }
}
