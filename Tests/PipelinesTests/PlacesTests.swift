import EventStore
import Foundation
import Pipelines
import Sealing
import Testing

/// A configuration that names everything of a store, and other stores beside it.
@Suite struct `The places of a store` {
  private let root: String
  private let configuration: Configuration

  init() throws {
    root = NSTemporaryDirectory() + "rookery-places-" + UUID().uuidString
    try FileManager.default.createDirectory(
      atPath: root + "/sub", withIntermediateDirectories: true)
    try Data().write(to: URL(filePath: root + "/real.db"))
    try FileManager.default.createSymbolicLink(
      atPath: root + "/link.db", withDestinationPath: root + "/real.db")
    var configuration = Configuration()
    configuration.store = root + "/real.db"
    configuration.archive = "/srv/archive"
    configuration.reports = "/srv/reports"
    configuration.subjectKeys = "/srv/keys"
    configuration.operatorKey = "/srv/operator"
    self.configuration = configuration
  }

  @Test(arguments: ["real.db", "link.db", "sub/../real.db", "./real.db"])
  func `are what the configuration of that store says, however it is named`(name: String) {
    let places = Places(of: "\(root)/\(name)", configuration)
    #expect(places.archive == "/srv/archive")
    #expect(places.reports == "/srv/reports")
    #expect(places.keyFiles == KeyFiles(database: "/srv/keys", operatorKey: "/srv/operator"))
  }

  @Test(arguments: ["copy.db", "real.db.bak", "sub/real.db"])
  func `are beside it when the configuration is about another store`(name: String) {
    let path = "\(root)/\(name)"
    let places = Places(of: path, configuration)
    #expect(places.archive == path + ".segments")
    #expect(places.reports == path + ".reports")
    #expect(places.keyFiles == KeyFiles(beside: path))
  }

  @Test(arguments: ["archive", "reports", "subjectKeys", "operatorKey"])
  func `are not taken from a configuration that does not say of which store they are`(
    key: String
  ) throws {
    let file = root + "/config.yaml"
    try Data("\(key): /srv/somewhere\n".utf8).write(to: URL(filePath: file))
    #expect(throws: ConfigurationError.placesOfNoStore(file: file)) {
      try Configuration.load(file, environment: [:])
    }
  }
}
