internal import Archive
package import History
internal import Streams

extension RestoreReport {
  /// The report as one self-contained page: no script, nothing fetched from anywhere.
  ///
  /// - Parameter bundle: the name of the bundle's file.
  /// - Throws: ``ReportTemplateError`` when a template is missing.
  package func html(_ templates: ReportTemplates, bundle: String) throws -> String {
    try templates.render(
      RestorePage(self, bundle: bundle, style: templates.style), with: "restore")
  }
}

extension RestorePage {
  init(_ report: RestoreReport, bundle: String, style: String) {
    self.style = style
    title = bundle
    period = "made \(report.occasion.time.rfc3339)"
    headline =
      Wording.count(Int(report.events), "event") + " of "
      + Wording.count(report.streams.count, "stream") + ", "
      + (report.isSound ? "and the archive behind them is sound." : "but the archive is damaged.")
    tiles = Self.tiles(report)
    warnings = report.isSound ? [] : [Warnings(sentences: report.problems)]
    facts = Self.facts(report)
    streams = report.streams.map(Stream.init)
    checks = report.checks
    segmentTables =
      report.segments.isEmpty
      ? [] : [SegmentTable(segments: report.segments.map(SegmentTable.Segment.init))]
    firstCommand = AuditBundle.firstCommand(of: bundle)
    files = Self.files
  }

  private static func tiles(_ report: RestoreReport) -> [Tile] {
    let unproven = report.events - report.cold
    return [
      Tile(
        label: "Events", value: Wording.grouped(report.events),
        note: Wording.bytes(report.bytes) + " of data and metadata"),
      Tile(
        label: "Proven by segments", value: Wording.grouped(report.cold),
        note: unproven == 0
          ? "all of them" : Wording.grouped(unproven) + " not archived yet, or encrypted there"),
      Tile(
        label: "Segments", value: Wording.grouped(report.segments.count),
        note: Wording.count(report.chunks, "chunk") + " read and checked"),
      Tile(
        label: "Chain", value: report.chain.problems.isEmpty ? "closes" : "broken",
        note: Wording.count(report.chain.segments, "manifest")),
    ]
  }

  private static func facts(_ report: RestoreReport) -> [Fact] {
    let selection = report.selection
    let revisions = selection.revisions
    var facts = [
      Fact(label: "Restored by", value: report.occasion.principal.description),
      Fact(label: "Reason", value: report.occasion.reason),
      Fact(label: "When", value: report.occasion.time.rfc3339),
      Fact(label: "From the store", value: report.storeID),
      Fact(label: "Streams asked for", value: selection.streams.words),
    ]
    if revisions != 0...Int64.max {
      let end = revisions.upperBound == .max ? "on" : "to \(revisions.upperBound)"
      facts.append(Fact(label: "Revisions", value: "from \(revisions.lowerBound) \(end)"))
    }
    if let since = selection.since {
      facts.append(Fact(label: "Happened at or after", value: since.rfc3339))
    }
    if let until = selection.until {
      facts.append(Fact(label: "Happened before", value: until.rfc3339))
    }
    facts.append(Fact(label: "Head of the chain", value: report.chain.head ?? "nothing archived"))
    facts.append(Fact(label: "Made with", value: "rookery \(report.occasion.version)"))
    return facts
  }

  private static let files = [
    File(name: "VERIFY.txt", says: "how to check all of this without Rookery"),
    File(name: "events/", says: "what was asked for: a folder a stream, one JSON object a line"),
    File(name: "context/", says: "whole chunks of which only a part was asked for, as proof of it"),
    File(
      name: "manifests/",
      says: "what each segment holds, by hash; from the first segment read to the newest"),
    File(name: "public-keys/", says: "the keys that sign; compare them with what you were given"),
    File(name: "report.json", says: "this page for programs"),
    File(name: "SHA256SUMS", says: "the hash of every file here; signed where a key was at hand"),
  ]
}

extension RestorePage.Stream {
  init(_ stream: RestoredStream) {
    name = stream.stream.rawValue
    folders = stream.events > 0 ? ["events/\(stream.id)/"] : []
    events = Wording.grouped(stream.events)
    proven = Wording.grouped(stream.cold)
    revisions =
      stream.span.map { "\($0.revisions.lowerBound) to \($0.revisions.upperBound)" } ?? "none"
    times =
      stream.span.map { "\($0.times.lowerBound.rfc3339) to \($0.times.upperBound.rfc3339)" } ?? "–"
  }
}

extension RestorePage.SegmentTable.Segment {
  init(_ source: VerifiedSource) {
    number = String(source.archiveSeq)
    segment = source.segmentID
    chunks = Wording.grouped(source.chunks)
    events = Wording.grouped(source.events)
    state = source.damage.isEmpty ? "sound" : "damaged"
    signedBy = source.signedBy ?? "–"
    manifest = source.manifestSHA256
  }
}

extension RestoreSelection.Streams {
  fileprivate var words: String {
    switch self {
    case .named(let names): names.map(\.rawValue).joined(separator: ", ")
    case .matching(let pattern): "those whose name matches \(pattern)"
    case .user(let id): "all of user \(id)"
    }
  }
}
