public import Streams

/// A source whose every read fails once somebody has asked to stop: so a verification ends within a
/// chunk, wherever it is.
public final class StoppableSource: ByteSource {
  private let base: any ByteSource
  private let stop: StopRequest

  public init(_ base: any ByteSource, _ stop: StopRequest) {
    self.base = base
    self.stop = stop
  }

  public var path: String { base.path }

  public func size() throws(SegmentError) -> Int64 { try base.size() }

  public func permissions() throws(SegmentError) -> UInt32? { try base.permissions() }

  public func dropCache() { base.dropCache() }

  public func read(
    into bytes: UnsafeMutableRawBufferPointer, at offset: Int64
  ) throws(SegmentError) -> Int {
    guard !stop.isMade else { throw .unavailable(segment: path, reason: "reading was stopped") }
    return try base.read(into: bytes, at: offset)
  }
}
