internal import Archive
internal import EventStore
internal import Streams

extension Doctor {
  /// Whether what is to be encrypted is so everywhere; nil where nothing is.
  func sealsFinding() throws -> Finding? {
    let seals = try store.read { try $0.seals() }
    if let open = seals.first(where: { !$0.isComplete }) {
      return Finding(
        check: "seals", grade: .problem,
        says: "sealing the rows of streams '\(open.pattern)' was begun and not completed",
        remedy: "Run 'rookery seal add '\(open.pattern)' --reason WHY' again: it goes on.")
    }
    if let plain = try plainPattern() {
      return Finding(
        check: "seals", grade: .note,
        says:
          "segments of streams '\(plain)' are encrypted; their rows in the store, and so in every "
          + "backup of it, are not",
        remedy: "Run 'rookery seal add '\(plain)' --reason WHY'.")
    }
    guard !seals.isEmpty else { return nil }
    return Finding(check: "seals", grade: .good, says: "\(seals.count) in force, no row is plain")
  }

  /// Streams that are encrypted only when they are archived: by what a policy says, or a segment is.
  private func plainPattern() throws -> String? {
    try store.read { snapshot in
      for policy in policies where policy.settings.isEncrypted {
        let streams = try snapshot.streams(matching: policy.streams)
        if streams.contains(where: { !$0.isSealed && $0.status != .deleted && !$0.name.isReserved })
        {
          return policy.streams
        }
      }
      return try Catalog.plainRows(snapshot.db).first
    }
  }
}
