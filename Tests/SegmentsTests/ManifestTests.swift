import Foundation
import Streams
import Testing

@testable import Segments

@Suite struct `A manifest` {
  private static func sample() throws -> Manifest {
    var info = try Sample.info("service-uptime-api")
    info.acl = #"{"read":["*"]}"#
    info.metadata = "{\"maxAge\":1.5,\n\"a\":\"🦉\"}"
    info.legalHold = "case 12"
    info.retainUntil = Sample.createdAt
    info.prev = SHA256Sum(of: [1])
    let stream = Manifest.Stream(
      info: info, first: Revision(5), last: Revision(9), count: 5, firstAt: .earliest,
      lastAt: Sample.createdAt, firstPosition: Position(5), lastPosition: Position(100),
      types: [
        Manifest.TypeCount(type: "A \"b\"", count: 2), Manifest.TypeCount(type: "Z", count: 3),
      ])
    let id = SegmentName.streamID(store: Sample.store, stream: info.name)
    let chunks = [(5, 7), (8, 9)].map { (first: Int64, last: Int64) in
      Manifest.Chunk(
        member: SegmentName.member(streamID: id, first: Revision(first), last: Revision(last)),
        stream: 0, first: Revision(first), last: Revision(last), count: last - first + 1,
        bytes: 700, sha256: SHA256Sum(of: [UInt8(first)]))
    }
    return Manifest(
      segmentID: "x", storeID: Sample.store, archiveSeq: 4, generation: 2,
      createdAt: Sample.createdAt,
      writer: Manifest.Writer(name: "rookery", version: "1.0", level: 9, frameTarget: 1 << 20),
      streams: [stream], chunks: chunks,
      prev: Manifest.Link(archiveSeq: 3, manifestSHA256: SHA256Sum(of: [3])),
      supersedes: Manifest.Supersession(manifestSHA256: SHA256Sum(of: [4]), reason: "erasure"))
  }

  /// The same as a rewrite that says what all stood in its place, and of what it took out.
  private static func rewrite() throws -> Manifest {
    var manifest = try sample()
    manifest.generation = 3
    manifest.supersedes?.generations = [
      Manifest.Generation(archiveSeq: 1, manifestSHA256: SHA256Sum(of: [1]), prev: nil),
      Manifest.Generation(
        archiveSeq: 3, manifestSHA256: SHA256Sum(of: [4]), prev: SHA256Sum(of: [2])),
    ]
    manifest.streams[0].info.lifecycle = .deleted
    manifest.streams[0].info.tombstone = Tombstone(
      deletedAt: Sample.createdAt, deletedBy: .user("ann"), reason: "retention \"is\" over")
    return manifest
  }

  @Test func `of a rewrite comes back as it went, with all that stood in its place`() throws {
    let manifest = try Self.rewrite()
    try manifest.validate()
    #expect(try Manifest(decoding: manifest.encoded) == manifest)
    // What an earlier version wrote has neither, and keeps its bytes.
    let text = String(decoding: try Self.sample().encoded, as: UTF8.self)
    #expect(!text.contains("generations") && !text.contains("\"deleted\""))
  }

