internal import Glibc
public import Sealing
public import Streams

/// Writes one segment file, stream by stream, event by event.
///
///     frame 0      README.txt
///     frame 1..n   events/<stream>/<first>-<last>.ndjson    one chunk = one tar member = one frame
///     frame n+1    manifest.json
///     frame n+2    manifest.sig (empty unless signed) + the end of the tar archive
///     skippable    seek table
///
/// Invariants:
/// - I1 Until ``publish()`` the file has a temporary name that carries the job's id.
/// - I2 The final name only ever appears on a whole, synced, read-only file, and never replaces one.
/// - I3 A writer that throws, or goes before it published, leaves no file.
/// - I4 Frames stand in the file in the order of the manifest, though threads compress them.
///
/// Not `Sendable`. Memory is bounded: a few chunks, or one event that is longer than a chunk.
public final class SegmentWriter {
  let name: SegmentName
  let directory: String
  let job: String
  let identity: SegmentIdentity
  let options: SegmentWriterOptions
  let signer: SegmentSigner?
  let file: PartialFile
  /// Folders that have a new entry, to be synced after publishing.
  let changedFolders: [String]
  var state = State.writing
  var members: MemberSink
  private let encoder = EventLineEncoder()
  private var draft: StreamDraft?
  private var recipient: AgeRecipient?
  var streams: [Manifest.Stream] = []
  private var lines: [UInt8] = []
  private var chunk: ChunkDraft?

  enum State {
    case writing
    case finished(SealedSegment)
    case published
    case failed
  }

  private struct ChunkDraft {
    var first: Revision
    var last: Revision
    var lastAt: Timestamp
  }

  /// Starts a segment under `directory`, making folders as needed.
  ///
  /// - Parameters:
  ///   - name: where the file will lie; for a single stream it must match the range appended.
  ///   - job: 1 to 64 letters, digits, `-` or `_`; part of the temporary name.
  ///   - signer: who signs the manifest; nobody when nil.
  /// - Throws: ``SegmentError/alreadyExists(segment:)``, `.invalidName`, `.io`.
  public init(
    directory: String, name: SegmentName, job: String, identity: SegmentIdentity,
    signer: SegmentSigner? = nil, options: SegmentWriterOptions = SegmentWriterOptions()
  ) throws(SegmentError) {
    guard SegmentName.isJob(job) else { throw .invalidName(job) }
    self.name = name
    self.directory = directory
    self.job = job
    self.identity = identity
    self.options = options
    self.signer = signer
    let folder = directory + "/" + name.folder
    guard !Folder.exists(folder + "/" + name.fileName) else {
      throw .alreadyExists(segment: name.relativePath)
    }
    changedFolders = [folder] + (try Folder.make(folder))
    file = try PartialFile(folder: folder, name: name.fileName, job: job)
    members = try MemberSink(file: file, options: options)
    lines = Array(Readme.text.utf8)
    try members.append(
      MemberJob(name: Readme.member, modified: identity.createdAt), data: &lines)
  }

  deinit { abandon() }

  /// Opens a stream; its events follow in order of their revisions.
  ///
  /// - Parameter recipient: its chunks are sealed to it, and opened by the key that `info.subject`
  ///   names.
  public func beginStream(
    _ info: SegmentStreamInfo, sealedTo recipient: AgeRecipient? = nil
  ) throws(SegmentError) {
    try step { () throws(SegmentError) in
      guard draft == nil else { throw outOfOrder("a stream is begun inside another") }
      guard recipient == nil || info.subject != nil else {
        throw outOfOrder("a stream is sealed for no subject")
      }
      self.recipient = recipient
      draft = StreamDraft(
        info: info, streamID: SegmentName.streamID(store: identity.storeID, stream: info.name))
    }
  }

  /// Appends the stream's next event.
  ///
  /// - Throws: ``SegmentError/outOfOrder(segment:_:)`` unless its revision follows the one before
  ///   and its position is higher; `.eventTooLarge`, `.invalidEvent`, `.io`.
  /// - Complexity: O(bytes); waits for a compressor when all are busy.
  public func append(_ event: EventView) throws(SegmentError) {
    try step { () throws(SegmentError) in
      guard draft != nil else { throw outOfOrder("an event comes before its stream") }
      guard !event.isErased else {
        throw .invalidEvent(segment: name.relativePath, event.revision, "it is erased")
      }
      if let problem = draft?.take(event) { throw outOfOrder(problem) }
      let start = lines.count
      try encode(event)
      let bytes = TarMember.bytes(data: lines.count - start)
      // What does not compress grows when it is sealed, by less than a chunk.
      let room = recipient == nil ? 0 : SegmentLimits.chunkTarget
      guard bytes <= SegmentLimits.frameBytes - room else {
        throw .eventTooLarge(
          segment: name.relativePath, event.revision, bytes: lines.count - start)
      }
      if start > 0, lines.count > options.chunkTarget { try cutChunk(at: start) }
      chunk = ChunkDraft(
        first: chunk?.first ?? event.revision, last: event.revision, lastAt: event.timestamp)
    }
  }

  /// Closes the stream.
  ///
  /// - Throws: ``SegmentError/outOfOrder(segment:_:)`` if it has no event.
  public func endStream() throws(SegmentError) {
    try step { () throws(SegmentError) in
      guard let stream = draft?.stream else { throw outOfOrder("a stream ends without an event") }
      try cutChunk(at: lines.count)
      streams.append(stream)
      draft = nil
    }
  }

  /// Drops the unfinished file. Nothing can be written afterwards.
  public func abandon() {
    if case .published = state { return }
    state = .failed
    file.discard()
  }

  /// Runs one step of writing; any failure ends the segment.
  func step(_ body: () throws(SegmentError) -> Void) throws(SegmentError) {
    guard case .writing = state else { throw outOfOrder("it is no longer being written") }
    do throws(SegmentError) {
      try body()
    } catch {
      abandon()
      throw error
    }
  }

  var hasOpenStream: Bool { draft != nil }

  func outOfOrder(_ what: String) -> SegmentError {
    .outOfOrder(segment: name.relativePath, what)
  }

  private func encode(_ event: EventView) throws(SegmentError) {
    do throws(EventLineError) {
      try encoder.append(event, to: &lines)
    } catch {
      throw .invalidEvent(segment: name.relativePath, event.revision, error.message)
    }
  }

  /// Hands the first `count` bytes of the lines to the compressors; the rest starts the next chunk.
  private func cutChunk(at count: Int) throws(SegmentError) {
    guard let chunk, let draft else { return }
    var next = members.spare()
    next.append(contentsOf: lines[count...])
    lines.removeLast(lines.count - count)
    swap(&next, &lines)
    let encryption: Manifest.Chunk.Encryption = recipient == nil ? .none : .ageV1
    let member = SegmentName.member(
      streamID: draft.streamID, first: chunk.first, last: chunk.last, encryption: encryption)
    try members.append(
      MemberJob(
        name: member, modified: chunk.lastAt,
        chunk: Manifest.Chunk(
          member: member, stream: streams.count, first: chunk.first, last: chunk.last,
          count: chunk.last.rawValue - chunk.first.rawValue + 1, bytes: next.count,
          sha256: SHA256Sum(of: []), encryption: encryption),
        subject: draft.info.subject, recipient: recipient),
      data: &next)
    members.keepSpare(&next)
    self.chunk = nil
  }
}
