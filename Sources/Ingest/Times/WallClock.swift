internal import Streams

/// What a clock on the wall shows in one place: it turns local times without a zone into instants.
///
/// Whoever knows the zone's rules gives them; this layer has none.
public struct WallClock: Sendable {
  /// The zone's name, for messages.
  public let name: String
  /// Seconds east of UTC at a second since 1970.
  private let offset: @Sendable (Int64) -> Int64

  public static let utc = WallClock(name: "UTC") { _ in 0 }

  public init(name: String, offset: @escaping @Sendable (Int64) -> Int64) {
    self.name = name
    self.offset = offset
  }

  /// The second since 1970 at which the clock shows `local`, seconds since 1970 on its own face.
  ///
  /// A time it shows twice, when clocks go back, is the first of the two. One that it never shows,
  /// when clocks go forward, is nil.
  func second(showing local: Int64) -> Int64? {
    // A day off on either side is further than any zone is from UTC, and nearer than two changes.
    [local - 86_400, local + 86_400]
      .map { local - offset($0) }
      .filter { $0 + offset($0) == local }
      .min()
  }
}
