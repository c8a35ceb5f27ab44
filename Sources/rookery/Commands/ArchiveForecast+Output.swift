internal import Archive
internal import EventStore
internal import Pipelines
internal import Reports
internal import Streams

extension ArchiveForecast {
  var json: JSONValue {
    [
      "events": .int(events), "bytes": .int(payloadBytes),
      "estimatedFreedBytes": .int(freedBytes), "estimatedLaterBytes": .int(laterBytes),
      "segments": .array(segments.map(\.json)), "releases": .array(releases.map(\.json)),
      "copies": .array(copies.map(\.json)),
      "closing": .array(closing.map { .string($0.rawValue) }),
      "waiting": .array(
        waiting.map {
          [
            "stream": .string($0.stream.rawValue), "policy": .string($0.policy),
            "reason": .string($0.reason.text),
          ]
        }),
    ]
  }

  var text: String {
    guard !segments.isEmpty || !closing.isEmpty || !releases.isEmpty || !copies.isEmpty else {
      return "Nothing is cold.\n"
    }
    return moves + notes.map { $0 + "\n" }.joined()
  }

  private var moves: String {
    guard !segments.isEmpty else { return "" }
    var table = TextTable([
      ("STREAM", .left), ("FIRST", .right), ("LAST", .right), ("EVENTS", .right),
      ("BYTES", .right), ("BECOMES", .left), ("SEGMENT", .left), ("WHY", .left),
    ])
    for segment in segments {
      for part in segment.parts {
        table.append([
          part.stream.rawValue, part.first.description, part.last.description,
          String(part.rows.events), String(part.rows.payloadBytes),
          part.isWhole ? "archived" : "stays active", segment.place, part.why,
        ])
      }
    }
    return table.text
  }

  private var notes: [String] {
    var lines = closing.map { "\($0) would only become read-only: every event is in a segment." }
    for segment in segments {
      guard let held = segment.heldBack else { continue }
      lines.append("Rows of \(segment.file) would stay: \(held.text).")
    }
    for release in releases {
      let rows = "\(release.events) rows of \(release.file), archived before"
      lines.append(release.heldBack.map { "\(rows), stay: \($0.text)." } ?? "\(rows), would go.")
    }
    lines += copies.map(\.text)
    let unit = segments.count == 1 ? "segment" : "segments"
    lines.append(
      "\(events) events (\(payloadBytes) bytes) would go into \(segments.count) \(unit); "
        + "about \(freedBytes) bytes of the store would become free (an estimate).")
    if laterBytes > 0 { lines.append("About \(laterBytes) bytes more follow later.") }
    return lines
  }
}

extension ArchiveForecast.Segment {
  fileprivate var place: String { settings.target.map { "\($0)/\(file)" } ?? file }

  fileprivate var json: JSONValue {
    [
      "archiveSeq": .int(archiveSeq), "file": .string(file),
      "target": .optional(settings.target) { .string($0) },
      "mirror": .optional(settings.mirror) { .string($0) },
      "compression": .int(Int64(settings.level)), "sign": .bool(settings.isSigned),
      "encrypt": .bool(settings.isEncrypted), "begun": .bool(isBegun),
      "rowsStay": .optional(heldBack) { .string($0.text) },
      "estimatedFreedBytes": .int(freedBytes),
      "streams": .array(parts.map(\.json)),
    ]
  }
}

extension ArchiveForecast.Part {
  fileprivate var json: JSONValue {
    [
      "stream": .string(stream.rawValue), "first": .int(first.rawValue),
      "last": .int(last.rawValue), "events": .int(rows.events), "bytes": .int(rows.payloadBytes),
      "whole": .bool(isWhole), "policy": .optional(policy) { .string($0) },
      "sealed": .bool(isSealed), "reason": .string(why),
    ]
  }

  fileprivate var why: String {
    let reason =
      reason.map { (policy.map { "\($0): " } ?? "") + $0.text } ?? "begun by an earlier run"
    return reason + (isSealed ? "; sealed, hence encrypted" : "")
  }
}

extension ArchiveForecast.Copy {
  fileprivate var text: String {
    let why = policy.map { "archived before \($0) had this mirror" } ?? "owed by an earlier run"
    return "\(file) (\(bytes) bytes) would be copied to \(address): \(why)."
      + (isLater ? " Not in the next run: its budget is used up." : "")
  }

  fileprivate var json: JSONValue {
    [
      "archiveSeq": .int(archiveSeq), "file": .string(file), "bytes": .int(bytes),
      "target": .string(address), "policy": .optional(policy) { .string($0) },
      "later": .bool(isLater),
    ]
  }
}

extension ArchiveForecast.Release {
  fileprivate var json: JSONValue {
    [
      "archiveSeq": .int(archiveSeq), "file": .string(file), "events": .int(events),
      "estimatedFreedBytes": .int(bytes),
      "rowsStay": .optional(heldBack) { .string($0.text) },
    ]
  }
}

extension ColdReason {
  fileprivate var text: String {
    switch self {
    case .cold(let lastAt, let age, let coldAfter):
      "last event \(lastAt.rfc3339), \(TimeSpan.about(age)) ago, cold after "
        + TimeSpan.text(of: coldAfter)
    case .old(let before, let keepHot):
      "before \(before.rfc3339), the last \(TimeSpan.text(of: keepHot)) stay hot"
    case .unfinished: "archived, with events that are in no segment"
    case .ordered(let reason): reason
    }
  }
}

extension WaitingStream.Reason {
  fileprivate var text: String {
    switch self {
    case .neverCold: "its policy has no coldAfter or keepHot"
    case .young(let lastAt, let coldAt):
      "last event \(lastAt.rfc3339), cold from \(coldAt.rfc3339) on"
    case .noneOld(let before): "no event that is in no segment is older than \(before.rfc3339)"
    case .done: "archived, every event is in a segment"
    }
  }
}

extension HeldBack {
  var text: String {
    switch self {
    case .hold(let stream, let reason): "\(stream) is on legal hold: \(reason)"
    case .restored(let stream, let until): "\(stream) is restored until \(until.rfc3339)"
    case .earlierRows(let stream): "\(stream) has earlier rows that can't go yet"
    case .quarantined: "the segment failed a check"
    case .grace(let until): "its grace period ends \(until.rfc3339)"
    }
  }
}
