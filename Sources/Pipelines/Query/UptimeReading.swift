internal import Analytics
internal import Reports
internal import Streams

extension UptimeQuery {
  /// The figures of every entry that is asked for, under `options`.
  ///
  /// With a position, a service of which nothing had arrived by then is not there.
  func reading(_ sources: [FactSource], _ options: UptimeOptions) -> UptimeReading {
    let heard = sources.map { $0.history.services(through: options.throughPosition) }
    let all = zip(sources, heard).map { HeardSource(source: $0.0, services: $0.1) }
    return UptimeReading(
      overall: overall(all, options), groups: groups.map { figures(of: $0, all, options) },
      services: services(all, options))
  }

  private struct HeardSource {
    var source: FactSource
    var services: [String]
  }

  private func services(_ sources: [HeardSource], _ options: UptimeOptions) -> [UptimeFigures] {
    var services: [UptimeFigures] = []
    for heard in sources {
      for name in heard.services
      where service.map({ heard.source.isMeant(by: $0, service: name) }) ?? true {
        var figures = heard.source.history.figures(of: name, options)
        figures.stream = heard.source.stream?.rawValue
        services.append(figures)
      }
    }
    if let service, services.isEmpty {
      let history = sources.first?.source.history ?? StatusHistory()
      services = [history.figures(of: service, options)]
    }
    return services.sorted { $0.service < $1.service }
  }

  private func figures(
    of group: Group, _ sources: [HeardSource], _ options: UptimeOptions
  ) -> UptimeFigures {
    let known = Set(sources.flatMap(\.services))
    var parts = sources.map { heard in
      ServiceGroup.Part(
        group.members.filter { heard.services.contains($0) }, in: heard.source.history)
    }
    // A member nobody has heard of is not left out: it is unknown.
    parts.append(
      ServiceGroup.Part(group.members.filter { !known.contains($0) }, in: StatusHistory()))
    return ServiceGroup(
      name: group.name, rule: group.rule, parts: parts.filter { !$0.services.isEmpty }
    ).figures(options)
  }

  /// All services as one that needs every one of them; nil where that says nothing more.
  private func overall(_ sources: [HeardSource], _ options: UptimeOptions) -> UptimeFigures? {
    let parts = sources.map { ServiceGroup.Part($0.services, in: $0.source.history) }
      .filter { !$0.services.isEmpty }
    guard service == nil, parts.reduce(0, { $0 + $1.services.count }) > 1 else { return nil }
    return ServiceGroup(name: "All services", rule: .worst, parts: parts).figures(options)
  }
}
