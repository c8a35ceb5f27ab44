/// Cuts the actions of each actor in the period into sessions.
struct SessionTally {
  private let gapUs: Int64
  private var lengthsUs: [Int64] = []
  private var buckets = SessionFigures().buckets

  init(gapSeconds: Int64) { gapUs = gapSeconds * 1_000_000 }

  var count: Int { lengthsUs.count }

  /// - Parameter actions: one actor's, by time.
  mutating func take(_ actions: ArraySlice<Action>) {
    guard var startUs = actions.first?.timeUs else { return }
    let own = lengthsUs.count
    var lastUs = startUs
    for action in actions {
      if action.timeUs - lastUs > gapUs {
        lengthsUs.append(lastUs - startUs)
        startUs = action.timeUs
      }
      lastUs = action.timeUs
    }
    lengthsUs.append(lastUs - startUs)
    count(lengthsUs[own...])
  }

  private mutating func count(_ lengthsUs: ArraySlice<Int64>) {
    for index in buckets.indices {
      let sessions = lengthsUs.count { buckets[index].holds($0) }
      buckets[index].sessions += sessions
      if sessions > 0 { buckets[index].actors += 1 }
    }
  }

  var figures: SessionFigures {
    var figures = SessionFigures()
    figures.count = lengthsUs.count
    figures.buckets = buckets
    guard !lengthsUs.isEmpty else { return figures }
    let sorted = lengthsUs.sorted()
    figures.lengthP50 = NearestRank.value(50, of: sorted) / 1_000_000
    figures.lengthP95 = NearestRank.value(95, of: sorted) / 1_000_000
    return figures
  }
}

extension SessionFigures.Bucket {
  fileprivate func holds(_ lengthUs: Int64) -> Bool {
    lengthUs >= fromSeconds * 1_000_000 && toSeconds.map { lengthUs < $0 * 1_000_000 } ?? true
  }
}
