internal import Transport

/// Where an S3 bucket is, and as whom it is asked.
struct S3Settings: Sendable {
  /// As in the catalog: `s3://bucket/prefix`.
  var address: String
  var bucket: String
  /// What stands before each key, without a slash at the end; may be empty.
  var prefix: String
  /// `http[s]://host[:port]`.
  var endpoint: String
  var region: String
  /// The bucket is in the path, as most servers but Amazon's want it, and not in the host's name.
  var isPathStyle: Bool
  var credentials: S3Credentials
  /// The certificates of trusted authorities, as a PEM file; nil for the system's.
  var caBundle: String?
  var lock: ObjectLock?
  var patience = Patience()

  /// The URL of a key, or of the bucket; keys need no escapes, see ``TargetAddress``.
  func url(key: String?) -> String {
    let path = key.map { "/" + $0 } ?? ""
    if isPathStyle { return "\(endpoint)/\(bucket)\(path)" }
    let parts = endpoint.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else { return "\(endpoint)/\(bucket)\(path)" }
    return "\(parts[0])//\(bucket).\(parts[2])\(path.isEmpty ? "/" : path)"
  }
}

/// What signs a request. Never shown: not in a message, nor by a debugger's or test's printing.
struct S3Credentials: Sendable, CustomStringConvertible, CustomReflectable {
  var accessKey: String
  var secretKey: String
  /// Of credentials that are lent for a while.
  var sessionToken: String?

  var description: String { "(hidden)" }
  var customMirror: Mirror { Mirror(self, children: []) }
}

/// Keeps an object's version from being deleted for a while (S3 object lock).
public struct ObjectLock: Sendable, Hashable {
  public enum Mode: String, Sendable {
    /// Who has a special right may delete it all the same.
    case governance
    /// Nobody can. A segment so locked can't be erased by rewriting.
    case compliance
  }

  public var mode: Mode
  /// From when it is written; µs.
  public var lockFor: Int64

  public init(mode: Mode, lockFor: Int64) {
    self.mode = mode
    self.lockFor = lockFor
  }
}
