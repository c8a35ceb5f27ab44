public import Streams

/// A stretch of a service's history that was not simply up: known in length and cause, so that a
/// report can be compared with it.
public struct DemoIncident: Hashable, Sendable {
  /// `http`, `websocket` or `database`.
  public var service: String
  /// `down`, `degraded`, `maintenance` or `unknown`.
  public var status: String
  public var start: Timestamp
  /// When the next state began; to the millisecond, as `start`.
  public var end: Timestamp
  public var cause: String

  public var seconds: Int64 {
    (end.microseconds - start.microseconds) / Timestamp.microsecondsPerSecond
  }
}

extension DemoIncident {
  /// An incident placed by its distance from the end of a history.
  struct Plan {
    let service: String
    let status: String
    /// 0 is the last day.
    let daysAgo: Int
    /// Milliseconds after midnight, UTC.
    let startMs: Int64
    let lengthMs: Int64
    let cause: String

    init(
      _ service: String, _ status: String, daysAgo: Int, at clock: (Int64, Int64, Int64),
      ms: Int64 = 0, seconds: Int64, _ cause: String
    ) {
      self.service = service
      self.status = status
      self.daysAgo = daysAgo
      startMs = (clock.0 * 3600 + clock.1 * 60 + clock.2) * 1000 + ms
      lengthMs = seconds * 1000
      self.cause = cause
    }
  }

  /// After so many days the plans come round again, so that a long history has incidents all over.
  static let cycleDays = 120

  static let plans: [Plan] = [
    Plan(
      "http", "degraded", daysAgo: 0, at: (15, 20, 0), seconds: 18 * 60,
      "A batch of statements was rendered during office hours"),
    Plan(
      "database", "degraded", daysAgo: 2, at: (12, 55, 0), ms: 250, seconds: 12 * 60,
      "Connection pool nearly exhausted"),
    Plan(
      "database", "down", daysAgo: 2, at: (13, 7, 0), ms: 250, seconds: 42 * 60,
      "A schema migration held a lock on the loans table; it was cancelled by hand"),
    Plan(
      "http", "degraded", daysAgo: 2, at: (13, 8, 30), seconds: 41 * 60,
      "Pages without the database are served from the cache"),
    Plan(
      "websocket", "down", daysAgo: 5, at: (10, 0, 5), seconds: 20,
      "Load balancer flapping: health check time-out shorter than a garbage collection"),
    Plan(
      "websocket", "down", daysAgo: 5, at: (10, 1, 15), seconds: 35, "Load balancer flapping"),
    Plan(
      "websocket", "down", daysAgo: 5, at: (10, 2, 50), seconds: 15, "Load balancer flapping"),
    Plan(
      "websocket", "down", daysAgo: 5, at: (10, 4, 10), ms: 400, seconds: 28,
      "Load balancer flapping"),
    Plan(
      "http", "down", daysAgo: 9, at: (2, 15, 0), seconds: 3 * 3600,
      "TLS certificate expired; its renewal had failed since Friday"),
    Plan(
      "http", "degraded", daysAgo: 14, at: (9, 30, 0), seconds: 95 * 60,
      "Slow queries on the offers page"),
    Plan(
      "database", "maintenance", daysAgo: 20, at: (22, 0, 0), seconds: 90 * 60,
      "Planned: minor upgrade of PostgreSQL"),
    Plan(
      "websocket", "unknown", daysAgo: 26, at: (6, 10, 0), seconds: 4 * 3600,
      "The probe's host was rebuilt"),
    Plan(
      "http", "down", daysAgo: 30, at: (16, 42, 10), ms: 120, seconds: 270,
      "Release 2.14 rolled back"),
    Plan(
      "http", "maintenance", daysAgo: 34, at: (21, 30, 0), seconds: 45 * 60,
      "Planned: kernel upgrade"),
    Plan(
      "websocket", "degraded", daysAgo: 47, at: (1, 0, 0), seconds: 6 * 3600,
      "Memory leak: messages delayed"),
    Plan(
      "websocket", "down", daysAgo: 47, at: (7, 0, 0), seconds: 25 * 60,
      "Memory leak: the process was killed by the kernel"),
    Plan(
      "http", "down", daysAgo: 62, at: (23, 54, 0), seconds: 12 * 60,
      "Router firmware update, over midnight"),
    Plan(
      "database", "down", daysAgo: 75, at: (4, 31, 7), seconds: 58, "Failover to the replica"),
    Plan(
      "database", "degraded", daysAgo: 88, at: (11, 5, 0), seconds: 2 * 3600,
      "Index of the activity table rebuilt"),
    Plan(
      "http", "down", daysAgo: 100, at: (18, 20, 0), seconds: 8 * 60,
      "Network of the data centre"),
    Plan(
      "websocket", "down", daysAgo: 100, at: (18, 20, 0), ms: 700, seconds: 8 * 60,
      "Network of the data centre"),
    Plan(
      "database", "down", daysAgo: 100, at: (18, 20, 1), seconds: 8 * 60,
      "Network of the data centre"),
    Plan(
      "websocket", "down", daysAgo: 111, at: (12, 12, 12), seconds: 150, "Deployment"),
  ]
}
