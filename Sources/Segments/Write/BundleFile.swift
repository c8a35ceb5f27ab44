internal import Glibc
public import Streams

/// Writes a `.tar.zst` of any files, laid out as a segment is: one member, one zstd frame, and a
/// seek table at the end. Its last members are `SHA256SUMS`, over all others, and the list's
/// signature.
///
/// Until it is sealed the file has a temporary name; it never replaces another. Memory is bounded: a
/// few members, each of which must fit a frame.
public final class BundleFile {
  public static let sums = "SHA256SUMS"
  public static let sumsSignature = "SHA256SUMS.sig"

  private let path: String
  private let file: PartialFile
  private let modified: Timestamp
  private let signer: SegmentSigner?
  private var members: MemberSink
  private var lines: [UInt8] = []
  private var names: Set<String> = []

  /// What was written.
  public struct Sealed: Sendable, Hashable {
    public var path: String
    public var bytes: Int64
    public var sha256: SHA256Sum
    public var members: Int
  }

  /// - Parameters:
  ///   - modified: the members' time; cut to whole seconds.
  ///   - signer: who signs `SHA256SUMS`; nil for nobody.
  /// - Throws: ``SegmentError/alreadyExists(segment:)``, `.io`.
  public init(
    path: String, modified: Timestamp, signer: SegmentSigner?,
    options: SegmentWriterOptions = SegmentWriterOptions()
  ) throws(SegmentError) {
    guard !Folder.exists(path) else { throw .alreadyExists(segment: path) }
    self.path = path
    self.modified = modified
    self.signer = signer
    let folder = Folder.parent(of: path)
    let name = path.split(separator: "/").last.map(String.init) ?? path
    try Self.removeAbandoned(name, in: folder)
    file = try PartialFile(folder: folder, name: name, job: Self.job(of: getpid()))
    members = try MemberSink(file: file, options: options)
  }

  /// Appends a member; `data` is empty afterwards.
  ///
  /// - Parameter name: ASCII, below 100 bytes, new to the bundle.
  /// - Throws: ``SegmentError/outOfOrder(segment:_:)`` for a name that is not, or data that fits no
  ///   frame; `.io`.
  public func append(_ name: String, _ data: inout [UInt8]) throws(SegmentError) {
    guard names.insert(name).inserted, name.utf8.count < 100, name.utf8.allSatisfy({ $0 < 0x7F })
    else { throw .outOfOrder(segment: path, "member \(name) can't be named so") }
    lines += Array("\(SHA256Sum(of: data))  \(name)\n".utf8)
    try write(name, &data)
  }

  public func append(_ name: String, text: String) throws(SegmentError) {
    var data = Array(text.utf8)
    try append(name, &data)
  }

  /// Writes the list, its signature and the seek table, makes the file read-only and durable, and
  /// gives it its name.
  public func seal() throws(SegmentError) -> Sealed {
    let signature = try signer.map { signer throws(SegmentError) in
      try signer.sign(lines, of: path)
    }
    var list = lines
    try write(Self.sums, &list, endsArchive: signature == nil)
    if var signature { try write(Self.sumsSignature, &signature, endsArchive: true) }
    try members.drain()
    try file.write(members.table.encoded)
    try file.finish()
    try file.publish()
    try Folder.sync(Folder.parent(of: path))
    return Sealed(
      path: path, bytes: file.bytes, sha256: file.sha256,
      members: names.count + (signature == nil ? 1 : 2))
  }

  private func write(
    _ name: String, _ data: inout [UInt8], endsArchive: Bool = false
  ) throws(SegmentError) {
    guard TarMember.bytes(data: data.count) <= SegmentLimits.frameBytes else {
      throw .outOfOrder(segment: path, "member \(name) is too large for a frame")
    }
    try members.append(
      MemberJob(name: name, modified: modified, endsArchive: endsArchive), data: &data)
    data.removeAll(keepingCapacity: true)
  }

  private static func job(of process: pid_t) -> String { "bundle-\(process)" }

  /// Deletes what processes left behind that were killed while they wrote this bundle.
  private static func removeAbandoned(_ name: String, in folder: String) throws(SegmentError) {
    let (prefix, suffix) = (name + ".bundle-", ".partial")
    for file in try Folder.names(in: folder)
    where file.hasPrefix(prefix) && file.hasSuffix(suffix) {
      guard let process = pid_t(file.dropFirst(prefix.count).dropLast(suffix.count)),
        kill(process, 0) != 0, errno == ESRCH
      else { continue }
      unlink(folder + "/" + file)
    }
  }
}
