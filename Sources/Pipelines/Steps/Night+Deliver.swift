internal import Reports
internal import Streams
internal import Transport

extension Night {
  /// Delivers the reports to each destination; one that can't be reached keeps no other from its own.
  ///
  /// - Throws: ``DeliveryError/undelivered(_:redeliver:)`` at the end, when there was such a one.
  func deliver(_ step: DeliverStep, place: Int, run: Int64) throws -> String {
    let parcel = try Parcel(
      pipeline: definition.name, date: date, run: run, reports: context.reportsPath, madeAt: now)
    let deliverer = deliverer(step, place: place)
    var done: [String] = []
    var undelivered: [DeliveryError.Undelivered] = []
    for destination in step.destinations {
      switch try deliverer.deliver(parcel, to: destination) {
      case .done(let words): done.append("\(destination.identity): \(words)")
      case .undelivered(let reason):
        undelivered.append(.init(destination: destination.identity, reason: reason))
      }
    }
    guard undelivered.isEmpty else {
      throw DeliveryError.undelivered(
        undelivered,
        redeliver: "The next run delivers what failed, and only that; what is unknown, "
          + "'rookery run FILE --date \(date) --redeliver' sends again.")
    }
    return done.joined(separator: "; ")
  }

  private func deliverer(_ step: DeliverStep, place: Int) -> Deliverer {
    var patience = context.patience
    if let tries = step.tries { patience.attempts = tries }
    if let timeout = step.timeout { patience.timeout = timeout }
    return Deliverer(
      ledger: DeliveryLedger(context.store),
      slot: DeliveryLedger.Slot(pipeline: definition.name, date: date, step: place),
      means: DeliveryMeans(
        environment: context.environment, patience: patience, templates: templates, isLast: isLast,
        now: { now },
        stop: stop),
      endOfDate: definition.zone.startOfDay(date.adding(days: 1)),
      redeliver: redeliver, onMoment: context.onDelivery)
  }
}
