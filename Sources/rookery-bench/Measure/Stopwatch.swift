internal import Glibc

/// Seconds of the monotonic clock.
struct Stopwatch {
  private let start = Self.now()

  var seconds: Double { max(Self.now() - start, 1e-9) }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  static func measure(_ body: () throws -> Void) rethrows -> Double {
    let watch = Stopwatch()
    try body()
    return watch.seconds
  }
}

/// CPU seconds, user and system, that this process has used so far.
func cpuSeconds() -> Double {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return usage.cpuSeconds
}

extension rusage {
  var cpuSeconds: Double {
    Double(ru_utime.tv_sec + ru_stime.tv_sec) + Double(ru_utime.tv_usec + ru_stime.tv_usec) / 1e6
  }
}

/// Takes turns between the two sides, so that what else the machine does hits both.
func takeTurns(
  _ repeats: Int, ours: (Int) async throws -> Double, peer: (Int) async throws -> Double
) async rethrows -> (ours: [Double], peer: [Double]) {
  var values: (ours: [Double], peer: [Double]) = ([], [])
  for turn in 0..<repeats {
    if turn.isMultiple(of: 2) {
      values.ours.append(try await ours(turn))
      values.peer.append(try await peer(turn))
    } else {
      values.peer.append(try await peer(turn))
      values.ours.append(try await ours(turn))
    }
  }
  return values
}
