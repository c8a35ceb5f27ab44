public import Streams

/// A large, deterministic set of events, each of which can be made by itself.
public protocol GeneratedEvents: Sendable {
  var count: Int { get }
  /// Those that the events are of.
  var streams: [StreamName] { get }
  /// - Parameter index: `0..<count`, in order of time.
  func event(_ index: Int) -> DemoEvent
}

extension GeneratedEvents {
  /// Writes all events as lines of `rookery ingest`.
  ///
  /// - Returns: the file's size in bytes.
  /// - Throws: ``DemoError`` `.unwritable`.
  @discardableResult
  public func writeLines(to path: String) throws(DemoError) -> Int64 {
    let file = try LineFile(path)
    var lines: [UInt8] = []
    for index in 0..<count {
      event(index).append(lineTo: &lines)
      if lines.count >= 1 << 20 {
        try file.write(lines)
        lines.removeAll(keepingCapacity: true)
      }
    }
    try file.write(lines)
    return file.size
  }
}
