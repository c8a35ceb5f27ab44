internal import Segments
internal import Synchronization

/// Serves many small reads of a far source from few large ones, for going through all of it.
final class ReadAhead: ByteSource {
  private let base: any ByteSource
  /// The windows read last, newest first: two, as a reader and its helper may straddle a border.
  private let windows = Mutex<[Window]>([])

  private static let windowBytes = 4 << 20
  private static let kept = 2

  private struct Window {
    var start: Int64
    var bytes: [UInt8]
  }

  init(_ base: any ByteSource) { self.base = base }

  var path: String { base.path }

  func size() throws(SegmentError) -> Int64 { try base.size() }

  func permissions() throws(SegmentError) -> UInt32? { try base.permissions() }

  func dropCache() {
    windows.withLock { $0 = [] }
    base.dropCache()
  }

  func read(
    into bytes: UnsafeMutableRawBufferPointer, at offset: Int64
  ) throws(SegmentError) -> Int {
    var done = 0
    while done < bytes.count {
      let count = try fill(
        UnsafeMutableRawBufferPointer(rebasing: bytes[done...]), at: offset + Int64(done))
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// Copies what the window that holds `offset` has of it.
  private func fill(
    _ bytes: UnsafeMutableRawBufferPointer, at offset: Int64
  ) throws(SegmentError) -> Int {
    guard offset >= 0 else { return 0 }
    let start = offset / Int64(Self.windowBytes) * Int64(Self.windowBytes)
    let window = try window(at: start)
    let from = Int(offset - start)
    let count = min(bytes.count, window.count - from)
    guard count > 0 else { return 0 }
    window.withUnsafeBytes {
      bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[from..<(from + count)]))
    }
    return count
  }

  private func window(at start: Int64) throws(SegmentError) -> [UInt8] {
    let result = windows.withLock { windows in
      Result { () throws(SegmentError) in
        if let place = windows.firstIndex(where: { $0.start == start }) {
          windows.insert(windows.remove(at: place), at: 0)
        } else {
          let bytes = try base.bytes(at: start, count: Self.windowBytes)
          windows.insert(Window(start: start, bytes: bytes), at: 0)
          windows.removeLast(max(0, windows.count - Self.kept))
        }
        return windows[0].bytes
      }
    }
    return try result.get()
  }
}
