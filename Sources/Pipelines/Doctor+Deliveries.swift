internal import EventStore
internal import Streams

extension Doctor {
  /// What is older nobody waits for any more: a destination may have been given up since.
  private static let deliveryDays: Int64 = 31

  /// Reports that did not reach somebody in the last month; nil where there are none.
  func deliveriesFinding(_ now: Timestamp) throws -> Finding? {
    let since = now.adding(seconds: -Self.deliveryDays * 86_400)
    let isRunning = !PipelineLock.isFree(store.path)
    let open = try DeliveryLedger(store).open(since: since).filter {
      !isRunning || ($0.state != .sending && $0.state != .pending)
    }
    let lost = open.filter { $0.state == .failed || $0.state == .pending }
    guard let first = lost.first ?? open.first else { return nil }
    let named = "\(first.date) to \(first.destination)"
    if lost.isEmpty {
      return Finding(
        check: "deliveries", grade: .note,
        says: "whether reports arrived is unknown of \(open.count), as \(named)",
        remedy: "Ask there; 'rookery run FILE --date \(first.date) --redeliver' sends them again.")
    }
    return Finding(
      check: "deliveries", grade: .problem,
      says: "\(lost.count) not delivered, as \(named): \(first.detail)",
      remedy: "Mend what it says; 'rookery run FILE --date \(first.date)' delivers what was not.")
  }
}
