import Streams
import Testing

@testable import EventStore

@Suite(.timeLimit(.minutes(60))) struct `The signal of commits` {
  @Test func `does not miss a commit between looking and waiting`() async throws {
    let scratch = try ScratchStore()
    let signal = CommitSignal(path: try scratch.open().path)
    let seen = try signal.current()
    signal.notify()
    await signal.wait(past: seen)
    #expect(try signal.current() == seen + 1)
  }

  @Test func `does not keep a task that was cancelled before it waited`() async throws {
    let scratch = try ScratchStore()
    let signal = CommitSignal(path: try scratch.open().path)
    let seen = try signal.current()
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      await signal.wait(past: seen)
    }
    await task.value
    #expect(try signal.current() == seen)
  }

  @Test func `wakes everybody who waits, and only once`() async throws {
    let scratch = try ScratchStore()
    let signal = CommitSignal(path: try scratch.open().path)
    let seen = try signal.current()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<100 { group.addTask { await signal.wait(past: seen) } }
      try? await Task.sleep(for: .milliseconds(20))
      signal.notify()
      await group.waitForAll()
    }
    #expect(try signal.current() == seen + 1)
  }

  @Test func `wakes those who wait for a commit of their own process without looking`() async throws
  {
    let scratch = try ScratchStore()
    let signal = CommitSignal(path: try scratch.open().path, interval: .seconds(3600))
    for _ in 0..<100 {
      let seen = try signal.current()
      async let woken: Void = signal.wait(past: seen)
      await Task.yield()
      signal.notify()
      await woken
      #expect(try signal.current() == seen + 1)
    }
  }

  @Test func `is given by every append of its own process`() async throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let seen = try store.commits.current()
    try store.append(AppendRequest(StreamName("s"), events: [event(0)]))
    #expect(try store.commits.current() > seen)
    let writer = GroupCommitWriter(store: store)
    let before = try store.commits.current()
    _ = try await writer.append(AppendRequest(StreamName("s"), events: [event(1)]))
    #expect(try store.commits.current() > before)
  }

  @Test func `tells a commit of another connection once, and a read never`() throws {
    let scratch = try ScratchStore()
    let store = try scratch.open()
    let version = try DataVersion(path: store.path)
    #expect(!version.hasChanged())
    let name = try StreamName("s")
    try store.append(AppendRequest(name, events: [event(0)]))
    #expect(version.hasChanged())
    #expect(!version.hasChanged())
    _ = try store.read { try $0.readableStream(name) }
    #expect(!version.hasChanged())
    try store.append(AppendRequest(name, events: [event(1)]))
    #expect(version.hasChanged())
  }

  @Test func `needs a file that can be read`() {
    #expect {
      _ = try CommitSignal(path: "/no/such/folder/store.db").current()
    } throws: {
      ($0 as? StoreError)?.code == .ioError
    }
  }
}
