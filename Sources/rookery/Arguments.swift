public import Analytics
public import ArgumentParser
public import Streams

// What the command line gives as one word, read as what it means.

extension ServiceState: ExpressibleByArgument {
  public init?(argument: String) { self.init(word: argument) }
  public static var allValueStrings: [String] {
    ["up", "degraded", "down", "maintenance", "unknown"]
  }
}

extension Timestamp: ExpressibleByArgument {
  public init?(argument: String) {
    guard let time = try? Timestamp(rfc3339: argument) else { return nil }
    self = time
  }
}
