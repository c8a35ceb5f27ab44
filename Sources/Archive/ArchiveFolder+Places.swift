internal import EventStore
internal import Glibc
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
    of entry: CatalogEntry, at copy: CatalogCopy?, isWhole: Bool = false
  ) throws(SegmentError) -> any ByteSource {
    guard let address = copy?.target ?? entry.target else {
      return try SegmentFile.open(file(entry.file))
    }
    let target: any Target
    do throws(TargetError) {
      target = try targets.target(address)
    } catch {
      throw .unavailable(segment: address + "/" + entry.file, reason: error.reason)
    }
    let source = try target.source(entry.file, bytes: entry.bytes, version: copy?.version)
    return isWhole ? ReadAhead(source) : source
  }

  /// Verifies one copy of a segment against the catalog.
  ///
  /// - Parameter copy: nil for the first copy, wherever that is.
  func verify(
    _ entry: CatalogEntry, of store: EventStore, at copy: CatalogCopy? = nil, level: VerifyLevel
  ) -> VerifyReport {
    do throws(SegmentError) {
      return SegmentVerifier.verify(
        try source(of: entry, at: copy, isWhole: true), level: level,
        expected: entry.expectation(of: store))
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

  /// Deletes a file, which may be gone already, and makes that durable.
  func remove(_ relative: String) throws {
    guard unlink(file(relative)) == 0 || errno == ENOENT else {
      throw ArchiveError.folder(path: file(relative), detail: String(cString: strerror(errno)))
    }
    let folder = file(relative).split(separator: "/", omittingEmptySubsequences: false)
      .dropLast().joined(separator: "/")
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw ArchiveError.folder(path: folder, detail: String(cString: strerror(errno)))
    }
  }
}
