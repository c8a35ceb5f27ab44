internal import Streams

/// A user: when they came, whether they left, how often they show up.
struct DemoUser: Sendable {
  let number: Int
  let id: String
  /// One for each of `UserCategory.allCases`.
  let streams: [StreamName]
  /// The day of the first action.
  let arrival: Int
  /// Days without any action: a long pause, or the time after leaving.
  let silent: Range<Int>
  /// How likely an action is on a working day.
  let presencePermille: Int
  let isEarlyBird: Bool
  let device: String

  private enum Story: CaseIterable { case old, recent, arriving, left, pausing }

  /// Silence that every usual policy calls cold.
  private static let coldDays = 75

  init(number: Int, of users: Int, days: Int, seed: UInt64) throws(StreamNameError) {
    var dice = Dice(seed: seed, 0x05E2, UInt64(number))
    let width = max(3, String(users).count)
    let digits = String(number)
    id = "u" + String(repeating: "0", count: width - digits.count) + digits
    var streams: [StreamName] = []
    for category in UserCategory.allCases {
      streams.append(try StreamName("user-\(id)-\(category.rawValue)"))
    }
    self.streams = streams
    self.number = number
    let story = Story.allCases[dice.index(weighted: [46, 20, 10, 16, 8])]
    (arrival, silent) = Self.presence(story, days: days, &dice)
    presencePermille = [730, 330, 90][dice.index(weighted: [20, 50, 30])]
    isEarlyBird = dice.chance(permille: 600)
    device = dice.pick(["phone", "phone", "browser", "browser", "tablet"])
  }

  private static func presence(
    _ story: Story, days: Int, _ dice: inout Dice
  ) -> (arrival: Int, silent: Range<Int>) {
    let opening = min(days, 10)
    switch story {
    case .recent: return (dice.roll(0..<days), days..<days)
    case .arriving: return (dice.roll(max(0, days - 14)..<days), days..<days)
    case .left where days > coldDays + 10:
      let leaving = dice.roll(10..<(days - coldDays))
      return (dice.roll(0..<10), leaving..<days)
    case .pausing where days > 60:
      let start = dice.roll(opening..<(days - 45))
      return (dice.roll(0..<opening), start..<(start + dice.roll(30...40)))
    case .old, .left, .pausing: return (dice.roll(0..<opening), days..<days)
    }
  }

  func isPresent(onDay day: Int) -> Bool { day >= arrival && !silent.contains(day) }
}
