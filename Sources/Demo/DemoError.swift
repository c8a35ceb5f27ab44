public import Streams

/// Why a generated history can't be put where it was asked for.
public enum DemoError: CodedError, Equatable {
  /// The store holds a demo that ends on another day or was made from another seed.
  case otherHistory(store: String)
  case unwritable(file: String, detail: String)

  public var code: ErrorCode {
    switch self {
    case .otherHistory: .eventIDConflict
    case .unwritable: .ioError
    }
  }

  public var message: String {
    switch self {
    case .otherHistory(let store): "\(store) holds a demo history of another day or seed."
    case .unwritable(let file, let detail): "\(file) can't be written: \(detail)."
    }
  }

  public var remedy: String {
    switch self {
    case .otherHistory: "Load it into a new store, or with the same last day and seed."
    case .unwritable: "Check the folder, its permissions and the free space."
    }
  }
}
