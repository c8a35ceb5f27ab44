public import Streams

/// Where a segment's file lies under the archive folder: a two-hex-digit folder and a file name.
///
/// Stream names never appear in it: they may be personal data.
public struct SegmentName: Hashable, Sendable, CustomStringConvertible {
  public let folder: String
  /// The segment's id: the file name without its extension.
  public let id: String

  public static let fileExtension = ".tar.zst"

  public var fileName: String { id + Self.fileExtension }
  /// `folder/fileName`.
  public var relativePath: String { folder + "/" + fileName }
  public var description: String { relativePath }

  /// A segment of one stream: `<sid>-<first>-<last>-g<generation>.tar.zst`, the revisions padded to
  /// 12 digits, in the folder of the first two digits of `sid`.
  public init(streamID: String, first: Revision, last: Revision, generation: Int64) {
    folder = String(streamID.prefix(2))
    id = "\(streamID)-\(Self.padded(first))-\(Self.padded(last))-g\(generation)"
  }

  /// A segment of many streams: `pack-<archiveSeq>-g<generation>.tar.zst`, in the folder named by
  /// the low byte of `archiveSeq`.
  public init(pack archiveSeq: Int64, generation: Int64) {
    let byte = String(UInt8(truncatingIfNeeded: archiveSeq), radix: 16)
    folder = byte.utf8.count == 1 ? "0" + byte : byte
    id = "pack-\(archiveSeq)-g\(generation)"
  }

  /// The name of the segment with this manifest, if that is what `relativePath` says.
  public init?(_ relativePath: String, holding manifest: Manifest) {
    guard let name = Self.names(of: manifest).first(where: { $0.relativePath == relativePath })
    else { return nil }
    self = name
  }

  /// The names a segment with this manifest may have: the pack's and, when it holds one stream only,
  /// that of the stream's range.
  public static func names(of manifest: Manifest) -> [SegmentName] {
    let pack = SegmentName(pack: manifest.archiveSeq, generation: manifest.generation)
    guard manifest.streams.count == 1, let stream = manifest.streams.first else { return [pack] }
    let single = SegmentName(
      streamID: streamID(store: manifest.storeID, stream: stream.info.name), first: stream.first,
      last: stream.last, generation: manifest.generation)
    return [single, pack]
  }

  /// A stream's id in file and member names: the first 16 hex digits of the SHA-256 of the store's
  /// id, a line feed and the stream's name.
  public static func streamID(store: String, stream: StreamName) -> String {
    var hash = RunningSHA256()
    hash.update(store)
    hash.update("\n")
    hash.update(stream.rawValue)
    return String(hash.finish().description.prefix(16))
  }

  /// The tar member of a chunk: `events/<streamID>/<first>-<last>.ndjson`, with `.zst.age` after it
  /// when it is encrypted.
  static func member(
    streamID: String, first: Revision, last: Revision, encryption: Manifest.Chunk.Encryption = .none
  ) -> String {
    "events/\(streamID)/\(padded(first))-\(padded(last)).ndjson"
      + (encryption == .ageV1 ? sealedExtension : "")
  }

  static let sealedExtension = ".zst.age"

  /// The name of the unfinished file of `job`; recovery deletes what ends with its own job.
  static func partial(of fileName: String, job: String) -> String {
    fileName + partialSuffix(job: job)
  }

  static func partialSuffix(job: String) -> String { ".\(job)\(partialEnd)" }

  /// What every temporary name ends with.
  static let partialEnd = ".partial"

  /// Whether `text` may be a job's id: 1 to 64 ASCII letters, digits, `-` or `_`.
  static func isJob(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
          || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
      }
  }

  private static func padded(_ revision: Revision) -> String {
    let digits = revision.description
    return String(repeating: "0", count: max(0, 12 - digits.utf8.count)) + digits
  }
}
