package import Analytics
internal import Streams

extension Correction {
  /// As it was said, and what is left of it.
  package var json: JSONValue {
    .object(
      [
        ("id", .string(id.description)), ("kind", .string(kind)),
        ("service", .optional(service, JSONValue.string)), ("start", .time(start)),
        ("end", .time(end)), ("standingEnd", .time(standingEnd)),
      ] + effectMembers + [
        ("reason", .string(reason)), ("principal", .string(principal)),
        ("at", .time(source.recordedAt)), ("stream", .string(source.stream.rawValue)),
        ("revision", .int(source.revision.rawValue)), ("position", .int(source.position.rawValue)),
        ("withdrawal", .optional(withdrawal) { $0.json }),
      ])
  }

  private var effectMembers: [(String, JSONValue)] {
    switch effect {
    case .annotation(let text, let link):
      [("text", .string(text)), ("link", .optional(link, JSONValue.string))]
    case .reclassification(let state): [("status", .string(state.word))]
    case .exclusion, .maintenance: []
    }
  }
}

extension Withdrawal {
  fileprivate var json: JSONValue {
    [
      "from": .optional(from, JSONValue.time), "reason": .string(reason),
      "principal": .string(principal), "at": .time(source.recordedAt),
      "stream": .string(source.stream.rawValue), "revision": .int(source.revision.rawValue),
      "position": .int(source.position.rawValue),
    ]
  }
}

extension EventReference {
  var json: JSONValue {
    [
      "stream": .string(stream.rawValue), "revision": .int(revision.rawValue),
      "type": .string(type), "at": .time(recordedAt),
    ]
  }
}
