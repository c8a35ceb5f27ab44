internal import Synchronization

/// The places that did not answer a few times in a row: they are not waited for again and again while
/// thousands of copies are checked.
final class Absences: Sendable {
  private struct Absence {
    var count = 0
    var reason = ""
  }

  private let state = Mutex<[String: Absence]>([:])

  /// One object may be out of reach while the others are not; three in a row are the place itself.
  private static let limit = 3

  /// Why the place is not asked any more; nil while it is.
  func reason(at address: String) -> String? {
    state.withLock { state in
      state[address].flatMap { $0.count >= Self.limit ? $0.reason : nil }
    }
  }

  /// - Parameter reason: nil when the place has answered.
  func note(_ reason: String?, at address: String) {
    state.withLock { state in
      if let reason {
        state[address, default: Absence()].count += 1
        state[address]?.reason = reason
      } else {
        state[address] = nil
      }
    }
  }
}
