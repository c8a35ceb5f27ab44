internal import Glibc
public import Streams

/// An open segment, for reading. Shared freely between threads: every read is a `pread`.
///
/// No byte is served that fails the SHA-256 of its chunk; a damaged chunk is an error that names it,
/// and the others are served.
public final class SegmentFile: Sendable {
  /// A path, or the address of an object.
  public let path: String
  /// Nil when the file was opened with a catalog's index.
  public let manifest: Manifest?
  /// SHA-256 of the manifest's bytes.
  public let manifestSHA256: SHA256Sum?
  /// In the manifest's order. A chunk that is not in the file has no ``SegmentChunk/compressedBytes``.
  public let chunks: [SegmentChunk]
  /// What opening found to be wrong and got round.
  public let damage: [SegmentDamage]
  let file: any ByteSource
  private let signature: FrameSpan?
  let keys: Keyring

  /// Opens a segment whose chunk index is known: a chunk is then one `pread` away.
  ///
  /// - Parameter chunks: the rows of the catalog's chunk index, or those of the streams wanted, in
  ///   the manifest's order.
  /// - Throws: ``SegmentError/missing(segment:)``, `.damaged(.empty)`, `.io`.
  public convenience init(
    path: String, chunks: [SegmentChunk], keys: Keyring = .empty
  ) throws(SegmentError) {
    self.init(try Self.open(path), chunks: chunks, damage: [], keys: keys)
  }

  /// Opens a segment that explains itself: seek table, manifest, checks.
  ///
  /// A damaged seek table is replaced by a walk over the frames, and chunks are found by their
  /// names when the file is not laid out as its manifest says; ``damage`` then tells.
  ///
  /// - Parameter manifest: the bytes of the manifest as a catalog keeps them, to stand in if the
  ///   file's own is damaged. Its hash is for the caller to check.
  /// - Throws: ``SegmentError/missing(segment:)``, or `.damaged` when nothing can be served safely:
  ///   empty, truncated or without manifest, an unknown version, a limit exceeded.
  /// - Complexity: O(chunks), a small read each; O(file) when it is damaged.
  public convenience init(
    path: String, standInManifest manifest: [UInt8]? = nil, keys: Keyring = .empty
  ) throws(SegmentError) {
    try self.init(source: try Self.open(path), standInManifest: manifest, keys: keys)
  }

  /// The same for a segment that is not a local file.
  public convenience init(
    source: any ByteSource, standInManifest manifest: [UInt8]? = nil, keys: Keyring = .empty
  ) throws(SegmentError) {
    try source.checkContent()
    self.init(source, try SegmentLayout(source, standInManifest: manifest), keys: keys)
  }

  /// A segment that is not a local file and whose chunk index is known: nothing is read yet.
  public convenience init(
    source: any ByteSource, chunks: [SegmentChunk], keys: Keyring = .empty
  ) {
    self.init(source, chunks: chunks, damage: [], keys: keys)
  }

  init(_ file: any ByteSource, _ layout: SegmentLayout, keys: Keyring) {
    path = file.path
    self.file = file
    self.keys = keys
    manifest = layout.manifest
    manifestSHA256 = SHA256Sum(of: layout.manifestBytes)
    chunks = layout.chunks
    damage = layout.damage
    signature = layout.signature
  }

  init(
    _ file: any ByteSource, chunks: [SegmentChunk], damage: [SegmentDamage], keys: Keyring
  ) {
    path = file.path
    self.file = file
    self.keys = keys
    self.chunks = chunks
    self.damage = damage
    manifest = nil
    manifestSHA256 = nil
    signature = nil
  }

  /// A local file as a source.
  ///
  /// - Throws: ``SegmentError/missing(segment:)``, `.damaged` when it is empty or no regular file,
  ///   `.io`.
  public static func open(_ path: String) throws(SegmentError) -> any ByteSource {
    do throws(SegmentError) {
      // A pipe in the place of a segment must not be waited for.
      let file = try OpenFile(path, flags: O_RDONLY | O_NONBLOCK)
      guard try file.status().st_mode & S_IFMT == S_IFREG else {
        throw .damaged(segment: path, .unsupported("it is not a regular file"))
      }
      try file.checkContent()
      return file
    } catch {
      if case .io("open", _, ENOENT) = error { throw .missing(segment: path) }
      throw error
    }
  }

  /// The data of member `manifest.sig`: 64 bytes, or none when the segment is unsigned. Whether it
  /// holds is for ``SegmentVerifier`` to say.
  ///
  /// - Throws: ``SegmentError/damaged(segment:_:)`` when the member is damaged or missing, or the
  ///   file was opened with a catalog's index; `.io`.
  public func readSignature() throws(SegmentError) -> [UInt8] {
    var reader = try FrameReader()
    guard let signature,
      let bytes = try reader.member(SegmentWriter.signatureMember, at: signature, from: file)
    else { throw .damaged(segment: path, .memberCorrupt(SegmentWriter.signatureMember)) }
    return bytes
  }

  /// Reads and checks chunk `index` of ``chunks``.
  ///
  /// - Throws: ``SegmentError/damaged(segment:_:)`` naming the chunk and its revisions, `.io`,
  ///   `.keyUnavailable`. An encrypted chunk whose key is gone is served, each event as erased.
  /// - Complexity: O(bytes of the chunk): one read, about 650 MB/s of event lines.
  public func readChunk(_ index: Int, into buffer: inout ChunkBuffer) throws(SegmentError) {
    try buffer.load(request(index))
  }

  /// The chunk of a stream, by its index in the manifest, that holds `revision`.
  ///
  /// - Complexity: O(log chunks).
  public func chunk(ofStream stream: Int, holding revision: Revision) -> Int? {
    var low = 0
    var high = chunks.count
    while low < high {
      let middle = (low + high) / 2
      let chunk = chunks[middle]
      if (chunk.stream, chunk.last) < (stream, revision) { low = middle + 1 } else { high = middle }
    }
    guard low < chunks.count, chunks[low].stream == stream, chunks[low].first <= revision else {
      return nil
    }
    return low
  }

  func request(_ index: Int) -> ChunkRequest { request(index, keys: keys) }

  func request(_ index: Int, keys: Keyring?) -> ChunkRequest {
    ChunkRequest(
      index: index, chunk: chunks[index], file: file, keys: keys, absence: absence(of: index))
  }

  func range(of index: Int) -> ChunkRange { chunks[index].range(at: index) }

  /// Why a chunk is not in the file; nil if it is.
  func absence(of index: Int) -> SegmentError? {
    guard chunks[index].compressedBytes <= 0 else { return nil }
    let truncation = damage.first { damage in
      if case .truncated = damage { true } else { false }
    }
    return .damaged(segment: path, truncation ?? .chunkMissing(range(of: index)))
  }
}

extension ByteSource {
  /// An empty file counts as missing.
  func checkContent() throws(SegmentError) {
    guard try size() > 0 else { throw .damaged(segment: path, .empty) }
  }
}
