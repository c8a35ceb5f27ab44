internal import EventStore
internal import Glibc
internal import Streams
internal import Transport

/// Moments of a delivery at which a process may die.
package enum DeliveryMoment: String, Sendable, CaseIterable, Codable {
  /// The ledger says that it is being sent.
  case marked
  /// The receiver has it.
  case handedOver
  /// The ledger says so.
  case recorded
}

/// Delivers one night's reports to one destination, at most once.
///
/// The ledger says `sending` before anything is handed over, and how it ended after that. Who finds
/// `sending` knows that a process died in between: whether the receiver has it nobody can tell, so it
/// is `unknown` from then on, and not sent again by itself. A receiver can drop what it gets twice by
/// the key, which is the same until somebody has it sent again although it was sent.
struct Deliverer {
  let ledger: DeliveryLedger
  let slot: DeliveryLedger.Slot
  let means: DeliveryMeans
  /// When the date was over: what was sent before is not the night's last word.
  let endOfDate: Timestamp
  let redeliver: Bool
  let onMoment: @Sendable (DeliveryMoment) -> Void

  /// What came of it.
  enum Outcome: Equatable {
    case done(String)
    case undelivered(String)
  }

  /// - Throws: ``Night/Stopped``, or an error of the ledger. That it was not delivered is no error.
  func deliver(_ parcel: Parcel, to destination: any Destination) throws -> Outcome {
    var entry = try entry(for: destination, run: parcel.run)
    switch entry.state {
    case .sent: return .done("was sent already")
    case .unknown: return .done("unknown whether it was sent: \(entry.detail)")
    case .sending:
      let reason = "the process ended while it was being sent"
      try record(.unknown, reason, in: &entry, parcel.run)
      return .undelivered("unknown whether it arrived: \(reason)")
    case .pending, .failed, .skipped: break
    }
    // What was tried in its own night is still owed.
    if !means.isLast, destination.catchUp == .last, entry.attempts == 0 {
      try record(.skipped, "a later night was delivered", in: &entry, parcel.run)
      return .done("left to the last night of this run")
    }
    var parcel = parcel
    parcel.key = Parcel.key(
      store: ledger.store.id, slot, destination.identity, round: entry.round)
    return try send(parcel, to: destination, &entry)
  }

  /// The row of the ledger, as it is to be understood now.
  private func entry(for destination: any Destination, run: Int64) throws -> Delivery {
    let known = try ledger.entry(slot, destination.identity)
    guard var entry = known else {
      return Delivery(
        pipeline: slot.pipeline, date: slot.date, step: slot.step,
        destination: destination.identity, state: .pending, round: 0, attempts: 0, run: run,
        detail: "", changedAt: means.now())
    }
    let isEarly = entry.changedAt < endOfDate && endOfDate <= means.now()
    guard redeliver || isEarly else { return entry }
    // The receiver is to take it for another message only if it surely has the first one.
    if entry.state == .sent { entry.round += 1 }
    (entry.state, entry.attempts) = (.pending, 0)
    return entry
  }

  /// Several attempts, with pauses; one only for a night that others follow.
  private func send(
    _ parcel: Parcel, to destination: any Destination, _ entry: inout Delivery
  ) throws -> Outcome {
    let most = means.isLast ? means.patience.attempts : 1
    for attempt in 1... {
      if means.stop.isMade { throw Night.Stopped() }
      entry.attempts += 1
      try record(.sending, entry.detail, in: &entry, parcel.run)
      onMoment(.marked)
      let result = outcome(of: destination, parcel)
      onMoment(.handedOver)
      defer { onMoment(.recorded) }
      switch result {
      case .delivered(let words):
        try record(.sent, words, in: &entry, parcel.run)
        return .done("sent" + (words.isEmpty ? "" : " (\(words))"))
      case .refused(let reason):
        try record(.failed, reason, in: &entry, parcel.run)
        return .undelivered(reason)
      case .unknown(let reason):
        try record(.unknown, reason, in: &entry, parcel.run)
        return .undelivered("unknown whether it arrived: \(reason)")
      case .stopped:
        try record(.pending, "stopped, as asked", in: &entry, parcel.run)
        throw Night.Stopped()
      case .postponed(let reason, let after):
        let pause = max(means.patience.pause(after: attempt), after * 1000)
        guard attempt < most, pause <= means.patience.longestPause else {
          try record(.failed, reason, in: &entry, parcel.run)
          let tries = "\(attempt) \(attempt == 1 ? "try" : "tries")"
          let wish = after > 0 ? ", and to come back in \(after) s" : ""
          return .undelivered("\(reason)\(wish), after \(tries)")
        }
        try record(.pending, reason, in: &entry, parcel.run)
        wait(milliseconds: pause)
      }
    }
    return .undelivered(entry.detail)
  }

  private func outcome(of destination: any Destination, _ parcel: Parcel) -> Attempt {
    do {
      return try destination.attempt(parcel, means)
    } catch let error as any CodedError {
      return .refused("\(error.message) \(error.remedy)")
    } catch {
      return .refused("\(error)")
    }
  }

  private func record(
    _ state: Delivery.State, _ detail: String, in entry: inout Delivery, _ run: Int64
  ) throws {
    entry.state = state
    entry.detail = detail
    entry.run = run
    entry.changedAt = means.now()
    try ledger.write(entry)
  }

  /// In slices, so that a signal ends it at once.
  private func wait(milliseconds: Int) {
    var left = milliseconds
    while left > 0, !means.stop.isMade {
      usleep(UInt32(min(left, 50)) * 1000)
      left -= 50
    }
  }
}
