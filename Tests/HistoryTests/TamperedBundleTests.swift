import Archive
import EventStore
import Foundation
import History
import Segments
import Streams
import Testing

/// What somebody does to a bundle who wants it to say something else. Revisions 6…61 of a stream in
/// three segments: part of a chunk, two whole ones, hot events.
enum Tampering: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case byteOfFile, cutFile
  case event, eventAndManifest, newestManifest, manifestRemoved, manifestAdded
  case chunkRemoved, chunkRemovedAndReported, chunkAdded, chunkRenamed
  case part, partAndContext, contextRemoved, partRemoved
  case hotLinesSwapped, hotRemoved, report, fileAdded, otherStreamAdded

  var testDescription: String { rawValue }

  /// Whether a forger's own `SHA256SUMS` could hide it from that list.
  var isOfFiles: Bool { self != .byteOfFile && self != .cutFile }

  func apply(to bundle: borrowing UnpackedBundle) throws {
    let members = try bundle.members
    let chunks = members.filter { $0.hasPrefix("events/") && !$0.contains(/part|hot/) }
    let manifests = members.filter { $0.hasPrefix("manifests/") }
    let chunk = try #require(chunks.first)
    let part = try #require(members.first { $0.contains(".part.") })
    let context = try #require(members.first { $0.hasPrefix("context/") })
    let hot = try #require(members.first { $0.contains(".hot.") })
    func forge(_ text: inout String) { text = text.replacing("\"Type1\"", with: "\"Type2\"") }
    switch self {
    case .byteOfFile: try bundle.changeFile { $0[$0.count / 2] ^= 1 }
    case .cutFile: try bundle.changeFile { $0.removeLast($0.count / 3) }
    case .event: try bundle.change(chunk, forge)
    case .eventAndManifest: try Self.forge(chunk, and: manifests, in: bundle)
    case .newestManifest: try Self.forge(try #require(chunks.last), and: manifests, in: bundle)
    case .manifestRemoved: try bundle.remove(manifests[1])
    case .manifestAdded:
      try bundle.copy(manifests[0], to: "manifests/000000000004-copy.json")
    case .chunkRemoved: try bundle.remove(chunk)
    case .chunkRemovedAndReported:
      let count = try bundle.text(chunk).split(separator: "\n").count
      try bundle.remove(chunk)
      try bundle.change("report.json") {
        $0 = $0.replacing("\"events\":56", with: "\"events\":\(56 - count)")
      }
    case .chunkAdded:
      try bundle.copy(
        chunk, to: chunk.replacing(/\d{12}-\d{12}/, with: "000000000070-000000000079"))
    case .chunkRenamed:
      try bundle.copy(chunk, to: chunk.replacing(".ndjson", with: ".hot.ndjson"))
      try bundle.remove(chunk)
      try bundle.change(chunk.replacing(".ndjson", with: ".hot.ndjson"), forge)
    case .part: try bundle.change(part, forge)
    case .partAndContext:
      try bundle.change(part, forge)
      try bundle.change(context, forge)
    case .contextRemoved: try bundle.remove(context)
    case .partRemoved: try bundle.remove(part)
    case .hotLinesSwapped:
      try bundle.change(hot) {
        $0 = $0.split(separator: "\n").reversed().joined(separator: "\n") + "\n"
      }
    case .hotRemoved: try bundle.remove(hot)
    case .report:
      try bundle.change("report.json") { $0 = $0.replacing("\"last\":61", with: "\"last\":62") }
    case .fileAdded: try bundle.copy("report.json", to: "extra.json")
    case .otherStreamAdded:
      let folder = "events/0123456789abcdef"
      try FileManager.default.createDirectory(
        atPath: bundle.folder + "/files/" + folder, withIntermediateDirectories: true)
      try bundle.copy(hot, to: folder + "/000000000000-000000000000.hot.ndjson")
    }
  }

  /// Changes an event and the hash that its manifest has of the chunk.
  private static func forge(
    _ chunk: String, and manifests: [String], in bundle: borrowing UnpackedBundle
  ) throws {
    let before = SHA256Sum(of: Array(try bundle.text(chunk).utf8)).description
    try bundle.change(chunk) { $0 = $0.replacing("\"Type1\"", with: "\"Type2\"") }
    let after = SHA256Sum(of: Array(try bundle.text(chunk).utf8)).description
    #expect(before != after)
    for manifest in manifests {
      try bundle.change(manifest) { $0 = $0.replacing(before, with: after) }
    }
  }
}

@Suite struct `A tampered bundle` {
  private static let signer = SegmentSigner()
  /// Made once: each test works on a copy.
  private static let sound = Result { try makeBundle(nil) }
  private static let signed = Result { try makeBundle(signer) }

  /// Revisions 0…19, 20…39 and 40…59 in a segment each, 60 and 61 hot.
  private static func makeBundle(_ signer: SegmentSigner?) throws -> Data {
    let scratch = try Scratch()
    let name = try StreamName("service-uptime-api")
    try scratch.store.append(
      AppendRequest(name, events: (0...61).map { event($0, at: second($0)) }))
    for cutoff in [Int64(20), 40, 60] { try scratch.rollOff(name, before: second(cutoff)) }
    let path = scratch.root + "/b.tar.zst"
    try scratch.history.bundle(
      RestoreSelection(.named([name]), revisions: 6...61), to: path, signer: signer)
    return try #require(FileManager.default.contents(atPath: path))
  }

