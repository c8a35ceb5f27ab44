internal import Streams

/// A tar member to be written.
struct MemberJob: Sendable {
  var name: String
  var modified: Timestamp
  var endsArchive = false
  /// What the manifest will say of it, if it is a chunk; its hash is filled in.
  var chunk: Manifest.Chunk?
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
  private var job: MemberJob?
  private var data: [UInt8] = []
  private var member: [UInt8] = []
  private var frame: [UInt8] = []
  private var result: Result<CompressedMember, SegmentError>?

  init(level: Int32) throws(SegmentError) { compressor = try FrameCompressor(level: level) }

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
    job.chunk?.sha256 = SHA256Sum(of: data)
    let written = data.withUnsafeBytes { data in
      Result { () throws(SegmentError) in
        try TarMember.write(
          name: job.name, modified: job.modified, data: data, endsArchive: job.endsArchive,
          into: &member)
      }
    }
    try written.get()
    let compressed = member.withUnsafeBytes { member in
      Result { () throws(SegmentError) in try compressor.compress(member, into: &frame) }
    }
    let count = try compressed.get()
    var taken: [UInt8] = []
    swap(&taken, &frame)
    return CompressedMember(
      job: job, frame: taken, frameBytes: count, contentBytes: member.count)
  }
}
