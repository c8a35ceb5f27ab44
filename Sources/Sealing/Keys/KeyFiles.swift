/// Where the keys of a store's data subjects are: never in the store, never in its archive.
public struct KeyFiles: Sendable, Hashable {
  /// The database with one wrapped key a person.
  public var database: String
  /// The operator's key, which unwraps them.
  public var operatorKey: String

  public init(database: String, operatorKey: String) {
    self.database = database
    self.operatorKey = operatorKey
  }

  /// Beside the store, for who configured nothing: `<store>.keys` and `<store>.operator-key`.
  public init(beside store: String) {
    self.init(database: store + ".keys", operatorKey: store + ".operator-key")
  }
}
