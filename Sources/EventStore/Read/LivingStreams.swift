public import Streams

/// The streams whose events a reader of all positions gets, by their numbers: never a deleted one.
///
/// It remembers 65,536 of them, which takes some 10 MiB.
public struct LivingStreams: Sendable {
  private static let maxNames = 65_536

  private let pattern: String?
  private let isWanted: @Sendable (StreamRecord) -> Bool
  private var names: [Int64: StreamName?] = [:]
  private var moves: Int64 = -1

  /// - Parameters:
  ///   - pattern: a glob of names. The store's own streams match only one that begins with `$`; nil
  ///     is all streams, those too.
  ///   - isWanted: asked once in a while about a stream that matches.
  public init(
    matching pattern: String? = nil,
    where isWanted: @escaping @Sendable (StreamRecord) -> Bool = { _ in true }
  ) {
    self.pattern = pattern
    self.isWanted = isWanted
  }

  /// Forgets what may not be so any more; to be called first on every snapshot.
  ///
  /// - Returns: whether events were released, restored or deleted since the last call, or may have
  ///   been.
  public mutating func refresh(_ snapshot: Snapshot) throws -> Bool {
    let now = try snapshot.moves
    guard now != moves else { return false }
    moves = now
    names.removeAll()
    return true
  }

  /// The stream's name; nil when its events are not wanted.
  ///
  /// - Complexity: O(1) for one that was asked for lately, else O(log n).
  public mutating func name(of stream: Int64, _ snapshot: Snapshot) throws -> StreamName? {
    if let known = names[stream] { return known }
    if names.count >= Self.maxNames { names.removeAll() }
    let record = try snapshot.stream(numbered: stream)
    let name = try contains(record, snapshot) ? record.name : nil
    names[stream] = .some(name)
    return name
  }

  private func contains(_ record: StreamRecord, _ snapshot: Snapshot) throws -> Bool {
    guard record.tombstone == nil, isWanted(record) else { return false }
    guard let pattern else { return true }
    guard !record.name.isReserved || pattern.hasPrefix("$") else { return false }
    return try snapshot.matches(record.name, pattern)
  }
}
