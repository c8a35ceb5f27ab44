internal import Archive
public import EventStore
public import Segments
public import Streams

/// Writes what a selection includes as one `.tar.zst` that an auditor checks without Rookery.
///
///     VERIFY.txt                       how to, with awk, tar, zstd, sha256sum, jq and openssl
///     events/…, context/…              see ``BundledStream``
///     manifests/<seq>-<segment>.json   of every segment from the first that is touched to the head
///     manifests/<seq>-<segment>.sig    its signature, where it has one
///     public-keys/<id>.pem
///     report.json, index.html          what, for whom, when, and how it was checked
///     SHA256SUMS, SHA256SUMS.sig
public struct AuditBundle: Sendable {
  public let history: History
  /// Whether a chunk of which only a part is selected goes along as a whole: it proves the part, and
  /// shows the events beside it.
  public let hasContext: Bool
  /// Who signs the bundle; nil for nobody.
  public let signer: SegmentSigner?

  public init(history: History, hasContext: Bool = true, signer: SegmentSigner? = nil) {
    self.history = history
    self.hasContext = hasContext
    self.signer = signer
  }

  /// The command that shows the `VERIFY.txt` of a bundle of this name.
  public static func firstCommand(of name: String) -> String {
    VerifyInstructions.firstCommand(of: name)
  }

  /// A text that the bundle holds beside the events, such as its `index.html`.
  public struct Document {
    public var name: String
    public var text: String

    public init(name: String, text: String) {
      self.name = name
      self.text = text
    }
  }

  /// Writes the bundle at `path`, whole or not at all.
  ///
  /// - Parameters:
  ///   - only: whether a stream may be restored; those that may not are left out.
  ///   - documents: what the report reads like.
  ///   - stop: asked between two chunks; nothing is left behind then.
  ///   - progress: events done and to do.
  /// - Throws: `SegmentError` `.alreadyExists`, `.io`; ``HistoryError``; `ArchiveError` `.mismatch`
  ///   where rows are not what their segment says; ``RestoreError`` `.nothingSelected`.
  /// - Complexity: O(bytes of the segments touched), twice; memory for a few chunks.
  public func write(
    _ selection: RestoreSelection, to path: String, on occasion: RestoreReport.Occasion,
    only isAllowed: (StreamRecord) -> Bool = { _ in true },
    documents: (RestoreReport) throws -> [Document], stop: StopRequest = .never,
    progress: (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
  ) throws -> (report: RestoreReport, file: BundleFile.Sealed) {
    do {
      return try writeFile(
        selection, to: path, on: occasion, only: isAllowed, documents: documents, stop, progress)
    } catch var stopped as Stopped {
      stopped.remedy = "Nothing was left behind; the same command starts again."
      throw stopped
    }
  }

  private func writeFile(
    _ selection: RestoreSelection, to path: String, on occasion: RestoreReport.Occasion,
    only isAllowed: (StreamRecord) -> Bool, documents: (RestoreReport) throws -> [Document],
    _ stop: StopRequest, _ progress: (Int64, Int64) -> Void
  ) throws -> (report: RestoreReport, file: BundleFile.Sealed) {
    let check = RestoreCheck(history.store, history.folder)
    let plan = try plan(selection, check, isAllowed)
    let file = try BundleFile(path: path, modified: occasion.time, signer: signer)
    let segments = try check.sources(plan.segments, stop: stop)
    let instructions = VerifyInstructions(
      path: path, selection: selection, hasContext: hasContext, signingKey: signer?.publicKey.id)
    try file.append("VERIFY.txt", text: instructions.text)
    let report = RestoreReport(
      occasion: occasion, storeID: history.store.id, selection: selection,
      streams: try write(plan.streams, selection, to: file, stop, progress), segments: segments,
      chain: plan.chain)
    guard report.events > 0 else { throw RestoreError.nothingSelected }
    if let first = plan.segments.first {
      try writeManifests(from: first, to: plan.chain.head, check, to: file, stop)
    }
    try writeKeys(check, to: file)
    for document in try documents(report) {
      try file.append(document.name, text: document.text)
    }
    return (report, try file.seal())
  }

  /// What goes into the bundle and the chain that proves it, all as it was at one moment: a segment
  /// that is recorded while the bundle is written is not of this chain, and proves nothing here.
  private struct Plan {
    var streams: [PlannedStream]
    /// By their numbers.
    var segments: [Int64]
    var chain: RestoreChain
  }

  private struct PlannedStream {
    var name: StreamName
    var parts: [ClosedRange<Int64>]
    var chunks: [PlacedChunk]
  }

  private func plan(
    _ selection: RestoreSelection, _ check: RestoreCheck, _ isAllowed: (StreamRecord) -> Bool
  ) throws -> Plan {
    let plan = try history.read { snapshot in
      var parts: [(stream: Int64, revisions: ClosedRange<Int64>)] = []
      let streams = try selection.records(snapshot.hot).filter(isAllowed).map { record in
        let own = try snapshot.parts(of: record, for: selection)
        parts += own.map { (record.id, $0) }
        return PlannedStream(
          name: record.name, parts: own, chunks: try snapshot.chunks(of: record, in: own))
      }
      return Plan(
        streams: streams, segments: try check.segments(of: parts, snapshot.hot),
        chain: try check.chain(snapshot.hot))
    }
    guard plan.streams.contains(where: { !$0.parts.isEmpty }) else {
      throw RestoreError.nothingSelected
    }
    return plan
  }

  private func write(
    _ chosen: [PlannedStream], _ selection: RestoreSelection, to file: BundleFile,
    _ stop: StopRequest,
    _ progress: (Int64, Int64) -> Void
  ) throws -> [RestoredStream] {
    let total = chosen.reduce(0) { $0 + $1.parts.reduce(0) { $0 + Int64($1.count) } }
    var done: Int64 = 0
    return try chosen.map { item in
      let record = try history.store.read { try $0.readableStream(item.name) }
      var stream = BundledStream(
        record, storeID: history.store.id, selection, hasContext: hasContext, bundle: file)
      return try stream.write(item.parts, item.chunks, history) { count in
        done = min(total, done + count)
        try stop.check(done, of: total, "events")
        progress(done, total)
      }
    }
  }

  private func writeManifests(
    from first: Int64, to head: String?, _ check: RestoreCheck, to file: BundleFile,
    _ stop: StopRequest
  ) throws {
    try check.forEachManifest(from: first, to: head, stop: stop) { manifest in
      let digits = String(manifest.archiveSeq)
      let number = String(repeating: "0", count: max(0, 12 - digits.utf8.count)) + digits
      let name = "manifests/\(number)-\(manifest.segmentID)"
      var bytes = manifest.bytes
      try file.append("\(name).json", &bytes)
      if var signature = manifest.signature { try file.append("\(name).sig", &signature) }
    }
  }

  private func writeKeys(_ check: RestoreCheck, to file: BundleFile) throws {
    var keys = try check.publicKeys()
    if let signer, !keys.contains(signer.publicKey) { keys.append(signer.publicKey) }
    for key in keys { try file.append("public-keys/\(key.id).pem", text: key.pem) }
  }
}
