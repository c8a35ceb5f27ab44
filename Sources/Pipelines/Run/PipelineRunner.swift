public import Archive
public import EventStore
internal import History
internal import Reports
internal import Segments
public import Streams
public import Transport

/// Where a run's work is and goes.
public struct PipelineContext: Sendable {
  public var store: EventStore
  public var folder: ArchiveFolder
  /// Reports go to a folder a date below this one.
  public var reportsPath: String
  public var templatesPath: String
  /// The version of this software, for manifests.
  public var version: String
  /// The file of the private key that signs segments; nil when none is configured.
  public var signingKey: String?
  /// How far ahead of the last run the clock may be for anything to be archived or deleted; µs.
  public var clockGap: Int64
  /// Somebody has looked at the clock: it is right, whatever the store knows of the time.
  public var isClockRight: Bool
  /// Where the secrets of deliveries are.
  public var environment: [String: String]
  /// How often and how long a delivery is tried.
  public var patience: Patience
  /// Called at each moment of a delivery at which a process may die.
  package var onDelivery: @Sendable (DeliveryMoment) -> Void = { _ in }

  public init(
    store: EventStore, folder: ArchiveFolder, reportsPath: String, templatesPath: String,
    version: String, signingKey: String? = nil, clockGap: Int64 = ClockCheck.maxGap,
    isClockRight: Bool = false, environment: [String: String] = [:],
    patience: Patience = .deliveries
  ) {
    self.store = store
    self.folder = folder
    self.reportsPath = reportsPath
    self.templatesPath = templatesPath
    self.version = version
    self.signingKey = signingKey
    self.clockGap = clockGap
    self.isClockRight = isClockRight
    self.environment = environment
    self.patience = patience
  }

  func signer() throws -> SegmentSigner? {
    try signingKey.map { try SegmentSigner(path: $0) }
  }

  var history: History { History(store: store, folder: folder) }
}

/// Runs pipelines: one night, or every night that was missed.
public struct PipelineRunner: Sendable {
  let definition: PipelineDefinition
  let context: PipelineContext

  public init(_ definition: PipelineDefinition, _ context: PipelineContext) {
    self.definition = definition
    self.context = context
  }

  /// How a run ended.
  public struct Outcome: Sendable {
    public var runs: [RunRecord] = []
    /// Nothing was missing.
    public var isUpToDate: Bool { runs.isEmpty }
    public var hasFailed: Bool { runs.contains { $0.result == .failed } }
    /// It was asked to stop, and a step or a night was left.
    public var wasInterrupted = false
    /// A segment failed a check.
    public var foundDamage = false
  }

  /// Runs for `date`, or, without one, for every night up to yesterday that was not done, since the
  /// first that was; the first time, since the store's first event. Of a night that was not done
  /// only the steps are run that were not. One run at a time on a store.
  ///
  /// - Parameters:
  ///   - only: just this step; the run is not entered as done.
  ///   - redeliver: sends again what was sent before, or what may have been.
  ///   - now: asked anew whenever the time is needed: many nights take long.
  ///   - stop: asked between nights and steps, and within those that take long.
  ///   - progress: called after each night.
  /// - Throws: ``PipelineError`` `.running` when another run has the lock. A step's own failure is
  ///   in the outcome.
  public func run(
    date: CivilDate? = nil, only: String? = nil, redeliver: Bool = false,
    now: @autoclosure @escaping () -> Timestamp = .now(),
    stop: StopRequest = .never,
    progress: (_ run: RunRecord, _ done: Int, _ total: Int) -> Void = { _, _, _ in }
  ) throws -> Outcome {
    if let only, !definition.steps.contains(where: { $0.name == only }) {
      throw PipelineError.noSuchStep(only, known: definition.steps.map(\.name))
    }
    if let date, date > definition.zone.localDate(of: now()) { throw PipelineError.future(date) }
    // Who names a date or a step wants it now, whatever was done before.
    let isCatchingUp = date == nil && only == nil
    return try PipelineLock.hold(context.store.path) {
      // Without templates the reports fail, and nothing else.
      let templates = Result { try ReportTemplates.load(from: context.templatesPath) }
      let dates = try date.map { [$0] } ?? missedDates(now: now())
      var outcome = Outcome()
      for (index, date) in dates.enumerated() {
        guard !stop.isMade else {
          outcome.wasInterrupted = true
          break
        }
        var night = Night(
          definition, context, templates, date: date, isLast: index == dates.count - 1,
          redeliver: redeliver, now: now, stop: stop)
        let done = isCatchingUp ? try night.stepsDone() : [:]
        let run = try night.run(only: only, except: done)
        outcome.runs.append(run)
        outcome.foundDamage = outcome.foundDamage || night.foundDamage
        outcome.wasInterrupted = run.result == .interrupted
        progress(run, index + 1, dates.count)
      }
      return outcome
    }
  }

  /// Every night of the catch-up window that was not done, the oldest first.
  private func missedDates(now: Timestamp) throws -> [CivilDate] {
    let zone = definition.zone
    let yesterday = zone.localDate(of: now).adding(days: -1)
    let done = try RunLedger(context.store).doneDates(of: definition.name, in: zone)
    guard let first = try done.min() ?? firstDate(zone) else { return [] }
    let from = max(first, yesterday.adding(days: 1 - Int64(definition.catchUp)))
    guard from <= yesterday else { return [] }
    return (from.utcDay...yesterday.utcDay).map(CivilDate.init(utcDay:))
      .filter { !done.contains($0) }
  }

  /// The day of the first event of any stream but the store's own; nil in an empty store.
  private func firstDate(_ zone: ReportZone) throws -> CivilDate? {
    try context.store.read { snapshot in
      try snapshot.streams().filter { !$0.name.isReserved }.compactMap(\.firstAt).min()
    }.map { zone.localDate(of: $0) }
  }
}

extension Patience {
  /// Of somebody who is told by night: half a minute of pauses, and then the next run.
  public static var deliveries: Patience {
    var patience = Patience()
    patience.firstPause = 1_000
    patience.longestPause = 60_000
    return patience
  }
}
