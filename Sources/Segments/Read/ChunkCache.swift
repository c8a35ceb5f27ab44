internal import Synchronization

/// Verified chunks in memory, for whoever reads near where somebody read before.
///
/// The key is the SHA-256 that the catalog or the manifest demands of a chunk, and only what has it
/// is kept: what is found here is what was asked for, and what was replaced, erased or deleted is
/// asked for no more. Safe to share between threads.
///
/// Two generations bound it: what was used since the younger one was begun is there; when that is
/// full it becomes the older one, and what lay in that one unused is dropped.
public final class ChunkCache: Sendable {
  /// Bytes at most.
  public let capacity: Int
  private let state = Mutex(State())

  private struct State {
    var young: [SHA256Sum: [UInt8]] = [:]
    var old: [SHA256Sum: [UInt8]] = [:]
    var youngBytes = 0
    var oldBytes = 0
  }

  /// What an entry takes beside its content.
  private static let entryBytes = 256

  public init(capacity: Int = 32 << 20) { self.capacity = capacity }

  /// What is held now, in bytes.
  public var bytes: Int { state.withLock { $0.youngBytes + $0.oldBytes } }

  /// Forgets everything.
  public func removeAll() { state.withLock { $0 = State() } }

  /// The decompressed frame of a chunk.
  func frame(of chunk: SegmentChunk) -> [UInt8]? {
    state.withLock { state in
      if let frame = state.young[chunk.sha256] { return frame }
      guard let frame = state.old.removeValue(forKey: chunk.sha256) else { return nil }
      state.oldBytes -= frame.count + Self.entryBytes
      keep(frame, of: chunk, &state)
      return frame
    }
  }

  /// Keeps a frame that was verified; one that would take the place of most others is not kept.
  func keep(_ frame: [UInt8], of chunk: SegmentChunk) {
    guard frame.count + Self.entryBytes <= capacity / 4 else { return }
    state.withLock { keep(frame, of: chunk, &$0) }
  }

  private func keep(_ frame: [UInt8], of chunk: SegmentChunk, _ state: inout State) {
    guard state.young[chunk.sha256] == nil else { return }
    let bytes = frame.count + Self.entryBytes
    if state.youngBytes + bytes > capacity / 2 {
      (state.old, state.oldBytes) = (state.young, state.youngBytes)
      (state.young, state.youngBytes) = ([:], 0)
    }
    state.young[chunk.sha256] = frame
    state.youngBytes += bytes
  }
}
