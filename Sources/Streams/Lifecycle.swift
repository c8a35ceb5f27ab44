/// Where a stream stands: `created` → `active` → `archived` → `deleted`.
///
/// Only these steps, and `archived` → `active`, the explicit and audited *reopen*.
public enum Lifecycle: String, CaseIterable, Sendable {
  /// It exists and has no event.
  case created
  /// It has events and takes more.
  case active
  /// Read-only.
  case archived
  /// A tombstone: the name can't be reused.
  case deleted

  public func canBecome(_ next: Lifecycle) -> Bool {
    switch (self, next) {
    case (.created, .active), (.active, .archived), (.archived, .deleted): true
    case (.archived, .active): true
    default: false
    }
  }

  public var acceptsEvents: Bool { self == .created || self == .active }
}

/// What remains of a deleted stream.
public struct Tombstone: Hashable, Sendable {
  public var deletedAt: Timestamp
  public var deletedBy: Principal
  public var reason: String

  public init(deletedAt: Timestamp, deletedBy: Principal, reason: String) {
    self.deletedAt = deletedAt
    self.deletedBy = deletedBy
    self.reason = reason
  }
}
