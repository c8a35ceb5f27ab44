internal import Streams

/// What surrounds a stored summary.
///
///     magic (4 bytes) | version (1) | body | fingerprint of all before (8, little endian)
struct SummaryFrame {
  let kind: String
  let magic: StaticString
  let version: UInt8

  func encode(_ body: (inout ByteWriter) -> Void) -> [UInt8] {
    var writer = ByteWriter()
    for index in 0..<4 { writer.byte(magic.utf8Start[index]) }
    writer.byte(version)
    body(&writer)
    writer.seal()
    return writer.bytes
  }

  /// Hands the body to `body`, which must read all of it and nothing past it.
  func decode<T>(
    _ bytes: UnsafeRawBufferPointer, _ body: (inout ByteReader) -> T?
  ) throws(SummaryError) -> T {
    let head = 5
    guard bytes.count >= head + 8,
      UnsafeRawBufferPointer(rebasing: bytes[..<4]).equals(magic)
    else { throw .corrupt(kind: kind) }
    guard bytes[4] == version else { throw .unknownVersion(kind: kind, version: bytes[4]) }
    let end = bytes.count - 8
    var fingerprint = Fingerprint()
    fingerprint.combine(UnsafeRawBufferPointer(rebasing: bytes[..<end]))
    let stored = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: end, as: UInt64.self))
    guard stored == fingerprint.value else { throw .corrupt(kind: kind) }
    var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[head..<end]))
    guard let value = body(&reader), !reader.failed, reader.isAtEnd else {
      throw .corrupt(kind: kind)
    }
    return value
  }
}
