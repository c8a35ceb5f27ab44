import Foundation
import Streams
import Testing

@testable import Segments

/// A segment made by hand, self-consistent but for what a test forges.
struct Forgery {
  /// The data of `manifest.sig`.
  var signature: [UInt8] = []
  /// The event lines of each chunk of one stream.
  var chunks: [[RecordedEvent]]
  var manifest: Manifest
  /// Frames put in place of the chunks', by the chunk's index.
  var replacedFrames: [Int: [UInt8]] = [:]
  /// Member names put in place of the chunks'.
  var replacedNames: [Int: String] = [:]
  /// Members that hide behind others, in their frames.
  var stowaways: [String: [UInt8]] = [:]
  /// Lines put in place of the chunks', before the manifest's hashes are taken.
  private var lines: [[UInt8]]

  /// Takes the manifest of a real segment of the same events.
  init(_ chunks: [[RecordedEvent]], lines: [[UInt8]]? = nil) throws {
    self.chunks = chunks
    let folder = try TemporaryFolder()
    manifest = try Sample.write([("forged", chunks.flatMap { $0 })], in: folder.path).manifest
    self.lines = try lines ?? chunks.map(Self.lines)
    let id = SegmentName.streamID(store: Sample.store, stream: manifest.streams[0].info.name)
    manifest.chunks = zip(chunks, self.lines).map { events, lines in
      let (first, last) = (events[0].revision, events[events.count - 1].revision)
      return Manifest.Chunk(
        member: SegmentName.member(streamID: id, first: first, last: last), stream: 0,
        first: first, last: last, count: Int64(events.count), bytes: lines.count,
        sha256: SHA256Sum(of: lines))
    }
    manifest.root = Manifest.root(of: manifest.chunks)
  }

  static func lines(_ events: [RecordedEvent]) throws -> [UInt8] {
    let encoder = EventLineEncoder()
    var lines: [UInt8] = []
    for event in events { try event.withView { try encoder.append($0, to: &lines) } }
    return lines
  }

  /// One tar member in one frame.
  ///
  /// - Parameter alter: changes the member; its header's sum is then made right again.
  static func frame(
    _ name: String, _ data: [UInt8], ends: Bool = false,
    alter: ((inout [UInt8]) -> Void)? = nil
  ) throws -> [UInt8] {
    var member = try member(name, data, ends: ends)
    if let alter {
      alter(&member)
      member.replaceSubrange(148..<156, with: Array("        ".utf8))
      let sum = String(member[..<512].reduce(0) { $0 + Int($1) }, radix: 8)
      let field = String(repeating: "0", count: 6 - sum.count) + sum + "\0 "
      member.replaceSubrange(148..<156, with: Array(field.utf8))
    }
    return try compress(member)
  }

  static func member(_ name: String, _ data: [UInt8], ends: Bool = false) throws -> [UInt8] {
    var member: [UInt8] = []
    try data.withUnsafeBytes { data in
      try TarMember.write(
        name: name, modified: Sample.createdAt, data: data, endsArchive: ends, into: &member)
    }
    return member
  }

  static func compress(_ content: [UInt8]) throws -> [UInt8] {
    var frame: [UInt8] = []
    let compressor = try FrameCompressor(level: 3)
    let count = try content.withUnsafeBytes { try compressor.compress($0, into: &frame) }
    return Array(frame[..<count])
  }

  /// Writes the file and its seek table, which fits whatever frames there are.
  func write(to path: String, manifestBytes: [UInt8]? = nil) throws {
    func frame(_ name: String, _ data: [UInt8], ends: Bool = false) throws -> [UInt8] {
      try Self.compress(Self.member(name, data, ends: ends) + (stowaways[name] ?? []))
    }
    var frames = [try frame("README.txt", [0x2E])]
    for (index, chunk) in manifest.chunks.enumerated() {
      frames.append(
        try replacedFrames[index] ?? Self.frame(replacedNames[index] ?? chunk.member, lines[index]))
    }
    frames.append(try frame("manifest.json", manifestBytes ?? manifest.encoded))
    frames.append(try frame("manifest.sig", signature, ends: true))
    var table = SeekTable()
    for frame in frames {
      let (content, checksum) = frame.withUnsafeBytes { frame in
        (
          (try? FrameHeader(frame))?.contentBytes ?? 0,
          frame.littleEndian(at: frame.count - 4, count: 4)
        )
      }
      table.entries.append(
        SeekTable.Entry(
          compressedBytes: UInt32(frame.count), contentBytes: UInt32(content),
          checksum: UInt32(checksum)))
    }
    try Data(frames.flatMap { $0 } + table.encoded).write(to: URL(filePath: path))
    chmod(path, 0o444)
  }
}
