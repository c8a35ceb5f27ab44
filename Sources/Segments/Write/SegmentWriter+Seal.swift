internal import Glibc
internal import Streams

extension SegmentWriter {
  static let manifestMember = "manifest.json"
  static let signatureMember = "manifest.sig"

  /// Does ``finish()``, ``publish()`` and ``syncDirectory()``.
  public func seal() throws(SegmentError) -> SealedSegment {
    let segment = try finish()
    try publish()
    try syncDirectory()
    return segment
  }

  /// Writes manifest, signature and seek table, and makes the file read-only and durable, still
  /// under its temporary name. A failed fsync is final: the file goes.
  public func finish() throws(SegmentError) -> SealedSegment {
    var sealed: SealedSegment?
    try step { () throws(SegmentError) in
      guard !hasOpenStream else { throw outOfOrder("it ends inside a stream") }
      try members.drain()
      let manifest = try checkedManifest()
      let manifestBytes = manifest.encoded
      guard TarMember.bytes(data: manifestBytes.count) <= SegmentLimits.frameBytes,
        manifest.chunks.count + 3 <= SegmentLimits.frames
      else { throw outOfOrder("its manifest is too large for a frame") }
      try append(Self.manifestMember, manifestBytes, endsArchive: false)
      let signature = try signer?.sign(manifestBytes, of: name.relativePath) ?? []
      try append(Self.signatureMember, signature, endsArchive: true)
      try members.drain()
      try file.write(members.table.encoded)
      try file.finish()
      sealed = SealedSegment(
        name: name, path: file.finalPath, bytes: file.bytes, sha256: file.sha256,
        manifest: manifest, manifestBytes: manifestBytes,
        manifestSHA256: SHA256Sum(of: manifestBytes), chunks: members.chunks)
    }
    guard let sealed else { throw outOfOrder("it is not finished") }
    state = .finished(sealed)
    return sealed
  }

  /// Gives the finished file its final name, never replacing another.
  ///
  /// - Throws: ``SegmentError/alreadyExists(segment:)`` if the name is taken; the new file goes.
  public func publish() throws(SegmentError) {
    guard case .finished = state else { throw outOfOrder("it is not finished") }
    do throws(SegmentError) {
      try file.publish()
      state = .published
    } catch {
      abandon()
      throw error
    }
  }

  /// Makes the final name durable: syncs the folder, and each parent that got a new one.
  public func syncDirectory() throws(SegmentError) {
    guard case .published = state else { throw outOfOrder("it is not published") }
    let always = Self.folders(of: name, in: directory)
    for folder in changedFolders where !always.contains(folder) { try Folder.sync(folder) }
    try Self.syncFolders(of: name, in: directory)
  }

  /// Makes the name of a segment durable that somebody else published, and may not have synced: its
  /// folder and the archive's.
  public static func syncFolders(
    of name: SegmentName, in directory: String
  ) throws(SegmentError) {
    for folder in folders(of: name, in: directory) { try Folder.sync(folder) }
  }

  private static func folders(of name: SegmentName, in directory: String) -> [String] {
    [directory + "/" + name.folder, directory]
  }

  private func append(
    _ member: String, _ bytes: [UInt8], endsArchive: Bool
  ) throws(SegmentError) {
    var bytes = bytes
    try members.append(
      MemberJob(name: member, modified: identity.createdAt, endsArchive: endsArchive),
      data: &bytes)
  }

  private func checkedManifest() throws(SegmentError) -> Manifest {
    let manifest = Manifest(
      segmentID: name.id, storeID: identity.storeID, archiveSeq: identity.archiveSeq,
      generation: identity.generation, createdAt: identity.createdAt,
      writer: Manifest.Writer(
        name: "rookery", version: identity.writerVersion, level: Int64(options.level),
        frameTarget: Int64(options.chunkTarget)),
      streams: streams, chunks: members.manifestChunks, prev: identity.prev,
      supersedes: identity.supersedes, signingKey: signer?.publicKey.id)
    do throws(ManifestError) {
      try manifest.validate()
    } catch {
      throw outOfOrder(error.message)
    }
    guard SegmentName.names(of: manifest).contains(name) else {
      throw outOfOrder("its name does not fit its content")
    }
    return manifest
  }

  /// Deletes what a crash left of `job` under `directory`: its temporary files, and nobody else's.
  ///
  /// - Returns: the paths deleted.
  /// - Complexity: O(files in the archive folder).
  @discardableResult
  public static func removePartials(
    of job: String, in directory: String
  ) throws(SegmentError) -> [String] {
    guard SegmentName.isJob(job) else { throw .invalidName(job) }
    return try removePartials(ending: SegmentName.partialSuffix(job: job), in: directory)
  }

  /// Deletes the temporary files of all jobs under `directory`, where none is under way.
  ///
  /// - Returns: the paths deleted.
  /// - Complexity: O(files in the archive folder).
  public static func removePartials(in directory: String) throws(SegmentError) -> [String] {
    try removePartials(ending: SegmentName.partialEnd, in: directory)
  }

  private static func removePartials(
    ending suffix: String, in directory: String
  ) throws(SegmentError) -> [String] {
    var removed: [String] = []
    for folder in try Folder.names(in: directory) where folder.utf8.count == 2 {
      let path = directory + "/" + folder
      for name in try Folder.names(in: path) where name.hasSuffix(suffix) {
        guard unlink(path + "/" + name) == 0 || errno == ENOENT else {
          throw .io(operation: "unlink", path: path + "/" + name, errno: errno)
        }
        removed.append(path + "/" + name)
      }
    }
    return removed
  }
}
