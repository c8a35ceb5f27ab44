internal import Streams

/// Holds the members of a segment against its manifest and its seek table.
struct ContentCheck {
  private let segment: SegmentFile
  private let layout: SegmentLayout
  private var summaries: [StreamSummary?]
  /// Streams of which a chunk is missing or damaged: their totals can't be checked.
  private var isIncomplete: [Bool]
  /// The chunks that are in the file.
  let present: [Int]

  init(_ segment: SegmentFile, _ layout: SegmentLayout) {
    self.segment = segment
    self.layout = layout
    summaries = Array(repeating: nil, count: layout.manifest.streams.count)
    isIncomplete = Array(repeating: false, count: layout.manifest.streams.count)
    present = segment.chunks.indices.filter { segment.absence(of: $0) == nil }
    for (index, chunk) in segment.chunks.enumerated() where segment.absence(of: index) != nil {
      isIncomplete[chunk.stream] = true
    }
  }

  // MARK: - README.txt, manifest.sig, seek table

  /// - Parameters:
  ///   - full: also read README.txt.
  ///   - trusted: the keys whose signatures count; nil looks at a signature's form only.
  func checkMembers(
    _ file: any ByteSource, full: Bool, trusted: [TrustedKey]?, _ report: inout VerifyReport
  ) throws(SegmentError) {
    var reader = try FrameReader()
    // What a cut took away is told once, as a truncation.
    if layout.frames.isWhole {
      if full,
        try layout.readme.flatMap({ span throws(SegmentError) in
          try reader.member(Readme.member, at: span, from: file)
        }) == nil
      {
        report.note(.memberCorrupt(Readme.member))
      }
      try checkSignature(file, trusted, &reader, &report)
    }
    if let table = layout.frames.table { try check(table, file, &reader, &report) }
  }

  private func checkSignature(
    _ file: any ByteSource, _ trusted: [TrustedKey]?, _ reader: inout FrameReader,
    _ report: inout VerifyReport
  ) throws(SegmentError) {
    guard let span = layout.signature,
      let signature = try reader.member(SegmentWriter.signatureMember, at: span, from: file),
      Self.endsArchive(reader.content[..<reader.contentBytes], after: signature.count)
    else { return report.note(.memberCorrupt(SegmentWriter.signatureMember)) }
    switch layout.manifest.standing(of: signature, over: layout.manifestBytes, trusted: trusted) {
    case .open: break
    case .signed(let key): report.signedBy = key
    case .untrusted(let key): report.untrustedKey = key
    case .damaged(let damage): report.note(damage)
    }
  }

  /// Whether the two zero blocks of the archive's end follow a member of `bytes` in `content`.
  private static func endsArchive(_ content: ArraySlice<UInt8>, after bytes: Int) -> Bool {
    let end = TarMember.bytes(data: bytes)
    return content.count == end + TarMember.endBytes && content[end...].allSatisfy { $0 == 0 }
  }

  /// The table's checksums are the frames' last four bytes. Where they differ, the frame decides
  /// which of the two is damaged; a damaged chunk is told by ``checkChunks(threads:checksum:_:)``.
  private func check(
    _ table: SeekTable, _ file: any ByteSource, _ reader: inout FrameReader,
    _ report: inout VerifyReport
  ) throws(SegmentError) {
    for (entry, span) in zip(table.entries, table.spans) {
      let last = try file.bytes(at: span.end - 4, count: 4)
      let checksum = last.withUnsafeBytes { $0.count == 4 ? $0.littleEndian(at: 0, count: 4) : 0 }
      if checksum == UInt64(entry.checksum) { continue }
      do throws(FrameProblem) {
        _ = try reader.load(span, from: file)
        report.note(.degradedSeekTable)
      } catch {
        if case .io(let error) = error { throw error }
        if let chunk = segment.chunks.firstIndex(where: { $0.offset == span.offset }) {
          report.note(.frameCorrupt(segment.range(of: chunk)))
        }
      }
    }
  }

  // MARK: - Chunks

  /// Reads every chunk and event, and compares what they add up to with the manifest.
  ///
  /// - Parameter checksum: whether the frames' own checksums are computed, so that any flipped bit is
  ///   found; not needed beside a SHA-256 of the whole file.
  mutating func checkChunks(
    threads: Int, checksum: Bool, _ report: inout VerifyReport
  ) throws(SegmentError) {
    var buffer = try ChunkBuffer(checksum: checksum)
    do {
      try segment.forEachChunk(present, threads: threads, &buffer) { index, problem, buffer in
        check(index, problem, &buffer, &report)
        return true
      }
    } catch let error as SegmentError {
      throw error
    } catch {
      throw .outOfMemory
    }
    for (index, stream) in layout.manifest.streams.enumerated() where !isIncomplete[index] {
      guard let summary = summaries[index],
        stream.agrees(with: summary.stream(stream.info), onlyRange: summary.hasErased)
      else {
        report.note(.contentMismatch(stream: index, "its events do not add up to the manifest"))
        continue
      }
    }
  }

  private mutating func check(
    _ index: Int, _ problem: SegmentError?, _ buffer: inout ChunkBuffer,
    _ report: inout VerifyReport
  ) {
    let range = segment.range(of: index)
    if let problem {
      isIncomplete[range.stream] = true
      return report.note(problem)
    }
    var complaint: String?
    var events: Int64 = 0
    let isSound = try? buffer.forEachEvent(range.first...range.last) { event in
      events += 1
      complaint = complaint ?? take(event, range.stream)
      return true
    }
    guard isSound != nil else {
      isIncomplete[range.stream] = true
      return report.note(.frameCorrupt(range))
    }
    if let complaint { report.note(.contentMismatch(stream: range.stream, complaint)) }
    report.readable.append(range)
    report.eventsChecked += events
    report.bytesChecked += Int64(segment.chunks[index].bytes)
  }

  private mutating func take(_ event: EventView, _ stream: Int) -> String? {
    guard summaries[stream] != nil else {
      // One type more than the manifest names is enough to see that it is wrong.
      summaries[stream] = StreamSummary(
        event, maxTypes: layout.manifest.streams[stream].types.count + 1)
      return nil
    }
    let complaint = summaries[stream]?.take(event)
    // After a damaged chunk the revisions go on with a gap that was told already.
    if complaint != nil, isIncomplete[stream] {
      summaries[stream] = nil
      return take(event, stream)
    }
    return complaint
  }
}

extension Manifest.Stream {
  /// Whether `other`, added up from the events, says the same; types are compared byte by byte.
  ///
  /// - Parameter onlyRange: what else was known of some events is erased.
  fileprivate func agrees(with other: Manifest.Stream, onlyRange: Bool) -> Bool {
    guard first == other.first, last == other.last, count == other.count else { return false }
    if onlyRange { return true }
    return firstAt == other.firstAt && lastAt == other.lastAt
      && firstPosition == other.firstPosition && lastPosition == other.lastPosition
      && types.count == other.types.count
      && zip(types, other.types).allSatisfy { a, b in
        a.count == b.count && a.type.utf8.elementsEqual(b.type.utf8)
      }
  }
}
