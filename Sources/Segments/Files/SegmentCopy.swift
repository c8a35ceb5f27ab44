/// Copies a segment to another folder, with the same promise as for a new one: the final name only
/// ever appears on a whole, synced, read-only file, and never replaces one.
public enum SegmentCopy {
  private static let job = "copy"

  /// Writes `source` as `directory/name`; the folder of `name` is made, `directory` must be there.
  ///
  /// - Parameters:
  ///   - name: `folder/file`, as the catalog has it.
  ///   - sha256: of the source, checked on the way.
  /// - Throws: ``SegmentError/alreadyExists(segment:)``; `.damaged` when the source has another hash;
  ///   what reading and writing throw.
  /// - Complexity: O(file); memory 1 MiB.
  public static func write(
    _ source: any ByteSource, to directory: String, as name: String, sha256: SHA256Sum
  ) throws(SegmentError) {
    let path = directory + "/" + name
    let folder = Folder.parent(of: path)
    guard Folder.exists(directory) else { throw .missing(segment: directory) }
    _ = try Folder.make(folder)
    // What a killed process left of the same work.
    _ = try removePartials(in: directory)
    let file = try PartialFile(
      folder: folder, name: String(path.dropFirst(folder.utf8.count + 1)), job: job)
    var offset: Int64 = 0
    while true {
      let bytes = try source.bytes(at: offset, count: 1 << 20)
      if bytes.isEmpty { break }
      try file.write(bytes)
      offset += Int64(bytes.count)
    }
    guard file.sha256 == sha256 else {
      throw .damaged(segment: source.path, .fileHashMismatch)
    }
    try file.finish()
    try file.publish()
    try sync(name, in: directory)
  }

  /// Deletes what killed processes left of copies in `directory`.
  ///
  /// - Returns: the paths deleted.
  public static func removePartials(in directory: String) throws(SegmentError) -> [String] {
    try SegmentWriter.removePartials(of: job, in: directory)
  }

  /// Makes durable that `directory/name` is there, or is not.
  public static func sync(_ name: String, in directory: String) throws(SegmentError) {
    try Folder.sync(Folder.parent(of: directory + "/" + name))
    try Folder.sync(directory)
  }
}
