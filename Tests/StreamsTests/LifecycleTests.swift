import Testing

@testable import Streams

@Suite struct `A lifecycle` {
  private static let steps: [(Lifecycle, Lifecycle)] = [
    (.created, .active), (.active, .archived), (.archived, .deleted), (.archived, .active),
  ]

  @Test(arguments: Lifecycle.allCases, Lifecycle.allCases)
  func `takes only its four steps`(from: Lifecycle, to: Lifecycle) {
    #expect(from.canBecome(to) == Self.steps.contains { $0 == (from, to) })
  }

  @Test(arguments: [
    (Lifecycle.created, "created", true), (.active, "active", true),
    (.archived, "archived", false), (.deleted, "deleted", false),
  ])
  func `has stable words, and accepts events until it is archived`(
    state: Lifecycle, word: String, accepts: Bool
  ) {
    #expect(state.rawValue == word)
    #expect(Lifecycle(rawValue: word) == state)
    #expect(state.acceptsEvents == accepts)
  }
}
