import Foundation
import Streams
import Testing

@testable import Segments

/// Tar members, frames and tables that are made to deceive; each hides in a segment whose hashes are
/// right wherever they can be.
@Suite struct `A segment with a hostile part` {
  private let folder: TemporaryFolder
  private let path: String
  private let chunks: [[RecordedEvent]] = [0, 20, 40].map { Sample.uptime(20, from: $0) }

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path + "/forged.tar.zst"
  }

  private var middle: ChunkRange {
    ChunkRange(chunk: 1, stream: 0, first: Revision(20), last: Revision(39))
  }

  /// The second chunk is refused, by every way in; the first is served, and nothing but the segment
  /// is in the folder.
  private func expectRefused(_ forgery: Forgery, _ comment: Comment) throws {
    try forgery.write(to: path)
    let report = SegmentVerifier.verify(path, level: .full, threads: 0)
    #expect(!report.isSound, comment)
    #expect(!report.readable.contains(middle), comment)
    let file = try SegmentFile(path: path)
    #expect(try file.events(through: 19) == chunks[0], comment)
    #expect(throws: SegmentError.self, comment) { try file.events(from: 20, through: 39) }
    #expect(folder.files == ["forged.tar.zst"], comment)
  }

  @Test(arguments: [
    "/etc/passwd", "../../../../etc/cron.d/x", "events/../../x", ".", "./README.txt", "C:\\x",
  ])
  func `whose name leads elsewhere is refused`(name: String) throws {
    var forgery = try Forgery(chunks)
    forgery.replacedNames[1] = name
    try expectRefused(forgery, "\(name)")
  }

  /// tar would put it in the place of the events that were verified.
  @Test(arguments: ["README.txt", "manifest.json", "manifest.sig"])
  func `that hides behind another in its frame is found`(host: String) throws {
    var forgery = try Forgery(chunks)
    forgery.stowaways[host] = try Forgery.member(
      forgery.manifest.chunks[1].member, try Forgery.lines(Sample.uptime(20, from: 60)))
    try forgery.write(to: path)
    let report = SegmentVerifier.verify(path, level: .full, threads: 0)
    #expect(!report.isSound, "\(host)")
  }

  /// POSIX.1-2017 pax, and what GNU tar adds: links, devices, folders, pipes, sparse files, long
  /// names, headers that change the next one.
  @Test(arguments: Array("1234567SLKDxgMNV"))
  func `whose type is not a file is refused`(type: Character) throws {
    var forgery = try Forgery(chunks)
    forgery.replacedFrames[1] = try Forgery.frame(
      forgery.manifest.chunks[1].member, try Forgery.lines(chunks[1])
    ) { header in
      header[156] = type.asciiValue ?? 0
      if "12".contains(type) { header.replaceSubrange(157..<168, with: Array("/etc/passwd".utf8)) }
    }
    try expectRefused(forgery, "type \(type)")
  }

  /// Fields of the header at odds with the format: a path before the name, a size in base 256, no
  /// magic, a sum of nothing, a name without end.
  @Test(arguments: [
    (345, Array("etc".utf8)), (124, [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0]),
    (124, Array("77777777777 ".utf8)), (124, Array("-0000000001 ".utf8)),
    (257, Array("ustar  ".utf8)), (0, Array(repeating: 0x61, count: 100)), (0, [0]), (3, [0x0A]),
  ])
  func `whose header is odd is refused`(offset: Int, bytes: [UInt8]) throws {
    var forgery = try Forgery(chunks)
    forgery.replacedFrames[1] = try Forgery.frame(
      forgery.manifest.chunks[1].member, try Forgery.lines(chunks[1])
    ) { $0.replaceSubrange(offset..<offset + bytes.count, with: bytes) }
    try expectRefused(forgery, "at \(offset)")
  }

  @Test func `that holds two members, or another's, is refused`() throws {
    var forgery = try Forgery(chunks)
    let member = forgery.manifest.chunks[1].member
    let lines = try Forgery.lines(chunks[1])
    let second = try Forgery.member("events/x/0-0.ndjson", Array("{}\n".utf8))
    forgery.replacedFrames[1] = try Forgery.compress(try Forgery.member(member, lines) + second)
    try expectRefused(forgery, "a second member")
    forgery.replacedFrames[1] = try Forgery.compress(second + (try Forgery.member(member, lines)))
    try expectRefused(forgery, "a first member")
    forgery.replacedFrames[1] = nil
    forgery.replacedNames[1] = forgery.manifest.chunks[0].member
    try expectRefused(forgery, "the first chunk's name")
  }

  /// The size field of a frame says otherwise than its blocks.
  @Test(arguments: [-4096, -1, 1, 512, 60 << 20])
  func `that claims to be smaller or larger than it is is refused`(difference: Int) throws {
    var forgery = try Forgery(chunks)
    var frame = try Forgery.frame(
      forgery.manifest.chunks[1].member, try Forgery.lines(chunks[1]))
    let header = try frame.withUnsafeBytes { try FrameHeader($0) }
    // Four bytes of content size and no window: single segment, size flag 2 (RFC 8878 §3.1.1.1.1).
    let claim = UInt32(header.contentBytes + difference)
    let size = (0..<4).map { UInt8(truncatingIfNeeded: claim >> UInt32(8 * $0)) }
    frame.replaceSubrange(4..<header.bytes, with: [0xA4] + size)
    forgery.replacedFrames[1] = frame
    try expectRefused(forgery, "by \(difference) bytes")
  }

  // MARK: - Seek tables

  /// Whatever the table says, the frames are found or the table is not believed.
  @Test func `such as a seek table that lies never hides, adds or moves an event`() throws {
    try Forgery(chunks).write(to: path)
    let honest = Array(try #require(FileManager.default.contents(atPath: path)))
    let table = honest.withUnsafeBytes { bytes in
      SeekTable(bytes.slice(bytes.count - SeekTable.bytes(frames: 6)..<bytes.count))
    }
    let entries = try #require(table).entries
    let frames = honest.dropLast(SeekTable.bytes(frames: 6))
    var lies: [[SeekTable.Entry]] = [
      [], Array(entries.dropLast()), Array(entries.dropFirst()), entries + [entries[1]],
      entries.reversed(), [entries[0], entries[2], entries[1]] + entries[3...],
    ]
    let fields: [WritableKeyPath<SeekTable.Entry, UInt32>] = [
      \.compressedBytes, \.contentBytes, \.checksum,
    ]
    for index in entries.indices {
      for value in [0, 1, UInt32.max, UInt32.max / 2, entries[index].compressedBytes + 1] {
        for field in fields {
          var lie = entries
          lie[index][keyPath: field] = value
          lies.append(lie)
          // The sizes add up all the same.
          guard field == \.compressedBytes, index + 1 < entries.count else { continue }
          lie[index + 1].compressedBytes &-= value &- entries[index].compressedBytes
          lies.append(lie)
        }
      }
    }
    for lie in lies where lie != entries {
      var table = SeekTable()
      table.entries = lie
      try put(frames + table.encoded)
      #expect(try SegmentFile(path: path).events() == chunks.flatMap { $0 }, "\(lie)")
      #expect(!SegmentVerifier.verify(path, level: .full, threads: 0).isSound, "\(lie)")
    }
    print("seek tables that lie: \(lies.count), all found, all events served")
  }

  @Test func `such as a table of a thousand million frames is refused before memory is taken`()
    throws
  {
    // 16 GiB of nothing, and a footer that says that all of it is a table.
    try put([])
    #expect(truncate(path, 16 << 30) == 0 && chmod(path, 0o644) == 0)
    let frames = UInt32((Int(16 << 30) - 17) / 12)
    let handle = try FileHandle(forWritingTo: URL(filePath: path))
    try handle.seekToEnd()
    var footer = (0..<4).map { UInt8(truncatingIfNeeded: frames >> UInt32(8 * $0)) }
    footer += [0x80, 0xB1, 0xEA, 0x92, 0x8F]
    try handle.write(contentsOf: footer)
    try handle.close()
    let before = try peakKibibytes()
    #expect(!SegmentVerifier.verify(path, level: .index, threads: 0).isSound)
    #expect(throws: SegmentError.self) { try SegmentFile(path: path) }
    #expect(try peakKibibytes() - before < 1 << 20)
  }

  /// The most memory this process ever had.
  private func peakKibibytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.firstMatch(of: /VmHWM:\s+(\d+)/))
    return try #require(Int(line.1))
  }

  private func put(_ bytes: some Sequence<UInt8>) throws {
    try? FileManager.default.removeItem(atPath: path)
    try Data(bytes).write(to: URL(filePath: path))
    chmod(path, 0o444)
  }

  // MARK: - What is no file

  @Test func `that is a pipe, a device, a folder or a link to nowhere is refused at once`() throws {
    let makers: [(String) -> Int32] = [
      { mkfifo($0, 0o444) }, { symlink("/dev/zero", $0) }, { symlink("/nowhere/at-all", $0) },
      { symlink($0, $0) }, { mkdir($0, 0o555) }, { symlink("/dev/tty", $0) },
    ]
    for (index, make) in makers.enumerated() {
      let place = folder.path + "/\(index).tar.zst"
      #expect(make(place) == 0)
      for level in VerifyLevel.allCases {
        #expect(!SegmentVerifier.verify(place, level: level, threads: 0).isSound, "\(index)")
      }
      #expect(throws: SegmentError.self, "\(index)") { try SegmentFile(path: place) }
      #expect(throws: SegmentError.self, "\(index)") { try SegmentFile(path: place, chunks: []) }
      #expect(throws: SegmentError.self, "\(index)") { try SegmentFile(salvaging: place) }
    }
  }
}
