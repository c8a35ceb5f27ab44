import Testing

@testable import Streams

@Suite struct `An event id` {
  private static let id = EventID(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)

  @Test(arguments: [
    "01234567-89ab-cdef-fedc-ba9876543210", "01234567-89AB-CDEF-FEDC-BA9876543210",
    "0123456789abcdeffedcba9876543210", "0123456789ABCDEFFEDCBA9876543210",
  ])
  func `is read with and without hyphens, in either case`(text: String) {
    #expect(EventID(text) == Self.id)
    #expect(EventID(text)?.description == "01234567-89ab-cdef-fedc-ba9876543210")
  }

  @Test(arguments: [
    "", "0", "0123456789abcdeffedcba987654321", "0123456789abcdeffedcba98765432100",
    "0123456789abcdeffedcba987654321g", "01234567-89ab-cdef-fedc-ba987654321",
    "01234567-89ab-cdef-fedc-ba98765432100", "0123456789ab-cdef-fedc-ba9876543-210",
    "01234567_89ab_cdef_fedc_ba9876543210", "{01234567-89ab-cdef-fedc-ba9876543210}",
    "01234567-89ab-cdef-fedc-ba98765432é", "--------------------------------",
  ])
  func `is not read from anything else`(text: String) { #expect(EventID(text) == nil) }

  @Test(arguments: [
    (EventID(high: 0, low: 0), "00000000-0000-0000-0000-000000000000"),
    (EventID(high: .max, low: .max), "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    (EventID(high: 1, low: 1 << 63), "00000000-0000-0001-8000-000000000000"),
  ])
  func `is written as a UUID`(id: EventID, text: String) {
    #expect(id.description == text)
    #expect(EventID(text) == id)
  }

  @Test func `made at random is a UUID of version 4, each time another`() {
    let ids = (0..<1000).map { _ in EventID.random() }
    #expect(Set(ids).count == 1000)
    for id in ids {
      #expect(id.high >> 12 & 0xF == 4 && id.low >> 62 == 0b10)
      #expect(EventID(id.description) == id)
    }
  }

  @Test func `made from a digest is a UUID of version 8`() {
    #expect(
      EventID(digestHigh: .max, digestLow: .max).description
        == "ffffffff-ffff-8fff-bfff-ffffffffffff")
    #expect(
      EventID(digestHigh: 0, digestLow: 0).description == "00000000-0000-8000-8000-000000000000")
  }
}
