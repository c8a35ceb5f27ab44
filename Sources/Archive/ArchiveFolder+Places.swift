public import Segments

extension ArchiveFolder {
  /// Where a segment is made that has its first copy at a target: the file goes once the catalog
  /// has the segment.
  var staging: ArchiveFolder { ArchiveFolder(path: path + "/staging", targets: targets) }

  /// The bytes of one copy of a segment.
  ///
  /// - Parameters:
  ///   - copy: nil for the archive folder.
  ///   - isWhole: all of it will be read, so that few large reads are better than many small ones.
  /// - Throws: `SegmentError` `.missing`, `.unavailable`, `.io`, `.damaged`. What is asked over the
  ///   network throws when it is read.
  public func source(
    of place: SegmentPlace, at copy: CatalogCopy?, isWhole: Bool = false
  ) throws(SegmentError) -> any ByteSource {
    guard let address = copy?.target ?? place.target else {
      return try SegmentFile.open(file(place.file))
    }
    let target: any Target
    do throws(TargetError) {
      target = try targets.target(address)
    } catch {
      throw .unavailable(segment: address + "/" + place.file, reason: error.reason)
    }
    let source = try target.source(place.file, bytes: place.bytes, version: copy?.version)
    return isWhole ? ReadAhead(source) : source
  }

  /// Verifies one copy of a segment against the catalog.
  ///
  /// - Parameter copy: nil for the first copy, wherever that is.
  func verify(
    _ entry: CatalogEntry, _ expected: SegmentExpectation, at copy: CatalogCopy? = nil,
    level: VerifyLevel, threads: Int = Processors.others, keys: Keyring = .empty
  ) -> VerifyReport {
    do throws(SegmentError) {
      return SegmentVerifier.verify(
        try source(of: entry.place, at: copy, isWhole: true), level: level, expected: expected,
        threads: threads, keys: keys)
    } catch {
      return VerifyReport(path: entry.file, level: level, failure: error)
    }
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
    if entry.target == nil { try remove(entry.file) }
    return retained
  }
}
