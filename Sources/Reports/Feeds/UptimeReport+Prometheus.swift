internal import Analytics
internal import Streams

extension UptimeReport {
  /// The figures for Prometheus' textfile collector (text format 0.0.4): gauges of each service,
  /// group and of all together, told apart by `kind`.
  ///
  /// Shares are of 1, times in seconds. A figure over nothing has no sample.
  public func prometheus() -> String {
    var metrics = MetricText()
    for metric in Metric.all {
      metrics.begin("rookery_uptime_" + metric.name, help: metric.help)
      for (kind, figures) in entries {
        let labels = [
          ("kind", kind), ("service", figures.service), ("stream", figures.stream ?? ""),
        ]
        for sample in metric.samples(figures) {
          metrics.add(labels + sample.labels, sample.value)
        }
      }
    }
    metrics.begin(
      "rookery_uptime_report_period_start_seconds", help: "First instant of the period, Unix time.")
    metrics.add([], Self.seconds(options.start))
    metrics.begin(
      "rookery_uptime_report_period_end_seconds", help: "End of the period, Unix time.")
    metrics.add([], Self.seconds(options.end))
    metrics.begin(
      "rookery_uptime_report_timestamp_seconds", help: "When the report was made, Unix time.")
    metrics.add([], Self.seconds(madeAt))
    return metrics.text
  }

  private static func seconds(_ instant: Timestamp) -> String {
    Fraction(Int128(instant.microseconds), over: 1_000_000).shortest()
  }
}

/// One metric, and what of a service's figures it holds.
private struct Metric {
  typealias Sample = (labels: [(String, String)], value: String)

  let name: String
  let help: String
  let samples: (UptimeFigures) -> [Sample]

  private init(_ name: String, _ help: String, _ samples: @escaping (UptimeFigures) -> [Sample]) {
    self.name = name
    self.help = help
    self.samples = samples
  }

  private static func one(
    _ name: String, _ help: String, _ value: @escaping (UptimeFigures) -> String?
  ) -> Metric {
    Metric(name, help) { figures in value(figures).map { [([], $0)] } ?? [] }
  }

  private static func share(
    _ name: String, _ help: String, _ value: @escaping (UptimeFigures) -> Fraction?
  ) -> Metric {
    one(name, help) { value($0)?.shortest(decimals: 9) }
  }

  /// To the microsecond.
  private static func seconds(milliseconds: Double) -> String {
    guard milliseconds.isFinite, milliseconds.magnitude < 1e15 else { return "NaN" }
    return Fraction(Int128((milliseconds * 1000).rounded()), over: 1_000_000).shortest(decimals: 6)
  }

  static var all: [Metric] {
    [
      share("availability_ratio", "Good time as a share of measured time.") { $0.availability },
      share("coverage_ratio", "Known time as a share of elapsed time.") { $0.coverage },
      share("availability_lower_bound_ratio", "With unknown time counted as bad.") {
        $0.lowerBound
      },
      share("availability_upper_bound_ratio", "With unknown time counted as good.") {
        $0.upperBound
      },
      Metric("state_seconds", "Time in each state.") { figures in
        figures.durations.named.map { state, milliseconds in
          ([("state", state)], Fraction.seconds(milliseconds: milliseconds).shortest())
        }
      },
      one("incidents", "Incidents that touch the period.") { String($0.counts.touching) },
      one("incidents_open", "Incidents not over at the end.") { String($0.counts.open) },
      one("mttr_seconds", "Mean down time of repaired incidents.") { $0.mttr?.shortest() },
      one("mtbf_seconds", "Mean good time between incidents.") { $0.mtbf?.shortest() },
      one("error_budget_seconds", "Bad time that the target allows.") {
        $0.errorBudget?.budget.shortest()
      },
      one("error_budget_remaining_seconds", "What is left of it; below 0 if overdrawn.") {
        $0.errorBudget?.remaining.shortest()
      },
      Metric("response_time_seconds", "Response times, nearest rank.") { figures in
        guard let latency = figures.latency, latency.count > 0 else { return [] }
        return [
          ("0.5", latency.p50), ("0.95", latency.p95), ("0.99", latency.p99), ("1", latency.max),
        ].map { quantile, value in ([("quantile", quantile)], seconds(milliseconds: value)) }
      },
      one("last_fact_timestamp_seconds", "The newest fact, Unix time.") { figures in
        figures.lastFactAt.map { Fraction(Int128($0.microseconds), over: 1_000_000).shortest() }
      },
    ]
  }
}

extension StateDurations {
  fileprivate var named: [(String, Int64)] {
    [
      (ServiceState.up.word, up), (ServiceState.degraded.word, degraded),
      (ServiceState.down.word, down), (ServiceState.maintenance.word, maintenance),
      (ServiceState.unknown.word, unknown),
    ]
  }
}

/// Metrics in Prometheus' text format; all samples of one stand together.
private struct MetricText {
  private(set) var text = ""
  private var name = ""

  mutating func begin(_ name: String, help: String) {
    self.name = name
    text += "# HELP \(name) \(help)\n# TYPE \(name) gauge\n"
  }

  mutating func add(_ labels: [(String, String)], _ value: String) {
    let pairs = labels.map { "\($0.0)=\"\(Self.escape($0.1))\"" }
    text += pairs.isEmpty ? name : "\(name){\(pairs.joined(separator: ","))}"
    text += " \(value)\n"
  }

  private static func escape(_ label: String) -> String {
    label.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
