import EventStore
import Ingest
import Streams
import Testing

@Suite struct `A load into a stream with a rule of its own` {
  @Test(arguments: [Principal.system, .user("42")])
  func `takes the lines of who may write, and rejects the others`(principal: Principal) async throws
  {
    let scratch = try Scratch()
    let store = try scratch.store()
    let names = ["user-42-loans", "user-42-offers", "user-7-loans"]
    for name in names {
      let first = NewEvent(id: .random(), type: "First", data: [])
      try store.append(AppendRequest(try StreamName(name), events: [first]))
    }
    try store.describe(
      try StreamName(names[0]), permissions: #"{"write":["user:42"]}"#, by: .system)
    let text = (0..<9).map { line($0, stream: names[$0 % 3]) }.joined(separator: "\n")
    var rejects: [RejectedLine] = []
    let summary = try await Ingest(into: store, format: .events, as: principal).load(
      try scratch.file("f", text), reject: { rejects += $0 }, progress: { _ in true })
    #expect(rejects.map(\.line) == (principal == .system ? [1, 4, 7] : [3, 6, 9]))
    #expect(rejects.allSatisfy { $0.rejection.code == .permissionDenied })
    #expect(rejects.allSatisfy { $0.rejection.field == "stream" && !$0.bytes.isEmpty })
    #expect((summary.appended, summary.rejected) == (6, 3))
    let denied = names[principal == .system ? 0 : 2]
    for name in names {
      #expect(try events(of: name, in: store).count == (name == denied ? 1 : 4))
    }
  }
}
