internal import Streams

extension SegmentFile {
  /// Opens a segment that has lost its manifest, as after a cut: its whole chunks are found by
  /// walking the frames and reading their tar headers.
  ///
  /// Readable, but not verified: each chunk is held against the hash it had when this was called.
  /// Streams are numbered in the order they are met. ``damage`` tells where the file ends.
  ///
  /// - Throws: ``SegmentError/missing(segment:)``, `.damaged(.empty)`, `.io`.
  /// - Complexity: O(file).
  public convenience init(salvaging path: String) throws(SegmentError) {
    try self.init(salvaging: try Self.open(path))
  }

  /// The same for a segment that is not a local file.
  public convenience init(salvaging file: any ByteSource) throws(SegmentError) {
    let walk = try FrameWalk(file, fileBytes: try file.size())
    var reader = try FrameReader()
    var salvage = Salvage()
    for span in walk.spans {
      do throws(FrameProblem) {
        salvage.take(try reader.load(span, from: file), reader.content, at: span)
      } catch {
        if case .io(let error) = error { throw error }
      }
    }
    self.init(file, chunks: salvage.sorted, damage: [.truncated(at: walk.end)], keys: .empty)
  }
}

/// The chunks met while walking.
private struct Salvage {
  private var chunks: [SegmentChunk] = []
  private var streams: [Substring: Int] = [:]
  private var members: Set<String> = []

  var sorted: [SegmentChunk] { chunks.sorted { ($0.stream, $0.first) < ($1.stream, $1.first) } }

  /// Takes a decompressed frame if it is a chunk not yet met.
  mutating func take(_ count: Int, _ content: [UInt8], at span: FrameSpan) {
    content.withUnsafeBytes { content in
      let content = content.slice(0..<count)
      guard let header = TarHeader(content), count == TarMember.bytes(data: header.bytes),
        let (streamID, first, last) = Self.parse(header.name),
        members.insert(header.name).inserted
      else { return }
      let lines = TarMember.blockBytes..<(TarMember.blockBytes + header.bytes)
      let stream = streams[streamID] ?? streams.count
      streams[streamID] = stream
      chunks.append(
        SegmentChunk(
          member: header.name, stream: stream, first: first, last: last,
          count: last.rawValue - first.rawValue + 1, offset: span.offset,
          compressedBytes: span.compressedBytes, bytes: header.bytes,
          sha256: SHA256Sum(of: content.slice(lines)),
          // Whose key opens it, only the manifest could tell.
          subject: header.name.hasSuffix(SegmentName.sealedExtension) ? "" : nil))
    }
  }

  /// Reads `events/<streamID>/<first>-<last>.ndjson`, with or without the extension of what is
  /// encrypted.
  private static func parse(_ member: String) -> (Substring, Revision, Revision)? {
    let parts = member.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "events" else { return nil }
    let isSealed = parts[2].hasSuffix(SegmentName.sealedExtension)
    let file = parts[2].dropLast(isSealed ? SegmentName.sealedExtension.utf8.count : 0)
    guard file.hasSuffix(".ndjson") else { return nil }
    let range = file.dropLast(7).split(separator: "-", omittingEmptySubsequences: false)
    guard range.count == 2, let first = Int64(range[0]), let last = Int64(range[1]), first >= 0,
      last >= first, last < .max
    else { return nil }
    return (parts[1], Revision(first), Revision(last))
  }
}
