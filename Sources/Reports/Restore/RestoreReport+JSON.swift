package import Archive
package import History
internal import Streams

extension RestoreReport {
  /// The report as a program reads it.
  ///
  /// - Parameter result: what was made, as `("into", "audit.db")`.
  package func json(_ result: [(key: String, value: JSONValue)]) -> JSONValue {
    .object(
      [("format", .string("rookery-restore-report")), ("version", .int(1))] + result + [
        ("store", .string(storeID)), ("time", .time(occasion.time)),
        ("by", .string(occasion.principal.description)), ("reason", .string(occasion.reason)),
        ("software", .string("rookery \(occasion.version)")), ("selection", selection.json),
        ("events", .int(events)), ("fromSegments", .int(cold)), ("bytes", .int(bytes)),
        ("sound", .bool(isSound)), ("streams", .array(streams.map(\.json))),
        ("segments", .array(segments.map(\.json))), ("chain", chain.json),
      ])
  }
}

extension RestoreSelection {
  fileprivate var json: JSONValue {
    let streams: (String, JSONValue) =
      switch streams {
      case .named(let names): ("streams", .array(names.map { .string($0.rawValue) }))
      case .matching(let pattern): ("pattern", .string(pattern))
      case .user(let id): ("user", .string(id))
      }
    let isOpen = revisions.upperBound == .max
    return .object([
      streams, ("from", .int(revisions.lowerBound)),
      ("to", isOpen ? .null : .int(revisions.upperBound)),
      ("since", .optional(since, JSONValue.time)), ("until", .optional(until, JSONValue.time)),
    ])
  }
}

extension RestoredStream {
  fileprivate var json: JSONValue {
    [
      "stream": .string(stream.rawValue), "id": .string(id), "events": .int(events),
      "fromSegments": .int(cold),
      "outside": .int(outside), "bytes": .int(bytes),
      "first": .optional(span) { .int($0.revisions.lowerBound) },
      "last": .optional(span) { .int($0.revisions.upperBound) },
      "firstPosition": .optional(span) { .int($0.positions.lowerBound) },
      "lastPosition": .optional(span) { .int($0.positions.upperBound) },
      "earliest": .optional(span) { .time($0.times.lowerBound) },
      "latest": .optional(span) { .time($0.times.upperBound) },
      "sha256": events > 0 ? .string(digest) : .null,
    ]
  }
}

extension VerifiedSource {
  package var json: JSONValue {
    [
      "archiveSeq": .int(archiveSeq), "segment": .string(segmentID), "file": .string(file),
      "manifestSHA256": .string(manifestSHA256), "sha256": .optional(sha256) { .string($0) },
      "level": .string("full"), "chunks": .int(chunks), "events": .int(events),
      "signedBy": .optional(signedBy) { .string($0) },
      "damage": .array(damage.map(JSONValue.string)),
    ]
  }
}

extension RestoreChain {
  package var json: JSONValue {
    [
      "segments": .int(segments), "head": .optional(head) { .string($0) },
      "problems": .array(problems.map(JSONValue.string)),
    ]
  }
}
