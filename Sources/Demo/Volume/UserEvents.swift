public import Streams

/// User events of 5 to 50 kilobytes: whole documents, such as a loan application with its schedule
/// and its correspondence.
///
/// The same arguments give the same events, in any order they are asked for.
public struct UserEvents: GeneratedEvents {
  public let count: Int
  public let streams: [StreamName]
  public let bytes: ClosedRange<Int>
  public let start: Timestamp
  public let seed: UInt64

  /// - Parameters:
  ///   - users: each has the streams `user-{id}-loans` and `user-{id}-profile`.
  ///   - bytes: of the data of an event, roughly.
  public init(
    count: Int, users: Int = 20, bytes: ClosedRange<Int> = 5_000...50_000, start: Timestamp,
    seed: UInt64 = 1
  ) throws(StreamNameError) {
    precondition(count >= 0 && users > 0)
    var names: [StreamName] = []
    for user in 1...users {
      names.append(try StreamName("user-b\(user)-loans"))
      names.append(try StreamName("user-b\(user)-profile"))
    }
    self.count = count
    self.bytes = bytes
    self.start = start
    self.seed = seed
    streams = names
  }

  /// - Complexity: O(bytes).
  public func event(_ index: Int) -> DemoEvent {
    var dice = Dice(seed: seed, 0x0DEC, UInt64(index))
    let place = dice.roll(0..<streams.count)
    let id = EventID(digestHigh: dice.next(), digestLow: dice.next())
    let time = Timestamp(
      microseconds: start.microseconds + Int64(index) * 60_000_000
        + Int64(dice.roll(0..<60_000)) * 1000)
    var metadata = JSONDraft()
    metadata.add("source", "customer-portal")
    metadata.add("version", "2.14.0")
    metadata.add("additional") { $0.add("requestId", dice.hex(16)) }
    return DemoEvent(
      stream: streams[place],
      event: NewEvent(
        id: id, type: KnownEventType.userDataUpdated,
        data: document(user: "b\(place / 2 + 1)", isLoan: place % 2 == 0, time, &dice),
        metadata: metadata.closed(), timestamp: time,
        recordedAt: Timestamp(microseconds: time.microseconds + 21_000)))
  }

  private func document(
    user: String, isLoan: Bool, _ time: Timestamp, _ dice: inout Dice
  ) -> [UInt8] {
    let target = dice.roll(bytes)
    var document = JSONDraft(capacity: target + 1024)
    document.add("userId", user)
    document.add("category", isLoan ? "loans" : "profile")
    document.add("action", isLoan ? "application-submitted" : "profile-exported")
    document.add("timestamp", time)
    var letters: [[UInt8]] = []
    var rows: [[UInt8]] = []
    var room = target - document.bytes.count - 60
    var balance = dice.roll(50_000_00..<400_000_00)
    while room > 0 {
      let isLetter = dice.chance(permille: 250)
      let part = isLetter ? letter(&dice) : row(rows.count + 1, &balance, &dice)
      room -= part.count + 1
      if isLetter { letters.append(part) } else { rows.append(part) }
    }
    document.add("schedule", array: rows)
    document.add("correspondence", array: letters)
    return document.closed()
  }

  private func row(_ number: Int, _ balance: inout Int, _ dice: inout Dice) -> [UInt8] {
    let principal = dice.roll(200_00..<1500_00)
    balance = max(0, balance - principal)
    var row = JSONDraft(capacity: 160)
    row.add("instalment", number)
    row.add("principalCents", principal)
    row.add("interestCents", balance / 1200 * 4)
    row.add("balanceCents", balance)
    row.add("status", dice.pick(["due", "due", "paid", "late"]))
    row.add("reference", "P-" + dice.hex(10))
    return row.closed()
  }

  private func letter(_ dice: inout Dice) -> [UInt8] {
    var words: [String] = []
    for _ in 0..<dice.roll(12..<70) { words.append(dice.pick(Self.words)) }
    var letter = JSONDraft(capacity: 600)
    letter.add("from", dice.pick(["customer", "advisor"]))
    letter.add("subject", dice.pick(["Your application", "Documents", "Question", "Schedule"]))
    letter.add("body", words.joined(separator: " "))
    return letter.closed()
  }

  private static let words = """
    the a of and to in we you your our is are was that this with for on as by please thank loan \
    account offer document income statement rate month year payment schedule advisor branch \
    signature address proof identity house boat iceberg insurance fixed variable early repayment \
    question answer call meeting tomorrow today next last week attached missing received checked \
    approved declined pending review because however therefore although maybe certainly
    """.split(separator: " ").map(String.init)
}
