public import Streams

/// Why a correction can't be made as asked.
public enum CorrectionError: CodedError, Equatable {
  case unknownService(String, known: [String])
  case noIncident(service: String, at: Timestamp, nearest: [Timestamp])
  case unknownCorrection(String)
  case ambiguous(String)
  case withdrawnAlready(EventID)

  public var code: ErrorCode { .invalidOption }

  public var message: String {
    switch self {
    case .unknownService(let name, let known):
      "Nothing was ever heard of a service \(name)."
        + (known.isEmpty ? "" : " There are: \(known.joined(separator: ", ")).")
    case .noIncident(let service, let at, let nearest):
      "\(service) had no incident at \(at.rfc3339)."
        + (nearest.isEmpty
          ? "" : " The nearest began at \(nearest.map(\.rfc3339).joined(separator: " and ")).")
    case .unknownCorrection(let id): "There is no correction \(id)."
    case .ambiguous(let id): "More than one correction starts with \(id)."
    case .withdrawnAlready(let id): "Correction \(id) was taken back already."
    }
  }

  public var remedy: String {
    switch self {
    case .unknownService: "Give its name as in the report, or a group's with --group."
    case .noIncident: "Give an instant inside an incident, or a range with --from and --to."
    case .unknownCorrection, .ambiguous, .withdrawnAlready:
      "See 'rookery incident list' and 'rookery maintenance list' for their ids."
    }
  }
}
