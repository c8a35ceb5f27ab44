internal import Analytics
internal import Streams

extension UptimeWords {
  /// The verdict on a promise, in a word for a table.
  func verdict(on figures: UptimeFigures) -> String? {
    switch report.verdict(on: figures) {
    case .met: report.isFinal ? "met" : "met so far"
    case .missed: report.isFinal ? "missed" : "missed so far"
    case .undecided: "not decidable"
    case .noData: Wording.noData
    case nil: nil
    }
  }

  /// The verdict with its reason.
  func verdictSentence(on figures: UptimeFigures) -> String? {
    guard let verdict = report.verdict(on: figures), let target else { return nil }
    let so = report.isFinal ? "" : " so far"
    let measured =
      "\(percent(figures.availability)) available, coverage \(percent(figures.coverage))"
    return switch verdict {
    case .met: "Target \(target): met\(so). \(measured)."
    case .missed: "Target \(target): missed\(so). \(measured)."
    case .undecided:
      "Target \(target): not decidable. \(measured); the time that is not known leaves "
        + "\(bounds(figures)) open, and the target lies in between."
    case .noData: "Target \(target): no data. Nothing was measured."
    }
  }

  /// `99.9 %`, with as many digits as it has.
  private var target: String? {
    report.options.sloTarget.map { ($0 * Fraction(100)).shortest(decimals: 9) + "\u{A0}%" }
  }

  /// What became, or is to be expected, of the error budget.
  func outlook(_ burnDown: BurnDown) -> String {
    let used = burnDown.exhaustedAt.map { "It was used up at \(report.zone.text($0))." }
    return switch burnDown.outlook {
    case .over: used ?? "It lasted to the end of the period."
    case .exhausted: used ?? "It is used up to the millisecond."
    case .exhausts(let instant):
      "At the rate so far it is used up on \(report.zone.localDate(of: instant))."
    case .lasts: "At the rate so far it lasts to the end of the period."
    case .unclear(let doubt): "No date is projected: \(reason(doubt))."
    }
  }

  private func reason(_ doubt: BurnDown.Doubt) -> String {
    switch doubt {
    case .tooEarly: "less than a quarter of the period, or than a day, has elapsed"
    case .littleKnown: "less than 95\u{A0}% of the time so far is known"
    case .fewIncidents: "fewer than three incidents make no rate"
    }
  }
}
