import Testing
import Transport

@Suite struct `A mailbox` {
  @Test(arguments: [
    ("boss@example.net", "boss@example.net"), ("The Boss <boss@example.net>", "boss@example.net"),
    ("\"Øl, Ada\" <ada@example.net>", "ada@example.net"),
  ])
  func `is an address, or a name with one`(text: String, address: String) {
    #expect(Mailbox(text)?.address == address)
  }

  @Test(arguments: [
    "", "boss", "@example.net", "boss@", "a@b@c", "a b@c", "a@b\r\nBcc: x@y", "<a@b", "a,b@c",
    "bøss@example.net", "a@b> <c@d",
  ])
  func `is none of these`(text: String) {
    #expect(Mailbox(text) == nil)
  }
}
