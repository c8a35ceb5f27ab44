internal import Analytics
internal import Reports
internal import Streams

extension UptimeQuery {
  /// The figures of every entry that is asked for, under `options`.
  ///
  /// With a position, a service of which nothing had arrived by then is not there.
  ///
  /// - Complexity: O(facts): those of a service are settled once, whatever it is a member of.
  func reading(_ sources: [FactSource], _ options: UptimeOptions) -> UptimeReading {
    let isWhole = service == nil
    let asked = Set(groups.flatMap(\.members))
    var services: [UptimeFigures] = []
    var reckoned: [ReckonedSource] = []
    for source in sources {
      let history = source.history
      var members: [(name: String, member: GroupMember)] = []
      for name in history.services(through: options.throughPosition) {
        let isShown = service.map { source.isMeant(by: $0, service: name) } ?? true
        guard isShown || isWhole || asked.contains(name) else { continue }
        var (figures, member) = history.reckoned(name, options)
        members.append((name, member))
        guard isShown else { continue }
        figures.stream = source.stream?.rawValue
        services.append(figures)
      }
      reckoned.append(
        ReckonedSource(members: members, rejected: history.rejectedUnattributed(options)))
    }
    if let service, services.isEmpty {
      let history = sources.first?.history ?? StatusHistory()
      services = [history.figures(of: service, options)]
    }
    return UptimeReading(
      overall: isWhole ? overall(reckoned, options) : nil,
      groups: groups.map { figures(of: $0, reckoned, options) },
      services: services.sorted { $0.service < $1.service })
  }

  /// The services of one stream, or of a file.
  private struct ReckonedSource {
    var members: [(name: String, member: GroupMember)]
    /// Lines that belong to none of them.
    var rejected: Int
  }

  private func figures(
    of group: Group, _ sources: [ReckonedSource], _ options: UptimeOptions
  ) -> UptimeFigures {
    let wanted = Set(group.members)
    var (members, rejected, known) = ([GroupMember](), 0, Set<String>())
    for source in sources {
      let own = source.members.filter { wanted.contains($0.name) }
      guard !own.isEmpty else { continue }
      members += own.map(\.member)
      known.formUnion(own.map(\.name))
      rejected += source.rejected
    }
    // A member nobody has heard of is not left out: it is unknown.
    members += wanted.subtracting(known).map { StatusHistory().reckoned($0, options).member }
    return ServiceGroup.figures(group.name, group.rule, members, rejected: rejected, options)
  }

  /// All services as one that needs every one of them; nil where that says nothing more.
  private func overall(_ sources: [ReckonedSource], _ options: UptimeOptions) -> UptimeFigures? {
    let members = sources.flatMap { $0.members.map(\.member) }
    guard members.count > 1 else { return nil }
    let rejected = sources.reduce(0) { $0 + ($1.members.isEmpty ? 0 : $1.rejected) }
    return ServiceGroup.figures("All services", .worst, members, rejected: rejected, options)
  }
}
