/// How long and how often a server is asked.
public struct Patience: Sendable, Hashable {
  /// Times a request is sent before it is given up.
  public var attempts = 5
  /// Before the second attempt, in milliseconds; doubled before each further one.
  public var firstPause = 200
  /// In milliseconds.
  public var longestPause = 5_000
  /// For a small request, in milliseconds.
  public var timeout = 30_000
  /// A large one may take this much longer: bytes a millisecond, 64 kB/s.
  private static let slowestRate = 64

  public init() {}

  package func timeout(forBytes bytes: Int) -> Int { timeout + bytes / Self.slowestRate }

  /// The pause after the `attempt`-th failure, counted from 1: half of it is chance, so that many
  /// that failed together do not come back together.
  package func pause(after attempt: Int) -> Int {
    let full = min(longestPause, firstPause << min(attempt - 1, 16))
    return full / 2 + Int.random(in: 0...max(full / 2, 0))
  }
}
