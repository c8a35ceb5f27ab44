public import Streams

/// An archive folder or a key database is another store's. Nothing was changed.
public struct WrongStore: CodedError, Equatable {
  public var path: String
  /// The id of the store it belongs to; nil when it is only certain that it is another.
  public var owner: String?
  /// The id of the store that was to use it.
  public var store: String

  public init(path: String, owner: String?, store: String) {
    self.path = path
    self.owner = owner
    self.store = store
  }

  public var code: ErrorCode { .wrongStore }

  public var message: String {
    "\(path) belongs to \(owner.map { "store \($0)" } ?? "another store"), not to store \(store)."
  }

  public var remedy: String {
    "Nothing was changed. Give each store an archive and keys of its own: see 'store', 'archive' "
      + "and 'subjectKeys' in the configuration."
  }
}
