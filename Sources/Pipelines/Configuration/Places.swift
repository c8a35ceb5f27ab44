internal import Foundation
public import Sealing

/// Where what belongs to one store is: beside the store, unless the configuration of that very
/// store says otherwise.
///
/// A store that is given another way, such as a copy made to try something out, must not be at work
/// on the archive, the keys and the reports of the one in the configuration.
public struct Places: Sendable, Equatable {
  public let store: String
  public let archive: String
  public let reports: String
  public let keyFiles: KeyFiles

  /// - Parameter store: the path of the store that is meant; it need not exist yet.
  public init(of store: String, _ configuration: Configuration) {
    let isConfigured = configuration.store.map { Self.resolved($0) == Self.resolved(store) }
    let own = isConfigured == true ? configuration : Configuration()
    let beside = KeyFiles(beside: store)
    self.store = store
    archive = own.archive ?? store + ".segments"
    reports = own.reports ?? store + ".reports"
    keyFiles = KeyFiles(
      database: own.subjectKeys ?? beside.database,
      operatorKey: own.operatorKey ?? beside.operatorKey)
  }

  /// Without links and relative parts, as SQLite names the files beside a store.
  private static func resolved(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
  }
}
