internal import COpenSSL
internal import Streams

extension SHA256Sum {
  /// The digests of two inputs, on one core in three quarters of the time that one after the other
  /// takes.
  static func pair(
    _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer
  ) -> (SHA256Sum, SHA256Sum) {
    withUnsafeTemporaryAllocation(byteCount: 64, alignment: 8) { digests in
      let bytes = digests.assumingMemoryBound(to: UInt8.self)
      rookery_sha256_pair(
        first.baseAddress, first.count, bytes.baseAddress, second.baseAddress, second.count,
        bytes.baseAddress?.advanced(by: 32))
      let both = UnsafeRawBufferPointer(digests)
      return (SHA256Sum(digest: both.slice(0..<32)), SHA256Sum(digest: both.slice(32..<64)))
    }
  }
}
