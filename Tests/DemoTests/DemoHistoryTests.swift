import Demo
import EventStore
import Ingest
import Streams
import Testing

@Suite struct `A demo history` {
  static let lastDay = CivilDate(utcDay: 20_400)

  @Test(arguments: [
    (seed: UInt64(1), fingerprint: UInt64(4_064_803_982_344_925_051)),
    (seed: 2, fingerprint: 16_379_921_430_904_997_513),
  ])
  func `is the same bytes on every machine and in every process`(
    seed: UInt64, fingerprint: UInt64
  ) throws {
    let history = try DemoHistory(days: 10, users: 20, endingAt: Self.lastDay, seed: seed)
    var found = Fingerprint()
    try history.forEachDayOfLines { found.combine($0) }
    #expect(found.value == fingerprint)
  }

  @Test func `has about 20,000 user events in all five categories of 200 users`() throws {
    let history = try DemoHistory(endingAt: Self.lastDay)
    var events = 0
    var pairs: Set<String> = []
    for day in 0..<history.days {
      for event in try history.events(onDay: day) {
        guard case .user(let id, let category) = event.stream.family else { continue }
        events += 1
        pairs.insert(id + "/" + category.rawValue)
      }
    }
    #expect(pairs.count == 1000)
    #expect((18_000...22_000).contains(events))
  }

  @Test func `lies in its days, each event recorded after it happened and in that order`() throws {
    let history = try DemoHistory(days: 130, users: 30, endingAt: Self.lastDay)
    var previous = history.start
    for day in 0..<history.days {
      let midnight = history.start.adding(seconds: Int64(day) * 86_400)
      for event in try history.events(onDay: day) {
        let timestamp = try #require(event.event.timestamp)
        let recordedAt = try #require(event.event.recordedAt)
        #expect(timestamp >= midnight && timestamp < midnight.adding(seconds: 86_400))
        #expect(recordedAt > timestamp && recordedAt >= previous)
        previous = recordedAt
      }
    }
    #expect(previous <= history.end.adding(seconds: 1))
  }

  @Test func `has users who have been silent for months and users who have just come`() throws {
    let history = try DemoHistory(endingAt: Self.lastDay)
    var seen: [String: ClosedRange<Int>] = [:]
    for day in 0..<history.days {
      for event in try history.events(onDay: day) {
        guard case .user(let id, _) = event.stream.family else { continue }
        seen[id] = (seen[id]?.lowerBound ?? day)...day
      }
    }
    #expect(seen.values.count { $0.upperBound < history.days - 61 } >= 15)
    #expect(seen.values.count { $0.lowerBound >= history.days - 14 } >= 10)
    #expect(seen.values.count { $0.upperBound >= history.days - 7 } >= 80)
  }

  @Test func `is less busy at weekends`() throws {
    let history = try DemoHistory(days: 70, endingAt: Self.lastDay)
    var (workdays, weekends) = (0, 0)
    for day in 0..<history.days {
      let isWeekend = history.firstDay.adding(days: Int64(day)).isoWeekday > 5
      let count = try history.events(onDay: day).count { $0.stream.rawValue.hasPrefix("user-") }
      if isWeekend { weekends += count } else { workdays += count }
    }
    // A working day sees more than one and a half times the events of a weekend's day.
    #expect(workdays * 2 * 2 > weekends * 5 * 3)
  }

  @Test func `gives every event an id of its own`() throws {
    let history = try DemoHistory(endingAt: Self.lastDay)
    var ids: Set<EventID> = []
    var count = 0
    for day in 0..<history.days {
      for event in try history.events(onDay: day) {
        ids.insert(event.event.id)
        count += 1
      }
    }
    #expect(ids.count == count)
  }
}
