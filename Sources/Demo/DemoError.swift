public import Streams

/// Why a demo history can't be loaded.
public enum DemoError: CodedError, Equatable {
  /// The store holds a demo that ends on another day or was made from another seed.
  case otherHistory(store: String)

  public var code: ErrorCode { .eventIDConflict }

  public var message: String {
    switch self {
    case .otherHistory(let store): "\(store) holds a demo history of another day or seed."
    }
  }

  public var remedy: String { "Load it into a new store, or with the same last day and seed." }
}
