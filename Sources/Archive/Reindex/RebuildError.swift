public import Streams

/// Why a lost store can't be rebuilt. Nothing was changed.
public enum RebuildError: CodedError, Equatable {
  /// There is something where the store is to be.
  case exists(path: String)
  /// Another store's rebuild was broken off there.
  case otherRebuild(path: String)
  /// Another program has it open.
  case inUse(path: String)
  case noSegments(folder: String)
  /// The folder has segments of several stores, by their ids.
  case manyStores(folder: String, ids: [String])

  public var code: ErrorCode {
    switch self {
    case .exists, .otherRebuild, .manyStores: .invalidOption
    case .inUse: .storeBusy
    case .noSegments: .segmentMissing
    }
  }

  public var message: String {
    switch self {
    case .exists(let path): "There is a file at \(path)."
    case .otherRebuild(let path): "\(path) is left from the rebuild of another store."
    case .inUse(let path): "The rebuilt store is open in another program: \(path)."
    case .noSegments(let folder): "There is no segment that can be read in \(folder)."
    case .manyStores(let folder, let ids):
      "In \(folder) there are segments of \(ids.count) stores: \(ids.joined(separator: ", "))."
    }
  }

  public var remedy: String {
    switch self {
    case .exists:
      "Without --rebuild its catalog is completed; to make a fresh store, give another path."
    case .otherRebuild: "Delete it, and run again."
    case .inUse: "Close it there, and run again: it goes on where it was."
    case .noSegments: "Check --archive; with --from, targets are searched, too."
    case .manyStores: "Say which with --store-id."
    }
  }
}
