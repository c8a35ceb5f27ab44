internal import Streams

/// A monitored service, and how fast it answers when all is well.
struct DemoService: Sendable {
  let name: String
  let stream: StreamName
  let typicalMs: Int
  let probe: String

  static func all() throws(StreamNameError) -> [DemoService] {
    [
      DemoService(
        name: "http", stream: try .serviceUptime("http"), typicalMs: 118, probe: "probe-http-1"),
      DemoService(
        name: "websocket", stream: try .serviceUptime("websocket"), typicalMs: 46,
        probe: "probe-ws-1"),
      DemoService(
        name: "database", stream: try .serviceUptime("database"), typicalMs: 9,
        probe: "probe-db-1"),
    ]
  }
}
