/// Whether somebody has asked long work to stop. It looks between two chunks, and leaves nothing
/// half-made behind.
public struct StopRequest: Sendable {
  private let isMadeBy: @Sendable () -> Bool

  /// Nobody ever asks.
  public static let never = StopRequest { false }

  /// - Parameter isMade: called often, from any thread.
  public init(_ isMade: @escaping @Sendable () -> Bool) { isMadeBy = isMade }

  public var isMade: Bool { isMadeBy() }

  /// - Throws: ``Stopped``.
  public func check(_ done: Int64, of total: Int64, _ unit: String) throws(Stopped) {
    if isMade { throw Stopped(done: done, total: total, unit: unit) }
  }
}

/// Work that stopped because it was asked to.
public struct Stopped: CodedError, Hashable {
  public var done: Int64
  public var total: Int64
  /// What is counted: `events`.
  public var unit: String
  public var remedy = "The same command goes on."

  public init(done: Int64, total: Int64, unit: String) {
    self.done = done
    self.total = total
    self.unit = unit
  }

  public var code: ErrorCode { .interrupted }
  public var message: String { "Stopped after \(done) of \(total) \(unit), as asked." }
}
