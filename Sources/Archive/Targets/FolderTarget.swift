internal import Glibc
internal import Segments
internal import Streams

/// Segments as files under another folder, such as a second disk.
///
/// The folder itself is never made: one that is missing is a disk that is not mounted.
struct FolderTarget: Target {
  let address: String
  let mustLock = false

  private var folder: ArchiveFolder { ArchiveFolder(path: address) }

  func put(_ file: any ByteSource, as name: String, sha256: SHA256Sum) throws(TargetError) -> Bool {
    try checkMounted()
    do throws(SegmentError) {
      guard try stat(at: name) == nil else {
        // Its name may be in the cache only: whoever wrote it may have been killed before this.
        try SegmentCopy.sync(name, in: address)
        return false
      }
      try SegmentCopy.write(file, to: address, as: name, sha256: sha256)
      return true
    } catch .alreadyExists {
      return false
    } catch {
      throw .local(.init(error))
    }
  }

  func stat(_ name: String, version: String?) throws(TargetError) -> TargetObject? {
    try checkMounted()
    do throws(SegmentError) {
      return try stat(at: name)
    } catch {
      throw .local(.init(error))
    }
  }

  private func stat(at name: String) throws(SegmentError) -> TargetObject? {
    do throws(SegmentError) {
      return TargetObject(bytes: try SegmentFile.open(folder.file(name)).size())
    } catch .missing {
      return nil
    }
  }

  func source(
    _ name: String, bytes: Int64?, version: String?
  ) throws(SegmentError) -> any ByteSource {
    do throws(TargetError) {
      try checkMounted()
    } catch {
      throw .unavailable(segment: folder.file(name), reason: error.reason)
    }
    return try SegmentFile.open(folder.file(name))
  }

  func delete(_ name: String, version: String?) throws(TargetError) {
    try checkMounted()
    let path = folder.file(name)
    guard unlink(path) == 0 || errno == ENOENT else {
      throw .refused(
        address: address, attempted: "deleting \(name)", status: Int(errno),
        reason: String(cString: strerror(errno)))
    }
    guard access(Folder.parent(of: path), F_OK) == 0 else { return }
    do throws(SegmentError) {
      // What was deleted to erase somebody must not come back after a power cut.
      try SegmentCopy.sync(name, in: address)
    } catch {
      throw .local(.init(error))
    }
  }

  /// To `quarantine/`, as in the archive folder.
  func putAside(_ name: String, version: String?) throws(TargetError) {
    try checkMounted()
    do {
      try folder.quarantine(name)
    } catch let error as any CodedError {
      throw .local(.init(error))
    } catch {
      throw .unexpected(address: address, attempted: "moving \(name)", reason: "\(error)")
    }
  }

  func names() throws(TargetError) -> [String] {
    try checkMounted()
    return folder.files()
  }

  private func checkMounted() throws(TargetError) {
    guard access(address, F_OK) == 0 else {
      throw .unreachable(
        address: address, attempted: "Opening the folder", attempts: 1,
        reason: String(cString: strerror(errno)))
    }
  }
}
