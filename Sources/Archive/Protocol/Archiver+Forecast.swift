public import EventStore
internal import Segments
internal import Streams

extension Archiver {
  /// What ``run(grace:releasingOnlyNew:plan:progress:)`` would do with the same plan, without doing
  /// any of it. The store may be open for reading only.
  ///
  /// - Complexity: O(streams + rows that would move); no payload is read.
  public func forecast(
    grace: Int64, copyBudget: Int64 = Self.copyBudget, plan: (Snapshot) throws -> ArchivePlan
  ) throws -> ArchiveForecast {
    try store.read { snapshot in
      let plan = try plan(snapshot)
      var forecast = ArchiveForecast()
      forecast.closing = plan.closing.map(\.stream)
      forecast.waiting = plan.waiting
      forecast.segments = try begun(snapshot) + planned(plan, snapshot)
      forecast.copies = try owed(snapshot)
      forecast.add(try missingMirrors(plan, snapshot), budget: copyBudget)
      try settleReleases(&forecast, grace: grace, snapshot)
      return forecast
    }
  }

  /// The job that recovery would complete.
  private func begun(_ snapshot: Snapshot) throws -> [ArchiveForecast.Segment] {
    guard let job = try ArchiveJob.pending(snapshot.db, storeID: store.id),
      try job.isPossible(snapshot)
    else { return [] }
    let parts = try job.ranges.map { range in
      let record = try snapshot.stream(numbered: range.stream)
      return ArchiveForecast.Part(
        stream: record.name, first: Revision(range.first),
        last: Revision(range.last), isWhole: range.isWhole, reason: nil, policy: nil,
        rows: try HotRows.footprint(
          snapshot.db, stream: range.stream, revisions: range.first...range.last),
        isSealed: record.staysSealed)
    }
    return [
      ArchiveForecast.Segment(
        archiveSeq: job.archiveSeq, file: job.name.relativePath, settings: job.settings,
        parts: parts, isBegun: true)
    ]
  }

  /// The copies that earlier runs owe.
  private func owed(_ snapshot: Snapshot) throws -> [ArchiveForecast.Copy] {
    try PendingJob.all(snapshot, folder.targets).flatMap { job in
      job.targets.map {
        ArchiveForecast.Copy(
          archiveSeq: job.archiveSeq, file: job.file, bytes: job.bytes, address: $0, policy: nil,
          isLater: false)
      }
    }
  }

  private func planned(
    _ plan: ArchivePlan, _ snapshot: Snapshot
  ) throws -> [ArchiveForecast.Segment] {
    let head = try Catalog.head(snapshot.db)?.archiveSeq ?? 0
    let first = head + 1 + Int64(try begun(snapshot).count)
    return try plan.segments.enumerated().map { index, segment in
      let archiveSeq = first + Int64(index)
      let ranges = segment.items.map(JobRange.init)
      return ArchiveForecast.Segment(
        archiveSeq: archiveSeq,
        file: try ArchiveJob.name(
          snapshot.db, of: ranges, archiveSeq: archiveSeq, storeID: store.id
        ).relativePath,
        settings: segment.settings, parts: try segment.items.map { try part($0, snapshot) },
        isBegun: false)
    }
  }

  private func part(
    _ item: ArchivePlan.Item, _ snapshot: Snapshot
  ) throws -> ArchiveForecast.Part {
    ArchiveForecast.Part(
      stream: item.stream, first: item.first, last: item.last, isWhole: item.isWhole,
      reason: item.reason, policy: item.policy,
      rows: try HotRows.footprint(
        snapshot.db, stream: item.streamID, revisions: item.first.rawValue...item.last.rawValue),
      isSealed: item.isSealed)
  }

  /// Which rows would go, in the order of the segments, as the release takes them.
  private func settleReleases(
    _ forecast: inout ArchiveForecast, grace: Int64, _ snapshot: Snapshot
  ) throws {
    var prunedTo: [StreamName: Int64] = [:]
    for entry in try Catalog.living(snapshot.db) where entry.state != .pruned {
      let ranges = try Catalog.ranges(snapshot.db, in: entry.archiveSeq).map {
        (try snapshot.stream(numbered: $0.stream), $0.first, $0.last)
      }
      let heldBack = heldBack(ranges, entry, grace, &prunedTo)
      var (events, bytes): (Int64, Int64) = (0, 0)
      for (record, first, last) in ranges where record.status != .deleted {
        let rows = try HotRows.footprint(snapshot.db, stream: record.id, revisions: first...last)
        events += rows.events
        bytes += rows.bytes
      }
      forecast.releases.append(
        ArchiveForecast.Release(
          archiveSeq: entry.archiveSeq, file: entry.file, events: events, bytes: bytes,
          heldBack: heldBack))
    }
    for index in forecast.segments.indices {
      let ranges = try forecast.segments[index].parts.map {
        (try snapshot.readableStream($0.stream), $0.first.rawValue, $0.last.rawValue)
      }
      forecast.segments[index].heldBack = heldBack(ranges, nil, grace, &prunedTo)
    }
  }

  /// - Parameter entry: nil for a segment that would be made now.
  private func heldBack(
    _ ranges: [(StreamRecord, first: Int64, last: Int64)], _ entry: CatalogEntry?, _ grace: Int64,
    _ prunedTo: inout [StreamName: Int64]
  ) -> HeldBack? {
    if entry?.state == .quarantined { return .quarantined }
    let end = Timestamp(microseconds: (entry?.archivedAt ?? now).microseconds + grace)
    if end > now { return .grace(until: end) }
    for (record, first, _) in ranges {
      let gone = prunedTo[record.name] ?? record.prunedTo
      if let held = HeldBack(record, from: first, prunedTo: gone, now: now) { return held }
    }
    for (record, _, last) in ranges { prunedTo[record.name] = last }
    return nil
  }
}

extension ArchiveForecast {
  /// In the order, and within the budget, of a run.
  fileprivate mutating func add(_ mirrors: [ArchivePlan.Mirror], budget: Int64) {
    var bytes: Int64 = 0
    for mirror in mirrors {
      let isLater = bytes > 0 && bytes + mirror.bytes > budget
      if !isLater { bytes += mirror.bytes }
      copies.append(
        Copy(
          archiveSeq: mirror.archiveSeq, file: mirror.file, bytes: mirror.bytes,
          address: mirror.address, policy: mirror.policy, isLater: isLater))
    }
  }
}
