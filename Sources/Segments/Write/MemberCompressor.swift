internal import Sealing
internal import Streams

/// A tar member to be written.
struct MemberJob: Sendable {
  var name: String
  var modified: Timestamp
  var endsArchive = false
  /// What the manifest will say of it, if it is a chunk; its length and hash are filled in.
  var chunk: Manifest.Chunk?
  /// The key id of the chunk's stream.
  var subject: String?
  /// To whom the data is still to be sealed.
  var recipient: AgeRecipient?
}

/// A finished frame.
struct CompressedMember: Sendable {
  var job: MemberJob
  var frame: [UInt8]
  var frameBytes: Int
  var contentBytes: Int
}

/// Makes one tar member into one zstd frame; a lane of the writer's pipeline.
struct MemberCompressor: ~Copyable {
  private let compressor: FrameCompressor
  /// For what is encrypted already.
  private let sealedCompressor: FrameCompressor
  private var job: MemberJob?
  private var data: [UInt8] = []
  private var member: [UInt8] = []
  private var frame: [UInt8] = []
  private var result: Result<CompressedMember, SegmentError>?

  init(level: Int32) throws(SegmentError) {
    let compressor = try FrameCompressor(level: level)
    let sealedCompressor = try FrameCompressor(level: SegmentLimits.sealedLevel)
    self.compressor = compressor
    self.sealedCompressor = sealedCompressor
  }

  /// Takes `data` and leaves an empty buffer in its place.
  mutating func load(_ job: MemberJob, _ data: inout [UInt8]) {
    self.job = job
    self.data.removeAll(keepingCapacity: self.data.capacity <= 4 * SegmentLimits.chunkTarget)
    swap(&self.data, &data)
  }

  mutating func run() {
    result = Result { () throws(SegmentError) in try compress() }
  }

  mutating func unload() -> Result<CompressedMember, SegmentError> {
    defer { result = nil }
    return result ?? .failure(.outOfMemory)
  }

  /// Gives the frame's memory back for the next.
  mutating func recycle(_ frame: inout [UInt8]) { swap(&self.frame, &frame) }

  private mutating func compress() throws(SegmentError) -> CompressedMember {
    guard var job else { throw .outOfMemory }
    if let recipient = job.recipient { try seal(to: recipient) }
    job.chunk?.bytes = data.count
    job.chunk?.sha256 = SHA256Sum(of: data)
    let written = data.withUnsafeBytes { data in
      Result { () throws(SegmentError) in
        try TarMember.write(
          name: job.name, modified: job.modified, data: data, endsArchive: job.endsArchive,
          into: &member)
      }
    }
    try written.get()
    let isSealed = job.chunk?.encryption == .ageV1
    let count =
      try isSealed ? sealedCompressor.compress(member, &frame) : compressor.compress(member, &frame)
    var taken: [UInt8] = []
    swap(&taken, &frame)
    return CompressedMember(
      job: job, frame: taken, frameBytes: count, contentBytes: member.count)
  }

  /// Puts in place of the event lines the age file with them, compressed.
  private mutating func seal(to recipient: AgeRecipient) throws(SegmentError) {
    let count = try compressor.compress(data, &frame)
    let sealed = frame.withUnsafeBytes { frame in
      Result { () throws(AgeError) in
        try AgeSealer(to: recipient).seal(frame.slice(0..<count), into: &data)
      }
    }
    do { try sealed.get() } catch { throw .keyUnavailable(error.message) }
  }
}

extension FrameCompressor {
  fileprivate func compress(
    _ content: [UInt8], _ frame: inout [UInt8]
  ) throws(SegmentError) -> Int {
    let compressed = content.withUnsafeBytes { content in
      Result { () throws(SegmentError) in try compress(content, into: &frame) }
    }
    return try compressed.get()
  }
}