  private func bundle(isSigned: Bool = false) throws -> UnpackedBundle {
    let folder = NSTemporaryDirectory() + "rookery-bundle-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/b.tar.zst"
    try (isSigned ? Self.signed : Self.sound).get().write(to: URL(filePath: path))
    return try UnpackedBundle(of: path)
  }

  /// As it is, and after a forger made `SHA256SUMS` anew; that list alone tells of a file more.
  @Test(arguments: Tampering.allCases)
  func `is found by the commands it came with, though SHA256SUMS was made anew`(
    tampering: Tampering
  ) throws {
    let bundle = try bundle()
    try #require(try bundle.verify().last == "SOUND")
    try tampering.apply(to: bundle)
    if tampering.isOfFiles { try bundle.pack(isListed: false) }
    let said = try bundle.verify()
    #expect(said.last == "NOT SOUND")
    #expect(said.contains { $0.hasPrefix("WRONG: ") })
    guard tampering.isOfFiles, tampering != .fileAdded else { return }
    try bundle.pack(isListed: true)
    #expect(try bundle.verify().last == "NOT SOUND")
  }

  @Test func `that was packed again unchanged is sound`() throws {
    let bundle = try bundle()
    try bundle.pack(isListed: true)
    #expect(try bundle.verify().last == "SOUND")
  }

  @Test func `whose whole chain was forged is found by the published head`() throws {
    let bundle = try bundle()
    let newest = try #require(try bundle.members.last { $0.hasPrefix("manifests/") })
    let head = SHA256Sum(of: Array(try bundle.text(newest).utf8)).description
    #expect(try bundle.verify(["HEAD": head]).last == "SOUND")
    try Tampering.newestManifest.apply(to: bundle)
    let forged = SHA256Sum(of: Array(try bundle.text(newest).utf8)).description
    try bundle.change("report.json") { $0 = $0.replacing(head, with: forged) }
    try bundle.pack(isListed: true)
    #expect(try bundle.verify(["HEAD": head]).last == "NOT SOUND")
  }

  @Test func `that was signed is found by the signature, whatever else was made to fit`() throws {
    let signer = Self.signer
    let bundle = try bundle(isSigned: true)
    let key = "public-keys/\(signer.publicKey.id).pem"
    #expect(try bundle.verify().last == "SOUND")
    #expect(try bundle.text(key) == signer.publicKey.pem)

    try bundle.change("index.html") { $0 += " " }
    try bundle.pack(isListed: true)
    #expect(try bundle.verify().contains { $0.contains("is not signed with key") })
    try bundle.remove("SHA256SUMS.sig")
    try bundle.pack(isListed: true)
    #expect(try bundle.verify().last == "NOT SOUND")
  }

  @Test func `that another key signed is found by whoever has the right one`() throws {
    let (signer, forger) = (Self.signer, SegmentSigner())
    let bundle = try bundle(isSigned: true)
    let trusted = bundle.folder + "/trusted"
    try FileManager.default.createDirectory(atPath: trusted, withIntermediateDirectories: true)
    let file = "\(trusted)/\(signer.publicKey.id).pem"
    try Data(signer.publicKey.pem.utf8).write(to: URL(filePath: file))
    #expect(try bundle.verify(["KEYS": trusted]).last == "SOUND")
    try Data(forger.publicKey.pem.utf8).write(to: URL(filePath: file))
    #expect(try bundle.verify(["KEYS": trusted]).last == "NOT SOUND")
  }

  @Test func `of signed segments is found by their signatures`() throws {
    let scratch = try Scratch()
    let name = try StreamName("user-1-loans")
    try SigningKeys(scratch.store).trust(
      Self.signer.publicKey, by: .system, reason: "test", now: second(0))
    try scratch.store.append(
      AppendRequest(name, events: (0..<9).map { event($0, at: second($0)) }))
    var policy = ArchivePolicy(streams: "user-*", coldAfter: 0)
    policy.isSigned = true
    let planner = Planner(policies: [policy], now: second(99))
    _ = try Archiver(
      store: scratch.store, folder: scratch.folder, now: second(99), version: "test",
      signer: Self.signer
    ).run(grace: 0, plan: { try planner.plan($0) })
    let path = scratch.root + "/b.tar.zst"
    let (report, _) = try scratch.history.bundle(RestoreSelection(.named([name])), to: path)
    #expect(report.segments.map(\.signedBy) == [Self.signer.publicKey.id.description])
    let bundle = try UnpackedBundle(of: path)
    #expect(try bundle.verify().last == "SOUND")

    let signature = try #require(try bundle.members.first { $0.hasSuffix(".sig") })
    try bundle.remove(signature)
    try bundle.pack(isListed: true)
    #expect(try bundle.verify().contains { $0.contains("is not signed with key") })
    let manifest = signature.replacing(".sig", with: ".json")
    try bundle.copy(manifest, to: signature)
    try bundle.pack(isListed: true)
    #expect(try bundle.verify().contains { $0.contains("is not signed with key") })
  }
}
