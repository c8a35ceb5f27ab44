internal import Archive
internal import ArgumentParser
internal import EventStore
internal import Foundation
internal import Pipelines
internal import Sealing
internal import Segments
internal import Streams

/// Which store, and who asks.
struct StoreOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The store file.", valueName: "file"))
  var store: String?

  @Option(help: ArgumentHelp("The configuration file.", valueName: "file"))
  var config: String?

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "Who asks: system, user:ID or anonymous.", valueName: "principal"))
  var principal: String = "system"

  func load() throws -> Settings { try Settings(self) }

  /// For work on the store as a whole, which is the system's.
  func loadForSystem() throws -> Settings {
    let settings = try load()
    guard settings.principal == .system else {
      throw ValidationError("This is the system's work: it can't be done --as a user.")
    }
    return settings
  }
}

/// The options, environment and configuration of one invocation, put together.
struct Settings: Sendable {
  let configuration: Configuration
  let places: Places
  let principal: Principal
  /// The credentials for targets are the environment's.
  private let targets: Targets

  init(_ options: StoreOptions) throws {
    let environment = ProcessInfo.processInfo.environment
    configuration = try Configuration.load(options.config, environment: environment)
    guard
      let path = options.store ?? environment["ROOKERY_STORE"]
        ?? configuration.store
    else {
      throw ValidationError(
        "Which store? Give --store, set ROOKERY_STORE, or write 'store:' in the configuration.")
    }
    places = Places(of: path, configuration)
    targets = Targets(configuration.targets, environment: environment)
    guard let principal = Principal(options.principal) else {
      throw ValidationError("--as must be system, user:ID or anonymous.")
    }
    self.principal = principal
  }

  var storePath: String { places.store }

  var archiveFolder: ArchiveFolder { ArchiveFolder(path: places.archive, targets: targets) }

  var clockGap: Int64 { configuration.clockGap ?? ClockCheck.maxGap }

  /// Files that no output may be written to.
  var filesInUse: [String] {
    ["", "-wal", "-shm", ".lock"].map { storePath + $0 }
      + [places.keyFiles.database, places.keyFiles.operatorKey]
      + [configuration.file, configuration.signingKey].compactMap(\.self)
  }

  func open(_ mode: EventStore.Mode = .readWrite) throws -> EventStore {
    try EventStore(
      path: storePath, mode: mode,
      maxEventBytes: configuration.maxEventBytes ?? EventLimits.defaultMaxBytes,
      keyFiles: places.keyFiles)
  }

  /// Who signs segments; nil when no key is configured.
  func signer() throws -> SegmentSigner? {
    try configuration.signingKey.map { try SegmentSigner(path: $0) }
  }

  /// The one place where the rights matrix is asked.
  func check(_ action: Action, _ stream: StreamName, _ record: StreamRecord?) throws {
    guard Rights.allow(principal, to: action, stream, permissions: record?.permissions) else {
      throw PermissionDenied(principal: principal, action: action, stream: stream)
    }
  }
}
