internal import EventStore
internal import Reports
internal import Streams

/// One run of a pipeline for one date.
///
/// The date is the last local day that is reported; ages and figures are reckoned at its end, so
/// that a night that is caught up a month late says what it would have said then. What is recorded
/// of the work itself (when a report was made, a segment written) is the real time.
struct Night {
  let definition: PipelineDefinition
  let context: PipelineContext
  let templates: Result<ReportTemplates, any Error>
  let date: CivilDate
  /// The end of the date, in the pipeline's zone; never after the real time.
  let clock: Timestamp
  /// Whether no other night follows in this run: what looks at all there is is done then.
  let isLast: Bool
  /// The real time, now.
  var now: Timestamp { time() }
  private let time: () -> Timestamp
  let stop: StopRequest
  /// What was sent is sent again.
  let redeliver: Bool
  private let ledger: RunLedger
  private(set) var foundDamage = false

  init(
    _ definition: PipelineDefinition, _ context: PipelineContext,
    _ templates: Result<ReportTemplates, any Error>, date: CivilDate, isLast: Bool,
    redeliver: Bool, now: @escaping () -> Timestamp, stop: StopRequest
  ) {
    self.definition = definition
    self.context = context
    self.templates = templates
    self.date = date
    ledger = RunLedger(context.store)
    clock = min(definition.zone.startOfDay(date.adding(days: 1)), now())
    self.isLast = isLast
    self.redeliver = redeliver
    time = now
    self.stop = stop
  }

  /// The steps that an earlier run did for this date, once it was over.
  func stepsDone() throws -> [Int: String] {
    try ledger.stepsDone(
      of: definition.name, date, since: definition.zone.startOfDay(date.adding(days: 1)))
  }

  /// Runs the steps in order; one that fails stops those that need it, and not the rest.
  ///
  /// - Parameter done: steps that need not be run again.
  mutating func run(only: String?, except done: [Int: String]) throws -> RunRecord {
    let name = only.map { "\(definition.name):\($0)" } ?? definition.name
    let id = try ledger.begin(name, date, now: .now())
    var steps: [RunRecord.Step] = []
    var isCutShort = false
    for (ordinal, step) in definition.steps.enumerated()
    where (only == nil || step.name == only) && done[ordinal] != step.name {
      if stop.isMade {
        isCutShort = true
        break
      }
      let blocking = step.needs.lazy.compactMap { need in
        steps.first { $0.name == need && $0.result != .done }
      }.first
      do {
        steps.append(try perform(step, ordinal, of: id, blocking: blocking))
      } catch is Stopped {
        isCutShort = true
        break
      }
    }
    let hasFailed = steps.contains { $0.result != .done }
    return try ledger.end(
      id, isCutShort ? .interrupted : hasFailed ? .failed : .done, now: .now())
  }

  /// Thrown by a step that ends before it is done because it is asked to.
  struct Stopped: Error {}

  private mutating func perform(
    _ step: PipelineDefinition.Step, _ ordinal: Int, of run: Int64, blocking: RunRecord.Step?
  ) throws -> RunRecord.Step {
    var record = RunRecord.Step(
      name: step.name, result: .running, startedAt: .now(), endedAt: nil, detail: "")
    if let blocking {
      record.result = .skipped
      record.detail = "\(blocking.name) was not done"
      // Why it failed stands there once, and not with all that follow.
      if blocking.result == .failed { record.detail += ": \(blocking.detail)" }
    } else if step.work.looksAtAll, !isLast {
      record.result = .done
      record.detail = "left to the last night of this run"
    } else {
      do {
        record.detail = try perform(step.work, ordinal, of: run)
        record.result = .done
      } catch let error as Stopped {
        throw error
      } catch let error as any CodedError {
        let damage: Set<ErrorCode> = [.segmentCorrupt, .segmentMissing, .storeCorrupt]
        if damage.contains(error.code) { noteDamage() }
        record.result = .failed
        record.detail = error.description
      } catch {
        record.result = .failed
        record.detail = "\(error)"
      }
    }
    record.endedAt = .now()
    try ledger.record(record, ordinal: ordinal, of: run)
    return record
  }

  private mutating func perform(
    _ work: StepWork, _ ordinal: Int, of run: Int64
  ) throws -> String {
    switch work {
    case .rollup: return try rollUp()
    case .uptimeReport(let step): return try reportUptime(step)
    case .activityReport(let step): return try reportActivity(step)
    case .archive(let options): return try archive(options)
    case .verify(let megabytes): return try verify(megabytes: megabytes)
    case .retention(let policies): return try retain(policies)
    case .deliver(let step):
      return try deliver(step, place: definition.deliverSteps(before: ordinal), run: run)
    }
  }

  mutating func noteDamage() { foundDamage = true }
}
