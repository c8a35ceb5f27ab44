/// The options of `deliver`.
public struct DeliverStep: Sendable {
  var destinations: [any Destination]
  /// Times each of them is tried in a run.
  var tries: Int?
  /// For one attempt over the network, in milliseconds.
  var timeout: Int?

  init(_ yaml: YAMLMapping) throws {
    destinations = try yaml.required(try yaml.mappings("to"), "to").map(Self.destination)
    tries = try yaml.integer("tries", in: 1...20)
    timeout = try yaml.duration("timeout").map { Int($0 / 1000) }
    if timeout == 0 { throw yaml.wrong("timeout", expected: "at least 1s") }
    guard !destinations.isEmpty else { throw yaml.wrong("to", expected: "a list of destinations") }
    let twice = Dictionary(grouping: destinations, by: \.identity).first { $1.count > 1 }
    if let twice { throw yaml.wrong("to", expected: "without \(twice.key) twice") }
  }

  private static let kinds:
    [(key: String, read: @Sendable (YAMLMapping) throws -> any Destination)] =
      [
        ("folder", { try FolderDestination($0) }), ("smtp", { try MailDestination($0) }),
        ("webhook", { try WebhookDestination($0) }), ("command", { try CommandDestination($0) }),
      ]

  private static func destination(_ yaml: YAMLMapping) throws -> any Destination {
    let present = try kinds.filter { try yaml.texts($0.key) != nil }
    guard present.count == 1, let kind = present.first else {
      throw yaml.wrong(
        "destination", expected: "one of " + kinds.map(\.key).joined(separator: ", "))
    }
    let destination = try kind.read(yaml)
    try yaml.refuseOtherKeys()
    return destination
  }
}

/// Which nights of a run that catches up several are delivered.
enum CatchUp: String, Sendable {
  case each, last

  init(_ yaml: YAMLMapping, default usual: CatchUp) throws {
    guard let catchUp = CatchUp(rawValue: try yaml.text("catchUp") ?? usual.rawValue) else {
      throw yaml.wrong("catchUp", expected: "each or last")
    }
    self = catchUp
  }
}
