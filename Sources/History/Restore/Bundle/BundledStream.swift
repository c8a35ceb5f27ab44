internal import Archive
internal import EventStore
internal import Segments
internal import Streams

/// One stream on its way into an audit bundle.
///
///     events/<id>/<first>-<last>.ndjson        a chunk, byte for byte as in its segment
///     events/<id>/<first>-<last>.part.ndjson   what the selection includes of such a chunk,
///     context/<id>/<first>-<last>.ndjson       … and that chunk as a whole, to prove it
///     events/<id>/<first>-<last>.hot.ndjson    events that no segment vouches for
struct BundledStream {
  private let record: StreamRecord
  private let selection: RestoreSelection
  private let hasContext: Bool
  private let bundle: BundleFile
  private let encoder = EventLineEncoder()
  private var tally: StreamTally
  /// The lines since the last cut, and those of them that are selected.
  private var lines: [UInt8] = []
  private var selected: [UInt8] = []
  private var selectedRange: ClosedRange<Int64>?
  private var selectedCount: Int64 = 0

  init(
    _ record: StreamRecord, storeID: String, _ selection: RestoreSelection, hasContext: Bool,
    bundle: BundleFile
  ) {
    self.record = record
    self.selection = selection
    self.hasContext = hasContext
    self.bundle = bundle
    tally = StreamTally(record.name, storeID: storeID)
  }

  /// Writes the events of `parts`, oldest first.
  ///
  /// - Parameters:
  ///   - chunks: those of ``parts`` that the bundle's manifests vouch for, wherever they are now.
  ///   - progress: how many events were read; what it throws ends the writing.
  mutating func write(
    _ parts: [ClosedRange<Int64>], _ chunks: [PlacedChunk], _ history: History,
    progress: (Int64) throws -> Void
  ) throws -> RestoredStream {
    for run in chunks.runs { try write(run, history, progress: progress) }
    let hotFirst = (chunks.last?.chunk.last.rawValue ?? -1) + 1
    for part in parts where part.upperBound >= hotFirst {
      try writeHot(max(part.lowerBound, hotFirst)...part.upperBound, history, progress)
      try progress(Int64(part.count))
    }
    return tally.finish()
  }

  /// Chunks that follow one another, each cut where its segment cuts it.
  private mutating func write(
    _ run: ArraySlice<PlacedChunk>, _ history: History, progress: (Int64) throws -> Void
  ) throws {
    guard let first = run.first, let last = run.last else { return }
    var rest = run
    let range = first.chunk.first.rawValue...last.chunk.last.rawValue
    try history.forEachEvent(of: record.name, in: range) { event in
      guard let place = rest.first else { return false }
      try add(event, isVouchedFor: place.isPlain)
      guard event.revision == place.chunk.last else { return true }
      rest = rest.dropFirst()
      try cut(at: place)
      try progress(place.chunk.count)
      return true
    }
  }

  private mutating func writeHot(
    _ range: ClosedRange<Int64>, _ history: History, _ progress: (Int64) throws -> Void
  ) throws {
    try history.forEachEvent(of: record.name, in: range) { event in
      try add(event, isVouchedFor: false)
      lines.removeAll(keepingCapacity: true)
      if selected.count >= SegmentLimits.chunkTarget {
        try writeSelected(as: "hot")
        try progress(0)
      }
      return true
    }
    try writeSelected(as: "hot")
  }

  private mutating func add(_ event: EventView, isVouchedFor: Bool) throws {
    let start = lines.count
    try encoder.append(event, to: &lines)
    guard selection.includes(event) else { return }
    selected.append(contentsOf: lines[start...])
    let revision = event.revision.rawValue
    selectedRange = (selectedRange?.lowerBound ?? revision)...revision
    selectedCount += 1
    try tally.add(event, isCold: isVouchedFor)
  }

  /// Ends a chunk: its lines must be those that its segment's manifest vouches for.
  private mutating func cut(at place: PlacedChunk) throws {
    defer { lines.removeAll(keepingCapacity: true) }
    guard place.isPlain else { return try writeSelected(as: "opened") }
    guard SHA256Sum(of: lines) == place.chunk.sha256 else {
      throw ArchiveError.mismatch(
        segment: place.file, stream: record.name, revision: place.chunk.first)
    }
    let isWhole = selectedCount == place.chunk.count
    let range = place.chunk.first.rawValue...place.chunk.last.rawValue
    if !isWhole, selectedCount > 0, hasContext {
      try bundle.append(member("context", range, ""), &lines)
    }
    selectedRange = selectedRange.map { _ in range }
    try writeSelected(as: isWhole ? nil : "part")
  }

  private mutating func writeSelected(as kind: String?) throws {
    guard let range = selectedRange else { return }
    try bundle.append(member("events", range, kind.map { ".\($0)" } ?? ""), &selected)
    selected.removeAll(keepingCapacity: true)
    selectedRange = nil
    selectedCount = 0
  }

  private func member(
    _ folder: String, _ range: ClosedRange<Int64>, _ kind: String
  ) -> String {
    func padded(_ revision: Int64) -> String {
      let digits = String(revision)
      return String(repeating: "0", count: max(0, 12 - digits.utf8.count)) + digits
    }
    let name = "\(padded(range.lowerBound))-\(padded(range.upperBound))"
    return "\(folder)/\(tally.restored.id)/\(name)\(kind).ndjson"
  }
}

/// A chunk, and the file it is in.
struct PlacedChunk {
  var chunk: SegmentChunk
  var file: String

  /// Whether its hash is over event lines.
  var isPlain: Bool { chunk.member.hasSuffix(".ndjson") }
}

extension [PlacedChunk] {
  /// Cut where one does not follow the other.
  var runs: [ArraySlice<PlacedChunk>] {
    var runs: [ArraySlice<PlacedChunk>] = []
    var start = startIndex
    for index in indices.dropFirst()
    where self[index - 1].chunk.last.rawValue + 1 != self[index].chunk.first.rawValue {
      runs.append(self[start..<index])
      start = index
    }
    if start < endIndex { runs.append(self[start...]) }
    return runs
  }
}

extension HistorySnapshot {
  /// The chunks of a stream that hold some revision of `parts`, in order.
  func chunks(
    of record: StreamRecord, in parts: [ClosedRange<Int64>]
  ) throws -> [PlacedChunk] {
    try Catalog.ranges(hot.db, of: record.id).flatMap { range in
      let wanted = parts.filter { $0.overlaps(range.first...range.last) }
      guard let entry = try Catalog.entry(hot.db, range.archiveSeq), let first = wanted.first,
        let last = wanted.last
      else { return [PlacedChunk]() }
      return try Catalog.chunks(
        hot.db, of: range.archiveSeq, stream: range.streamIndex,
        in: first.lowerBound...last.upperBound
      ).filter { chunk in
        wanted.contains { $0.overlaps(chunk.first.rawValue...chunk.last.rawValue) }
      }.map { PlacedChunk(chunk: $0, file: entry.file) }
    }
  }
}
