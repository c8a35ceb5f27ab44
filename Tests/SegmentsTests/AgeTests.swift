import Foundation
import Testing

@testable import Sealing

@Suite struct `An age file` {
  static let sizes = [0, 1, 65_535, 65_536, 65_537, 131_072, 300_000]

  private func bytes(_ count: Int) -> [UInt8] {
    var random = SeededGenerator(seed: UInt64(count))
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  private func seal(_ content: [UInt8], _ recipient: AgeRecipient) throws -> [UInt8] {
    var file: [UInt8] = []
    let sealer = try AgeSealer(to: recipient)
    try content.withUnsafeBytes { try sealer.seal($0, into: &file) }
    return file
  }

  private func open(_ file: [UInt8], _ identity: AgeIdentity) throws -> [UInt8] {
    var content: [UInt8] = [1, 2, 3]
    var opener = AgeOpener(identity)
    try file.withUnsafeBytes { try opener.open($0, into: &content) }
    return content
  }

  @Test(arguments: sizes)
  func `that we seal is opened by the age tool`(size: Int) throws {
    let folder = try TemporaryFolder()
    let identity = AgeIdentity()
    try identity.secretText.write(
      toFile: folder.path + "/key", atomically: true, encoding: .utf8)
    let file = try seal(bytes(size), identity.recipient)
    #expect(file.count == AgeFile.sealedBytes(content: size))
    #expect(AgeFile.contentBytes(sealed: file.count) == size)
    try Data(file).write(to: URL(filePath: folder.path + "/file.age"))
    let opened = try shell("age -d -i key file.age", in: folder.path)
    #expect(opened.status == 0)
    #expect(opened.output == bytes(size))
    let recipient = try shell("age-keygen -y key", in: folder.path)
    #expect(recipient.lines == [identity.recipient.description])
  }

  @Test(arguments: sizes)
  func `that the age tool seals is opened by us`(size: Int) throws {
    let folder = try TemporaryFolder()
    try Data(bytes(size)).write(to: URL(filePath: folder.path + "/plain"))
    // A second recipient, to be passed over.
    let sealed = try shell(
      """
      age-keygen -o key 2>/dev/null && age-keygen -o other 2>/dev/null
      age -r $(age-keygen -y other) -r $(age-keygen -y key) -o file.age plain
      """, in: folder.path)
    #expect(sealed.status == 0)
    let key = try String(contentsOfFile: folder.path + "/key", encoding: .utf8)
    let line = try #require(key.split(separator: "\n").last)
    let identity = try #require(AgeIdentity(String(line)))
    let file = try Data(contentsOf: URL(filePath: folder.path + "/file.age"))
    #expect(try open(Array(file), identity) == bytes(size))
  }

  @Test func `is refused when any byte of it is altered, or any of its end is cut off`() throws {
    let identity = AgeIdentity()
    let file = try seal(bytes(70_000), identity.recipient)
    let places =
      Array(0..<240) + stride(from: 240, to: file.count, by: 997)
      + Array((file.count - 20)..<file.count)
    for place in places {
      var altered = file
      altered[place] ^= place % 2 == 0 ? 0x01 : 0x80
      #expect(throws: AgeError.self, "byte \(place)") { try open(altered, identity) }
      #expect(throws: AgeError.self, "cut at \(place)") {
        try open(Array(file[..<place]), identity)
      }
    }
    // Cut after a whole piece: the last piece is not marked as such.
    let whole = file.count - 70_000 - 2 * AgeFile.tagBytes + AgeFile.pieceBytes + AgeFile.tagBytes
    #expect(throws: AgeError.altered) { try open(Array(file[..<whole]), identity) }
    #expect(throws: AgeError.altered) { try open(file + [0], identity) }
  }

  @Test func `is not opened by another key`() throws {
    let file = try seal(bytes(100), AgeIdentity().recipient)
    #expect(throws: AgeError.wrongKey) { try open(file, AgeIdentity()) }
  }

  @Test(arguments: [
    "", "age-encryption.org/v2\n", "age-encryption.org/v1", "age-encryption.org/v1\n",
    "age-encryption.org/v1\n-> X25519 short\nshort\n--- short\n",
    "age-encryption.org/v1\n" + String(repeating: "-> X25519 ", count: 100_000),
    "age-encryption.org/v1\n" + String(repeating: "-> other\n\n", count: 2000),
    "age-encryption.org/v1\n-> other\n" + String(repeating: "A", count: 64) + "\n",
    "age-encryption.org/v1\n---\u{7f}\n",
  ])
  func `with a hostile header is refused`(header: String) {
    #expect {
      try open(Array(header.utf8) + bytes(64), AgeIdentity())
    } throws: { error in
      if case AgeError.malformed = error { true } else { false }
    }
  }

  @Test(arguments: [
    "age1", "age1qqqq", "AGE-SECRET-KEY-1",
    // One character of a sound key changed; the same key in mixed case.
    "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwk",
    "Age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
  ])
  func `has no key of this form`(text: String) {
    #expect(AgeRecipient(text) == nil)
    #expect(AgeIdentity(text) == nil)
  }

  @Test func `has keys that are read as they are written`() throws {
    let identity = AgeIdentity()
    #expect(AgeRecipient(identity.recipient.description) == identity.recipient)
    #expect(AgeIdentity(identity.secretText)?.recipient == identity.recipient)
    // From the age documentation.
    let known = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
    #expect(AgeRecipient(known)?.description == known)
  }
}
