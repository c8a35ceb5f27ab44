internal import EventStore
public import Streams

extension Archiver {
  /// What a run could not do. Nothing is lost by it, and the next run tries again.
  public struct Problem: Sendable {
    /// The segment's file; nil when it did not come to one.
    public var segment: String?
    /// The target that did not do its part; nil when it is not about one.
    public var target: String?
    public var error: any CodedError
  }

  /// Runs what concerns one segment; what goes wrong is told, and the next one's turn comes.
  ///
  /// - Returns: false when a job is left that must be completed before there can be another.
  /// - Throws: only what is no fault of the segment's, and has no code.
  func attempt(
    _ segment: String?, _ summary: inout Summary, _ body: (inout Summary) throws -> Void
  ) throws -> Bool {
    do {
      try body(&summary)
      return true
    } catch let error as any CodedError {
      summary.problems.append(Problem(segment: segment, target: nil, error: error))
      return try store.read { try !ArchiveJob.isUnderWay($0.db) }
    }
  }
}

extension Archiver.Problem: Hashable {
  public static func == (a: Self, b: Self) -> Bool {
    a.segment == b.segment && a.target == b.target && a.error.code == b.error.code
      && a.error.message == b.error.message
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(segment)
    hasher.combine(target)
    hasher.combine(error.message)
  }
}

extension Archiver.Summary {
  /// Whether a target did not answer in this run: nothing more is tried there.
  func isAway(_ address: String) -> Bool {
    problems.contains { $0.target == address && ($0.error as? TargetError)?.isAbsence == true }
  }

  mutating func note(_ copies: [CatalogCopy], of segment: String) {
    guard !copies.isEmpty else { return }
    self.copies.append("\(segment) at \(copies.map(\.target).joined(separator: " and "))")
  }
}

extension TargetError {
  /// The target as a whole can't be used now; nothing is said of any segment.
  var isAbsence: Bool {
    switch self {
    case .noCredentials, .unreachable, .untrusted, .refused, .unexpected, .notLocked: true
    case .invalidAddress, .differs, .retained, .local: false
    }
  }
}

extension Archiver.Summary {
  /// What to say when not everything could be done; nil when it was.
  public var incompleteness: ArchiveIncomplete? {
    problems.first.map { ArchiveIncomplete(first: $0, count: problems.count) }
  }
}

/// A run that did all it could, which was not everything.
public struct ArchiveIncomplete: CodedError {
  public var first: Archiver.Problem
  public var count: Int

  public var code: ErrorCode { first.error.code }
  public var message: String {
    (count == 1 ? "" : "\(count) parts of the run failed, this one first. ")
      + first.error.message
  }
  public var remedy: String { first.error.remedy }
}
