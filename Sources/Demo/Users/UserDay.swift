internal import Streams

/// What one user did on one day.
struct UserDay {
  let user: DemoUser
  let day: Int
  let date: CivilDate
  let seed: UInt64

  /// How likely each hour (UTC) is to see a visit begin: office hours, lunch, the evening.
  private static let workdayHours = [
    1, 1, 0, 0, 1, 3, 8, 22, 46, 60, 58, 50, 62, 55, 52, 48, 40, 32, 26, 34, 38, 24, 10, 4,
  ]
  private static let weekendHours = [
    3, 2, 1, 0, 0, 1, 2, 6, 14, 26, 34, 36, 30, 28, 28, 26, 26, 28, 30, 36, 38, 28, 14, 6,
  ]
  private static let categoryWeights: [UserCategory: Int] = [
    .activity: 66, .loans: 14, .offers: 13, .preferences: 4, .profile: 3,
  ]

  func events() -> [DemoEvent] {
    guard user.isPresent(onDay: day) else { return [] }
    var dice = Dice(seed: seed, 0xDA7, UInt64(user.number), UInt64(day))
    var events: [DemoEvent] = []
    if day == user.arrival {
      visit(UserCategory.allCases, &events, &dice)
    } else if dice.chance(permille: presencePermille) {
      visit(categories(&dice), &events, &dice)
      if dice.chance(permille: 150) { visit(categories(&dice), &events, &dice) }
    }
    return events
  }

  private var isWeekend: Bool { date.isoWeekday > 5 }

  private var presencePermille: Int {
    isWeekend ? user.presencePermille * 2 / 5 : user.presencePermille
  }

  private func categories(_ dice: inout Dice) -> [UserCategory] {
    let weights = UserCategory.allCases.map { Self.categoryWeights[$0] ?? 0 }
    return (0..<dice.roll(2...7)).map { _ in
      UserCategory.allCases[dice.index(weighted: weights)]
    }
  }

  /// One visit: actions seconds to minutes apart. It begins in the first 20 minutes of its hour
  /// and takes less than 40, so that it ends before midnight.
  private func visit(
    _ categories: [UserCategory], _ events: inout [DemoEvent], _ dice: inout Dice
  ) {
    var hour = dice.index(weighted: isWeekend ? Self.weekendHours : Self.workdayHours)
    if user.isEarlyBird, hour > 16, dice.chance(permille: 500) { hour -= 9 }
    var ofDayMs = hour * 3_600_000 + dice.roll(0..<3_600_000 - 40 * 60_000)
    let session = dice.hex(12)
    for category in categories {
      let timestamp = Timestamp(
        microseconds: DemoHistory.midnight(date).microseconds + Int64(ofDayMs) * 1000)
      events.append(event(category, timestamp, session, number: events.count, &dice))
      ofDayMs += dice.roll(4_000..<240_000)
    }
  }

  private func event(
    _ category: UserCategory, _ timestamp: Timestamp, _ session: String, number: Int,
    _ dice: inout Dice
  ) -> DemoEvent {
    let stream = user.streams[UserCategory.allCases.firstIndex(of: category) ?? 0]
    let action = UserAction.roll(category, isFirst: day == user.arrival, &dice)
    var data = JSONDraft()
    data.add("userId", user.id)
    data.add("category", category.rawValue)
    data.add("action", action.name)
    data.add("timestamp", timestamp)
    data.add("session", session)
    data.add("device", user.device)
    data.add("details", json: action.details)
    var metadata = JSONDraft()
    metadata.add("source", "customer-portal")
    metadata.add("version", "2.\(11 + day / 30).0")
    metadata.add("additional") { $0.add("requestId", dice.hex(16)) }
    return DemoEvent(
      stream: stream,
      event: NewEvent(
        id: EventID(seed: seed, stream: stream, day: day, number: number),
        type: KnownEventType.userDataUpdated, data: data.closed(), metadata: metadata.closed(),
        timestamp: timestamp, recordedAt: recordedAt(timestamp, &dice)))
  }

  /// Almost at once; a phone without a network delivers later, on the same day.
  private func recordedAt(_ timestamp: Timestamp, _ dice: inout Dice) -> Timestamp {
    let isOffline = user.device == "phone" && dice.chance(permille: 15)
    let delayMs = isOffline ? dice.roll(60_000..<2_400_000) : dice.roll(15..<350)
    let midnight = DemoHistory.midnight(date.adding(days: 1)).microseconds
    return Timestamp(
      microseconds: min(timestamp.microseconds + Int64(delayMs) * 1000, midnight - 1000))
  }
}
