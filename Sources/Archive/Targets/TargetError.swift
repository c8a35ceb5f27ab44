public import Streams

/// What goes wrong at a target. Hot rows and other copies are untouched by any of these.
public enum TargetError: CodedError, Equatable {
  /// It is neither a path nor `s3://bucket/prefix`, or no target of this name is configured.
  case invalidAddress(String, reason: String)
  case noCredentials(address: String, variable: String)
  /// No whole answer came, however often it was tried.
  case unreachable(address: String, attempted: String, attempts: Int, reason: String)
  /// The server understood and said no; trying again would not help.
  case refused(address: String, attempted: String, status: Int, reason: String)
  /// The server's certificate is not one that is trusted here; nothing was sent.
  case untrusted(address: String, reason: String)
  /// The answer is not what the protocol promises.
  case unexpected(address: String, attempted: String, reason: String)
  /// Something else has the name.
  case differs(address: String, name: String, reason: String)
  /// The object was to be locked, and the server says nothing of a lock.
  case notLocked(address: String, name: String)
  /// A lock on the object forbids deleting it.
  case retained(address: String, name: String)
  /// Reading or writing a local file failed.
  case local(SegmentFailure)

  /// The words of an error of the layer below.
  public struct SegmentFailure: Sendable, Equatable {
    var code: ErrorCode
    var message: String
    var remedy: String

    init(_ error: any CodedError) {
      code = error.code
      message = error.message
      remedy = error.remedy
    }
  }

  public var code: ErrorCode {
    switch self {
    case .invalidAddress: .invalidOption
    case .noCredentials, .refused: .targetRefused
    case .unreachable, .unexpected: .targetUnavailable
    case .untrusted: .targetUntrusted
    case .differs: .archiveConflict
    case .notLocked: .targetNotLocked
    case .retained: .targetRetained
    case .local(let failure): failure.code
    }
  }

  public var message: String {
    switch self {
    case .invalidAddress(let text, let reason): "'\(text)' is no target: \(reason)."
    case .noCredentials(let address, let variable):
      "There are no credentials for \(address): \(variable) is not set."
    case .unreachable(let address, let attempted, let attempts, let reason):
      "\(attempted) at \(address) failed \(attempts) \(attempts == 1 ? "time" : "times"): \(reason)."
    case .refused(let address, let attempted, let status, let reason):
      "\(address) refused \(attempted) with status \(status): \(reason)."
    case .untrusted(let address, let reason):
      "The certificate of the server of \(address) is not trusted: \(reason)."
    case .unexpected(let address, let attempted, let reason):
      "\(address) answered \(attempted) wrongly: \(reason)."
    case .differs(let address, let name, let reason):
      "\(name) at \(address) is not this segment: \(reason)."
    case .notLocked(let address, let name):
      "\(address) took \(name), but does not say that it is locked against deletion."
    case .retained(let address, let name): "\(name) at \(address) is locked against deletion."
    case .local(let failure): failure.message
    }
  }

  public var remedy: String {
    switch self {
    case .invalidAddress:
      "Write s3://bucket/prefix, an absolute path, or the name of a target in the configuration."
    case .noCredentials: "Set it and its companions in the environment of the process."
    case .unreachable: "Check the network and the endpoint; running again goes on."
    case .refused: "Check the credentials, the bucket and its policy; running again goes on."
    case .unexpected: "Check that the endpoint speaks S3; running again goes on."
    case .untrusted:
      "Name a PEM file with its authority in AWS_CA_BUNDLE or CURL_CA_BUNDLE; running again goes on."
    case .differs: "Look at it and move it away; nothing was written over."
    case .notLocked:
      "Use a bucket made with object lock, allow s3:GetObjectRetention, or configure no lock; "
        + "the copy does not count, and running again goes on."
    case .retained: "Wait until the lock ends; the catalog knows the version."
    case .local(let failure): failure.remedy
    }
  }
}
