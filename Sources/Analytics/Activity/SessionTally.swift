/// Cuts the actions of each actor in the period into sessions.
struct SessionTally {
  private let gapUs: Int64
  private var lengthsUs: [Int64] = []

  init(gapSeconds: Int64) { gapUs = gapSeconds * 1_000_000 }

  /// - Parameter actions: one actor's, by time.
  mutating func take(_ actions: ArraySlice<Action>) {
    guard var startUs = actions.first?.timeUs else { return }
    var lastUs = startUs
    for action in actions {
      if action.timeUs - lastUs > gapUs {
        lengthsUs.append(lastUs - startUs)
        startUs = action.timeUs
      }
      lastUs = action.timeUs
    }
    lengthsUs.append(lastUs - startUs)
  }

  var figures: SessionFigures {
    var figures = SessionFigures()
    figures.count = lengthsUs.count
    guard !lengthsUs.isEmpty else { return figures }
    let sorted = lengthsUs.sorted()
    figures.lengthP50 = NearestRank.value(50, of: sorted) / 1_000_000
    figures.lengthP95 = NearestRank.value(95, of: sorted) / 1_000_000
    return figures
  }
}
