import Testing

@testable import Streams

@Suite struct `An expected revision` {
  @Test(arguments: [
    ("any", ExpectedRevision.any), ("none", .noStream), ("exists", .streamExists),
    ("0", .exact(Revision(0))), ("17", .exact(Revision(17))),
    ("9223372036854775807", .exact(Revision(.max))),
  ])
  func `is read from its text and written back`(text: String, expected: ExpectedRevision) {
    #expect(ExpectedRevision(text) == expected)
    #expect(expected.description == text)
  }

  @Test(arguments: ["", "-1", "+1", "1.0", "ANY", " 1", "1 ", "0x1", "9223372036854775808", "１"])
  func `is not read from anything else`(text: String) { #expect(ExpectedRevision(text) == nil) }

  @Test(arguments: [
    (ExpectedRevision.any, Int64(0), true), (.any, 5, true),
    (.noStream, 0, true), (.noStream, 1, false),
    (.streamExists, 0, false), (.streamExists, 1, true),
    (.exact(Revision(0)), 0, false), (.exact(Revision(0)), 1, true),
    (.exact(Revision(0)), 2, false),
    (.exact(Revision(4)), 5, true), (.exact(Revision(4)), 4, false),
    (.exact(Revision(.max)), 0, false), (.exact(Revision(.max)), .max, false),
  ])
  func `is met by a count of events`(expected: ExpectedRevision, count: Int64, isMet: Bool) {
    #expect(expected.matches(count: count) == isMet)
  }
}

@Suite struct `Revisions and positions` {
  @Test func `are ordered and written as their numbers`() {
    #expect(Revision(1) < Revision(2) && Position(1) < Position(2))
    #expect(Revision(7).description == "7" && Position(7).description == "7")
    #expect(Revision(rawValue: 3) == Revision(3) && Position(rawValue: 3) == Position(3))
  }
}
