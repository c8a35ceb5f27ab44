internal import Synchronization

/// A source that is opened when it is first read, and not at all by who finds everything in a cache.
public final class LateSource: ByteSource {
  public let path: String
  private let open: @Sendable () throws(SegmentError) -> any ByteSource
  private let opened = Mutex<(any ByteSource)?>(nil)

  public init(
    path: String, _ open: @escaping @Sendable () throws(SegmentError) -> any ByteSource
  ) {
    self.path = path
    self.open = open
  }

  private func source() throws(SegmentError) -> any ByteSource {
    let result = opened.withLock { opened in
      Result { () throws(SegmentError) in
        if let opened { return opened }
        let source = try open()
        opened = source
        return source
      }
    }
    return try result.get()
  }

  public func size() throws(SegmentError) -> Int64 { try source().size() }

  public func read(
    into bytes: UnsafeMutableRawBufferPointer, at offset: Int64
  ) throws(SegmentError) -> Int {
    try source().read(into: bytes, at: offset)
  }

  public func permissions() throws(SegmentError) -> UInt32? { try source().permissions() }

  public func dropCache() { opened.withLock { $0?.dropCache() } }
}
