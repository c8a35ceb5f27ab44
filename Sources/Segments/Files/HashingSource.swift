internal import Streams
internal import Synchronization

/// A source that hashes what is read of it in passing, so that reading all of it once is enough both
/// to check its parts and to know the SHA-256 of the whole.
///
/// Reads may come from several threads and in any order, mostly forward: what was skipped is read
/// before what follows it is hashed.
final class HashingSource: ByteSource {
  private let base: any ByteSource
  private let state = Mutex(State())

  private struct State {
    var hash = RunningSHA256()
    /// All bytes before it were hashed.
    var end: Int64 = 0
    var scratch: [UInt8] = []
  }

  private static let stepBytes = 1 << 20

  init(_ base: any ByteSource) { self.base = base }

  deinit { state.withLock { SpareBuffers.give(&$0.scratch) } }

  var path: String { base.path }

  func size() throws(SegmentError) -> Int64 { try base.size() }

  func permissions() throws(SegmentError) -> UInt32? { try base.permissions() }

  func dropCache() { base.dropCache() }

  func read(
    into bytes: UnsafeMutableRawBufferPointer, at offset: Int64
  ) throws(SegmentError) -> Int {
    let count = try base.read(into: bytes, at: offset)
    try state.locked { state throws(SegmentError) in
      guard offset + Int64(count) > state.end else { return }
      if offset > state.end { try hash(upTo: offset, &state) }
      let known = Int(state.end - offset)
      guard known >= 0, known < count else { return }
      state.hash.update(UnsafeRawBufferPointer(rebasing: bytes[known..<count]))
      state.end += Int64(count - known)
    }
    return count
  }

  /// SHA-256 of all of it; reads what nobody has read yet.
  ///
  /// - Complexity: O(bytes not hashed yet); memory 1 MiB.
  func sha256() throws(SegmentError) -> SHA256Sum {
    try state.locked { state throws(SegmentError) in
      try hash(upTo: .max, &state)
      return state.hash.finish()
    }
  }

  private func hash(upTo end: Int64, _ state: inout State) throws(SegmentError) {
    state.scratch.makeRoom(Self.stepBytes)
    while state.end < end {
      let wanted = Int(min(end - state.end, Int64(Self.stepBytes)))
      let count = try state.scratch.fill(wanted, from: base, at: state.end)
      guard count > 0 else { return }
      state.scratch.withUnsafeBytes { state.hash.update($0.slice(0..<count)) }
      state.end += Int64(count)
    }
  }
}

extension [UInt8] {
  /// Reads up to `count` bytes of `source` at `offset` into its first ones; returns how many.
  fileprivate mutating func fill(
    _ count: Int, from source: any ByteSource, at offset: Int64
  ) throws(SegmentError) -> Int {
    let result = withUnsafeMutableBytes { bytes in
      Result { () throws(SegmentError) in
        try source.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<count]), at: offset)
      }
    }
    return try result.get()
  }
}

extension Mutex {
  /// `withLock` for a body that throws a typed error.
  fileprivate borrowing func locked<R>(
    _ body: (inout Value) throws(SegmentError) -> R
  ) throws(SegmentError) -> R where Value: Sendable, R: Sendable {
    let result = withLock { value in
      Result { () throws(SegmentError) in try body(&value) }
    }
    return try result.get()
  }
}
