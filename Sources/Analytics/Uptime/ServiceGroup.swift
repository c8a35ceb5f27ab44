internal import Streams

/// Several services seen as one.
public struct ServiceGroup: Sendable {
  /// Members whose facts are in one history.
  public struct Part: Sendable {
    public var services: [String]
    public var history: StatusHistory

    public init(_ services: [String], in history: StatusHistory) {
      self.services = services
      self.history = history
    }
  }

  public var name: String
  public var rule: GroupRule
  public var parts: [Part]

  public init(name: String, rule: GroupRule, parts: [Part]) {
    self.name = name
    self.rule = rule
    self.parts = parts
  }

  /// Every figure of the group in one period.
  ///
  /// Each member's timeline is made as if it stood alone, then they are combined; a maintenance
  /// window or a correction that names the group is laid over the result. Response times are those
  /// of all members, warnings are summed. A group's incidents have no revisions: they come from
  /// several streams.
  ///
  /// - Complexity: O(n log n) in the facts of all members.
  public func figures(_ options: UptimeOptions) -> UptimeFigures {
    let members = parts.flatMap { part in
      part.services.map { GroupMember(ReckonedService($0, in: part.history, options), options) }
    }
    // What nobody can be blamed for counts on every service of a history, but once on a group.
    let rejected = parts.reduce(0) { $0 + $1.history.rejectedUnattributed(options) }
    return Self.figures(name, rule, members, rejected: rejected, options)
  }

  /// As ``figures(_:)``, of members that are reckoned already, under the same options.
  ///
  /// - Parameter rejected: lines that belong to no service, of all histories that have a member.
  public static func figures(
    _ name: String, _ rule: GroupRule, _ members: [GroupMember], rejected: Int,
    _ options: UptimeOptions
  ) -> UptimeFigures {
    var figures = UptimeFigures(service: name, options)
    let own = options.corrections(for: name, includingGeneral: false)
    var corrections = Set(own)
    for member in members {
      corrections.formUnion(member.corrections)
      figures.warnings.add(member.warnings)
      figures.lastFactAt = [figures.lastFactAt, member.lastFactAt].compactMap(\.self).max()
    }
    figures.warnings.rejected += rejected
    figures.addLatency(members, options)
    let timeline = StateTimeline(
      combining: members.map(\.timeline), by: rule, horizonMs: options.asOfMs
    ).overlaid(by: options.windowsMs(for: name, includingGeneral: false))
      .corrected(by: own)
    figures.reckon(
      timeline, options, facts: nil,
      corrections: corrections.sorted { $0.source.position < $1.source.position })
    return figures
  }
}

extension UptimeWarnings {
  fileprivate mutating func add(_ other: UptimeWarnings) {
    outOfOrder += other.outOfOrder
    duplicates += other.duplicates
    conflicts += other.conflicts
    rejected += other.rejected
    clampedSkew += other.clampedSkew
    future += other.future
    unknownStatus += other.unknownStatus
  }
}
