/// Where the bytes of a segment come from: a file, or an object that is fetched range by range.
///
/// Shared freely between threads. A source does not change while it is read.
public protocol ByteSource: AnyObject, Sendable {
  /// What messages call it: a path or an address.
  var path: String { get }

  /// Its length, in bytes.
  ///
  /// - Throws: ``SegmentError/missing(segment:)``, `.io`, `.unavailable`.
  func size() throws(SegmentError) -> Int64

  /// Reads into `bytes` from `offset`; returns how many there were, fewer only at the end.
  ///
  /// - Throws: as ``size()``.
  func read(
    into bytes: UnsafeMutableRawBufferPointer, at offset: Int64
  ) throws(SegmentError) -> Int

  /// The permission bits of a file; nil for what has none.
  func permissions() throws(SegmentError) -> UInt32?

  /// Forgets what is cached, so that the next read comes from where the bytes are kept.
  func dropCache()
}

extension ByteSource {
  /// The `count` bytes at `offset`, fewer only at the end.
  public func bytes(at offset: Int64, count: Int) throws(SegmentError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let result = bytes.withUnsafeMutableBytes { buffer in
      Result { () throws(SegmentError) in try read(into: buffer, at: offset) }
    }
    bytes.removeLast(count - (try result.get()))
    return bytes
  }

  /// SHA-256 of all of it, read from where the bytes are kept.
  ///
  /// - Complexity: O(bytes); memory 1 MiB.
  public func sha256() throws(SegmentError) -> SHA256Sum {
    dropCache()
    return try HashingSource(self).sha256()
  }
}
