import Archive
import EventStore
import Foundation
import History
import Streams
import Testing

@Suite struct `A reader` {
  @Test(arguments: [false, true])
  func `in the middle of a stream sees all of it, while its rows are released`(
    backward: Bool
  ) throws {
    let scratch = try Scratch()
    let name = try StreamName("user-1-loans")
    let all = (Int64(0)..<50).map { event($0, at: second($0)) }
    try scratch.store.append(AppendRequest(name, events: all))
    let archiver = scratch.archiver(at: second(0))
    let planner = Planner(
      policies: [ArchivePolicy(streams: "user-*", coldAfter: 0)], now: second(99))
    _ = try archiver.run(grace: 1, plan: { try planner.plan($0) })

    let isReleased = DispatchSemaphore(value: 0)
    let release = scratch.archiver(at: second(100)) { if $0 == .released { isReleased.signal() } }
    let isDone = DispatchSemaphore(value: 0)
    var seen: [EventID] = []
    try scratch.history.read { snapshot in
      let record = try snapshot.hot.readableStream(name)
      try snapshot.forEachEvent(of: record, backward: backward) { event in
        seen.append(event.id)
        if seen.count == 10 {
          Thread.detachNewThread {
            _ = try? release.run(grace: 0, plan: { try planner.plan($0) })
            isDone.signal()
          }
          #expect(isReleased.wait(timeout: .now() + 300) == .success)
        }
        return true
      }
    }
    #expect(seen == (backward ? all.reversed() : all).map(\.id))
    #expect(isDone.wait(timeout: .now() + 300) == .success)
    let record = try scratch.store.read { try $0.readableStream(name) }
    #expect(record.prunedTo == 49)
    #expect(record.hotEvents == 0)
    #expect(try scratch.history.events(name).map(\.id) == all.map(\.id))
  }

  @Test func `sees what was there when it began, and nothing that came after`() throws {
    let scratch = try Scratch()
    let name = try StreamName("user-1-loans")
    try scratch.store.append(
      AppendRequest(name, events: (Int64(0)..<5).map { event($0, at: second($0)) }))
    let store = scratch.store
    let writer = try EventStore(path: store.path)
    let count = try scratch.history.read { snapshot in
      let record = try snapshot.hot.readableStream(name)
      var count = 0
      try snapshot.forEachEvent(of: record) { _ in
        count += 1
        if count == 2 {
          try writer.append(AppendRequest(name, events: [event(5, at: second(5))]))
        }
        return true
      }
      return count
    }
    #expect(count == 5)
    #expect(try scratch.history.events(name).count == 6)
  }
}
