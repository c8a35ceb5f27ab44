import Foundation
import Streams
import Testing

@testable import EventStore

@Suite struct `Giving space back` {
  @Test func `keeps no writer waiting for a reader`() throws {
    let scratch = try Scratch()
    let name = try StreamName("a")
    try scratch.store.append(
      AppendRequest(name, events: (0..<50).map { event($0, at: second($0)) }))
    let reader = try EventStore(path: scratch.store.path)
    let isReading = DispatchSemaphore(value: 0)
    let mayEnd = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      try? reader.read { snapshot in
        _ = try snapshot.streams()
        isReading.signal()
        mayEnd.wait()
      }
    }
    isReading.wait()
    defer { mayEnd.signal() }
    try scratch.store.append(AppendRequest(name, events: [event(50, at: second(50))]))
    let start = ContinuousClock.now
    #expect(try scratch.store.vacuum(pages: 10) == 0)
    try EventStore(path: scratch.store.path)
      .append(AppendRequest(name, events: [event(51, at: second(51))]))
    // Waiting for the reader would take the whole of the busy timeout.
    #expect(ContinuousClock.now - start < .seconds(EventStore.busySeconds))
  }
}
