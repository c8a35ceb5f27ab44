public import Segments
internal import Streams

extension ArchiveFolder {
  /// Where a segment is made that has its first copy at a target: the file goes once the catalog
  /// has the segment.
  var staging: ArchiveFolder { ArchiveFolder(path: path + "/staging", targets: targets) }

  /// The bytes of one copy of a segment.
  ///
  /// - Parameters:
  ///   - copy: nil for the first one, wherever that is.
  ///   - isWhole: all of it will be read, so that few large reads are better than many small ones.
  ///   - asksLength: does not take the catalog's word for it.
  /// - Throws: `SegmentError` `.missing`, `.unavailable`, `.io`, `.damaged`. What is asked over the
  ///   network throws when it is read.
  public func source(
    of place: SegmentPlace, at copy: CatalogCopy?, isWhole: Bool = false,
    asksLength: Bool = false
  ) throws(SegmentError) -> any ByteSource {
    guard let address = copy?.target ?? place.target else {
      return try opened(place.file)
    }
    // Until its first copy is at its target, it is here.
    if copy == nil, staging.has(place.file) {
      return try SegmentFile.open(staging.file(place.file))
    }
    let target: any Target
    do throws(TargetError) {
      target = try targets.target(address)
    } catch {
      throw .unavailable(segment: address + "/" + place.file, reason: error.reason)
    }
    let source = try target.source(
      place.file, bytes: asksLength ? nil : place.bytes,
      version: copy.map(\.version) ?? place.version)
    return isWhole ? ReadAhead(source) : source
  }

  /// One of the folder's own files.
  ///
  /// - Throws: `SegmentError` `.unavailable` when not the file is missing but the folder.
  private func opened(_ relative: String) throws(SegmentError) -> any ByteSource {
    do throws(SegmentError) {
      return try SegmentFile.open(file(relative))
    } catch {
      guard case .missing = error, let absence else { throw error }
      throw .unavailable(segment: file(relative), reason: absence)
    }
  }

  /// What tells the folder from other places, see ``TargetAddress/identity``.
  var identity: String {
    TargetAddress.folder(path).identity
  }

  /// Two copies in one place, which may be written in two ways, are one.
  ///
  /// - Throws: ``TargetError/invalidAddress(_:reason:)``; what a target that can't be used throws.
  public func check(_ settings: SegmentSettings) throws(TargetError) {
    var taken: [String: String] = [identity: path]
    for place in settings.places {
      let address = try targets.target(place).address
      if let other = taken.updateValue(address, forKey: try TargetAddress(address).identity) {
        throw .invalidAddress(
          address, reason: "it is the same place as \(other), and two copies there would be one")
      }
    }
  }

  /// Verifies one copy of a segment against the catalog.
  ///
  /// - Parameters:
  ///   - copy: nil for the first copy, wherever that is.
  ///   - absences: a place that is known to be away is not asked.
  ///   - stop: the report is of no use once it is made.
  func verify(
    _ entry: CatalogEntry, _ expected: SegmentExpectation, at copy: CatalogCopy? = nil,
    level: VerifyLevel, threads: Int = Processors.others, keys: Keyring = .empty,
    absences: Absences = Absences(), stop: StopRequest = .never
  ) -> VerifyReport {
    let address = address(of: entry.place, at: copy)
    if let reason = absences.reason(at: address) {
      return VerifyReport(
        path: entry.file, level: level, failure: .unavailable(segment: entry.file, reason: reason))
    }
    let report = verify(
      entry, expected, at: copy, level: level, threads: threads, keys: keys, stop)
    if !stop.isMade { absences.note(report.unavailability, at: address) }
    return report
  }

  private func verify(
    _ entry: CatalogEntry, _ expected: SegmentExpectation, at copy: CatalogCopy?,
    level: VerifyLevel, threads: Int, keys: Keyring, _ stop: StopRequest
  ) -> VerifyReport {
    do throws(SegmentError) {
      let source = try source(of: entry.place, at: copy, isWhole: true, asksLength: true)
      return SegmentVerifier.verify(
        StoppableSource(source, stop), level: level, expected: expected, threads: threads,
        keys: keys)
    } catch {
      return VerifyReport(path: entry.file, level: level, failure: error)
    }
  }

  /// What a copy is called: its target's address, or the path of the archive folder.
  func address(of place: SegmentPlace, at copy: CatalogCopy?) -> String {
    if copy == nil, place.target != nil, staging.has(place.file) { return staging.path }
    return copy?.target ?? place.target ?? path
  }

  /// Deletes every copy of a segment whose time is over.
  ///
  /// - Returns: the addresses where a lock keeps it: the object stays there until the lock ends.
  /// - Throws: ``TargetError``, ``ArchiveError`` `.folder`; calling it again goes on.
  public func delete(_ entry: CatalogEntry, copies: [CatalogCopy]) throws -> [String] {
    var retained: [String] = []
    for copy in copies {
      do throws(TargetError) {
        try targets.target(copy.target).delete(entry.file, version: copy.version)
      } catch .retained {
        retained.append(copy.target)
      }
    }
    if entry.target == nil {
      try remove(entry.file)
    } else if staging.has(entry.file) {
      try staging.remove(entry.file)
    }
    return retained
  }
}
