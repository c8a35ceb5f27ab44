internal import Glibc

/// A copy of a far segment in an unnamed file on this machine: it is gone with its last owner,
/// whatever the process ends of.
public final class LocalCopy: ByteSource {
  /// Of the source: what messages are about.
  public let path: String
  private let file: OpenFile

  /// - Parameter directory: with room for the segment.
  /// - Throws: what reading and writing throw; nothing stays.
  /// - Complexity: O(bytes); memory 1 MiB.
  public init(of source: any ByteSource, in directory: String) throws(SegmentError) {
    path = source.path
    let name = "\(directory)/.copy-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
    file = try OpenFile(name, flags: O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
    unlink(name)
    var offset: Int64 = 0
    while true {
      let bytes = try source.bytes(at: offset, count: 1 << 20)
      if bytes.isEmpty { break }
      let result = bytes.withUnsafeBytes { bytes in
        Result { () throws(SegmentError) in try file.write(all: bytes) }
      }
      try result.get()
      offset += Int64(bytes.count)
    }
  }

  public func size() throws(SegmentError) -> Int64 { try file.size() }

  public func read(
    into bytes: UnsafeMutableRawBufferPointer, at offset: Int64
  ) throws(SegmentError) -> Int {
    try file.read(into: bytes, at: offset)
  }

  /// Those of the copy say nothing of the segment.
  public func permissions() -> UInt32? { nil }

  public func dropCache() {}
}