  @Test func `keeps keys it does not know of what it took the place of`() throws {
    let text = String(decoding: try Self.rewrite().encoded, as: UTF8.self)
      .replacingOccurrences(of: #""reason":"erasure""#, with: #""reason":"erasure","zz":[1]"#)
      .replacingOccurrences(of: #""archive_seq":1,"#, with: #""archive_seq":1,"b":null,"#)
    let decoded = try Manifest(decoding: Array(text.utf8))
    #expect(String(decoding: decoded.encoded, as: UTF8.self) == text)
  }

  @Test(arguments: [[3, 1], [1, 4], [0, 3], [3, 3]])
  func `is refused when what stood in its place can't have`(numbers: [Int64]) throws {
    var manifest = try Self.rewrite()
    for index in 0...1 { manifest.supersedes?.generations[index].archiveSeq = numbers[index] }
    #expect(throws: ManifestError.self) { try manifest.validate() }
    manifest = try Self.rewrite()
    manifest.supersedes?.generations.removeLast()
    #expect(throws: ManifestError.self) { try manifest.validate() }
  }

  @Test func `comes back as it went, always in the same bytes`() throws {
    let manifest = try Self.sample()
    try manifest.validate()
    let bytes = manifest.encoded
    #expect(try Manifest(decoding: bytes) == manifest)
    #expect(try Manifest(decoding: bytes).encoded == bytes)
    #expect(bytes.last == 0x0A)
    #expect(bytes.filter { $0 == 0x0A }.count == 1)
  }

  @Test func `has a root that sha256sum gives too`() throws {
    let manifest = try Self.sample()
    let lines = ["rookery-root-v1"] + manifest.chunks.map(\.sha256.description)
    let result = try shell("printf '%s\\n' \(lines.joined(separator: " ")) | sha256sum")
    #expect(result.text.hasPrefix(manifest.root.description))
  }

  @Test func `keeps keys it does not know, and ignores them`() throws {
    let manifest = try Self.sample()
    let text = String(decoding: manifest.encoded, as: UTF8.self)
      .replacingOccurrences(of: #""version":1,"#, with: #""version":1,"zz":{"later":[1.5]},"#)
      .replacingOccurrences(of: #""enc":"none","#, with: #""enc":"none","color":null,"#)
    let decoded = try Manifest(decoding: Array(text.utf8))
    #expect(decoded.root == manifest.root)
    let again = String(decoding: decoded.encoded, as: UTF8.self)
    #expect(again.contains(#""zz":{"later":[1.5]}"#))
    #expect(again.components(separatedBy: #""color":null"#).count == 3)
    #expect(try Manifest(decoding: decoded.encoded) == decoded)
  }

  @Test(arguments: [
    ("\"version\":1", "\"version\":2"), ("\"enc\":\"none\"", "\"enc\":\"age-v2\""),
  ])
  func `from the future is refused, not guessed at`(part: String, replacement: String) throws {
    #expect { try Self.decode(replacing: part, by: replacement) } throws: { error in
      if case .unsupported? = error as? ManifestError { true } else { false }
    }
  }

  @Test(arguments: [
    ("rookery-segment", "tar"), ("\"archive_seq\":4", "\"archive_seq\":4.0"),
    ("\"archive_seq\":4", "\"archive_seq\":-4"), ("\"archive_seq\":4", "\"archive_seq\":\"4\""),
    ("\"archive_seq\":4", "\"archive_seq\":99999999999999999999"),
    ("\"archive_seq\":4", "\"archive_seq\":5"), ("\"archive_seq\":4", "\"archive_seq\":4e0"),
    ("\"archive_seq\":4", "\"archive_seq\":4,\"archive_seq\":4"),
    ("\"generation\":2", "\"generation\":0"), ("\"first\":8", "\"first\":7"),
    ("\"last\":9", "\"last\":10"), ("\"last\":9", "\"last\":9223372036854775807"),
    ("\"count\":5", "\"count\":4"), ("\"bytes\":700", "\"bytes\":67108864"),
    ("\"bytes\":700", "\"bytes\":0"), ("\"stream\":0", "\"stream\":1"),
    ("\"Z\":3", "\"Z\":4"), ("\"Z\":3", "\"Z\":2,\"Z\":1"), ("\"Z\":3", "\"0\":3"),
    ("events/", "../../"), ("-000000000009.nd", "-000000000010.nd"),
    ("\"seq_last\":100", "\"seq_last\":8"), ("\"sha256\":\"", "\"sha256\":\"0"),
    ("\"root\":\"", "\"root\":\"F"), ("\"lifecycle\":\"archived\"", "\"lifecycle\":\"x\""),
    ("\"name\":\"service", "\"name\":\"/service"), ("\"legal_hold\"", "\"legal-hold\""),
    ("\"archive_seq\":4", "\"archive_seq\":9007199254740993"),
    ("\"generation\":2", "\"generation\":9007199254740993"),
    ("\"seq_last\":100", "\"seq_last\":9223372036854775807"),
    ("\"created_at\":\"2025", "\"created_at\":\"x"), ("{\"acl\"", "[{\"acl\""),
  ])
  func `that contradicts itself is refused`(part: String, replacement: String) throws {
    #expect { try Self.decode(replacing: part, by: replacement) } throws: { error in
      if case .corrupt? = error as? ManifestError { true } else { false }
    }
  }

  private static func decode(replacing part: String, by replacement: String) throws {
    let text = String(decoding: try sample().encoded, as: UTF8.self)
    #expect(text.contains(part))
    _ = try Manifest(
      decoding: Array(text.replacingOccurrences(of: part, with: replacement).utf8))
  }

  @Test func `cut or changed anywhere is refused or still valid`() throws {
    let bytes = try Self.sample().encoded
    for count in 0..<bytes.count - 1 {
      #expect(throws: ManifestError.self) { try Manifest(decoding: Array(bytes[..<count])) }
    }
    var random = SeededGenerator(seed: 11)
    for _ in 0..<3000 {
      var changed = bytes
      changed[Int.random(in: changed.indices, using: &random)] = UInt8(random.next() & 0xFF)
      guard let manifest = try? Manifest(decoding: changed) else { continue }
      #expect(throws: Never.self) { try manifest.validate() }
      #expect(try Manifest(decoding: manifest.encoded) == manifest)
    }
  }
}
