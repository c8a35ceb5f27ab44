internal import Streams

/// The members of a correction's JSON object.
struct CorrectionFields {
  private var texts: [String: String] = [:]

  static let types: Set<String> = [
    KnownEventType.incidentAnnotated, KnownEventType.incidentReclassified,
    KnownEventType.incidentExcluded, KnownEventType.incidentCorrectionWithdrawn,
    KnownEventType.maintenancePlanned, KnownEventType.maintenanceCancelled,
  ]

  init(_ json: UnsafeRawBufferPointer) {
    JSONMembers.forEach(in: json) { key, value in
      texts[String(decoding: key, as: UTF8.self)] = value.string
    }
  }

  /// Nil for a withdrawal, and for what breaks the rules of its type.
  func correction(id: EventID, _ source: EventReference) -> Correction? {
    guard let effect = effect(source.type), let start = time("start"), let end = time("end"),
      start.millisecondsCut < end.millisecondsCut, let reason = text("reason")
    else { return nil }
    let service = text("serviceName")
    guard service != nil || effect == .maintenance else { return nil }
    return Correction(
      id: id, effect: effect, service: service, start: start, end: end, reason: reason,
      principal: text("principal") ?? "system", source: source)
  }

  func withdrawal(_ source: EventReference) -> Withdrawal? {
    let isEnd =
      source.type == KnownEventType.incidentCorrectionWithdrawn
      || source.type == KnownEventType.maintenanceCancelled
    guard isEnd, let id = text("id").flatMap({ EventID($0) }), let reason = text("reason") else {
      return nil
    }
    return Withdrawal(
      id: id, from: time("from"), reason: reason, principal: text("principal") ?? "system",
      source: source)
  }

  private func effect(_ type: String) -> Correction.Effect? {
    switch type {
    case KnownEventType.incidentAnnotated:
      text("text").map { .annotation(text: $0, link: text("link")) }
    case KnownEventType.incidentReclassified:
      text("status").flatMap { ServiceState(word: $0) }.map { .reclassification($0) }
    case KnownEventType.incidentExcluded: .exclusion
    case KnownEventType.maintenancePlanned: .maintenance
    default: nil
    }
  }

  private func text(_ name: String) -> String? {
    texts[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  private func time(_ name: String) -> Timestamp? {
    texts[name].flatMap { try? Timestamp(rfc3339: $0) }
  }
}
