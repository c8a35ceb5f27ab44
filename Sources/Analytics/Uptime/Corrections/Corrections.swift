public import Streams

/// All corrections there are, folded from the events of the streams that hold them.
///
/// Folding is associative and does not depend on which stream is read first: what counts is the
/// order of positions.
public struct Corrections: Hashable, Sendable {
  /// By position, each as it was said.
  private(set) var made: [Correction] = []
  private(set) var withdrawals: [Withdrawal] = []
  /// Events that could not be read as a correction. By position.
  private var unreadable: [EventReference] = []

  public init() {}

  /// Adds an event of `stream`; events of other types are ignored, erased ones too.
  public mutating func receive(_ event: EventView, of stream: StreamName) {
    guard !event.isErased, CorrectionFields.types.contains(event.type) else { return }
    let source = EventReference(
      stream: stream, revision: event.revision, position: event.position, type: event.type,
      recordedAt: event.recordedAt)
    let fields = CorrectionFields(event.data)
    if let correction = fields.correction(id: event.id, source) {
      insert(correction)
    } else if let withdrawal = fields.withdrawal(source) {
      withdrawals.append(withdrawal)
      withdrawals.sort { $0.source.position < $1.source.position }
    } else {
      unreadable.append(source)
      unreadable.sort { $0.position < $1.position }
    }
  }

  public mutating func merge(_ other: Corrections) {
    made = (made + other.made).sorted { $0.source.position < $1.source.position }
    withdrawals =
      (withdrawals + other.withdrawals).sorted { $0.source.position < $1.source.position }
    unreadable = (unreadable + other.unreadable).sorted { $0.position < $1.position }
  }

  /// Events nearly always come in order, so that this is an append.
  private mutating func insert(_ correction: Correction) {
    let position = correction.source.position
    let index = made.partitioningIndex { $0.source.position > position }
    made.insert(correction, at: index)
  }
}

extension Corrections {
  public var isEmpty: Bool { made.isEmpty && unreadable.isEmpty }

  /// Every correction that was there by `position`, with what took it back by then.
  ///
  /// - Complexity: O(n) in the events.
  public func all(through position: Position? = nil) -> [Correction] {
    resolved(through: position) { _ in true }
  }

  /// What could not be read and so is not in any figure.
  public func unreadable(through position: Position? = nil) -> [EventReference] {
    unreadable.filter { $0.position.isReached(by: position) }
  }

  /// What is left of those for `name`, in the order in which they are laid over each other.
  ///
  /// - Parameter includingGeneral: those for every service too.
  func standing(
    for name: String, includingGeneral: Bool, through position: Position?
  ) -> [Correction] {
    resolved(through: position) {
      $0.service == name || ($0.service == nil && includingGeneral)
    }.filter(\.isStanding)
  }

  private func resolved(
    through position: Position?, _ isWanted: (Correction) -> Bool
  ) -> [Correction] {
    var wanted = made.filter { $0.source.position.isReached(by: position) && isWanted($0) }
    guard !wanted.isEmpty, !withdrawals.isEmpty else { return wanted }
    let ends = Dictionary(
      grouping: withdrawals.filter { $0.source.position.isReached(by: position) }, by: \.id)
    for index in wanted.indices {
      for end in ends[wanted[index].id] ?? [] { wanted[index].take(end) }
    }
    return wanted
  }
}

extension Position {
  /// Whether it is at or before `limit`; nil is no limit.
  fileprivate func isReached(by limit: Position?) -> Bool { limit.map { self <= $0 } ?? true }
}
