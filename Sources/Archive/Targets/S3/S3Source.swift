internal import Segments
internal import Synchronization
internal import Transport

/// An object's bytes, each read one GET of a range.
final class S3Source: ByteSource {
  let path: String
  private let target: S3Target
  private let name: String
  private let version: String?
  private let bytes: Mutex<Int64?>

  init(_ target: S3Target, _ name: String, bytes: Int64?, version: String?) {
    self.target = target
    self.name = name
    self.version = version
    path = target.address + "/" + name
    self.bytes = Mutex(bytes)
  }

  func size() throws(SegmentError) -> Int64 {
    if let known = bytes.withLock({ $0 }) { return known }
    let object: TargetObject?
    do throws(TargetError) {
      object = try target.stat(name, version: version)
    } catch {
      throw .unavailable(segment: path, reason: error.reason)
    }
    guard let object else { throw .missing(segment: path) }
    bytes.withLock { $0 = object.bytes }
    return object.bytes
  }

  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
  ) throws(SegmentError) -> Int {
    let count = Int(max(0, min(Int64(buffer.count), try size() - offset)))
    guard count > 0 else { return 0 }
    let answer: HTTPAnswer
    do throws(TargetError) {
      answer = try target.client.send(
        S3Request(
          purpose: "Reading \(name)", method: "GET", key: target.key(name),
          query: target.query(version),
          headers: [("range", "bytes=\(offset)-\(offset + Int64(count) - 1)")],
          accepted: [206, 404, 416], rangeBytes: count))
    } catch {
      throw .unavailable(segment: path, reason: error.reason)
    }
    switch answer.status {
    case 404: throw .missing(segment: path)
    case 416:
      // It is shorter than the catalog says.
      return 0
    default:
      guard Self.isRange(answer, from: offset, count: count) else {
        throw .unavailable(segment: path, reason: "another range came than was asked for")
      }
      buffer.copyBytes(from: answer.body)
      return count
    }
  }

  private static func isRange(_ answer: HTTPAnswer, from offset: Int64, count: Int) -> Bool {
    let range = "bytes \(offset)-\(offset + Int64(count) - 1)/"
    return answer.body.count == count
      && answer.headers["content-range"].map { $0.hasPrefix(range) } ?? false
  }

  func permissions() -> UInt32? { nil }

  func dropCache() {}
}

extension TargetError {
  /// The message as a part of another: without the full stop.
  var reason: String { message.hasSuffix(".") ? String(message.dropLast()) : message }
}
