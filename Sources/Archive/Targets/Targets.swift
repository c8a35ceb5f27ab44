internal import Segments
internal import Synchronization
public import Transport

/// The targets that can be reached from here: those the configuration names, folders, and what the
/// environment gives credentials for.
///
/// One a process: it keeps connections open. Secrets are read from the environment and kept in
/// memory only.
public final class Targets: Sendable {
  /// What the configuration says of one target.
  public struct Settings: Sendable, Hashable {
    public var name: String
    /// `s3://bucket/prefix` or a folder's path.
    public var address: String
    /// `http[s]://host[:port]`; nil: Amazon's, or `$AWS_ENDPOINT_URL`.
    public var endpoint: String?
    /// Nil: `$AWS_REGION`, or us-east-1.
    public var region: String?
    /// Nil: true where an endpoint is given.
    public var isPathStyle: Bool?
    /// `<this>_ACCESS_KEY_ID` and `<this>_SECRET_ACCESS_KEY` hold the credentials; nil: AWS.
    public var credentials: String?
    public var lock: ObjectLock?

    public init(name: String, address: String) {
      self.name = name
      self.address = address
    }
  }

  private let settings: [Settings]
  private let environment: [String: String]
  private let patience: Patience
  private let open = Mutex<[String: any Target]>([:])

  public init(
    _ settings: [Settings] = [], environment: [String: String] = [:],
    patience: Patience = Patience()
  ) {
    self.settings = settings
    self.environment = environment
    self.patience = patience
  }

  /// The address that a policy's `target` or `mirror` means: a configured name or an address.
  ///
  /// - Throws: ``TargetError/invalidAddress(_:reason:)``.
  public func address(_ text: String) throws(TargetError) -> String {
    let named = settings.first { $0.name == text }
    return try TargetAddress(named?.address ?? text).description
  }

  /// The addresses of all that the configuration names.
  ///
  /// - Throws: ``TargetError/invalidAddress(_:reason:)``.
  public func configured() throws(TargetError) -> [String] {
    var addresses: [String] = []
    for target in settings { addresses.append(try address(target.name)) }
    return addresses
  }

  /// The target at a configured name or an address.
  ///
  /// - Throws: ``TargetError/invalidAddress(_:reason:)``, `.noCredentials`. Nothing is sent yet.
  public func target(_ text: String) throws(TargetError) -> any Target {
    let address = try address(text)
    let result = open.withLock { open in
      Result { () throws(TargetError) in
        if let target = open[address] { return target }
        let target = try make(address)
        open[address] = target
        return target
      }
    }
    return try result.get()
  }

  private func make(_ address: String) throws(TargetError) -> any Target {
    switch try TargetAddress(address) {
    case .folder(let path): return FolderTarget(address: path)
    case .s3(let bucket, let prefix):
      let settings = settings.first { (try? self.address($0.name)) == address }
      let endpoint = settings?.endpoint ?? environment["AWS_ENDPOINT_URL"]
      let region = settings?.region ?? environment["AWS_REGION"] ?? "us-east-1"
      return S3Target(
        client: try S3Client(
          S3Settings(
            address: address, bucket: bucket, prefix: prefix,
            endpoint: try Self.checked(endpoint ?? "https://s3.\(region).amazonaws.com"),
            region: region, isPathStyle: settings?.isPathStyle ?? (endpoint != nil),
            credentials: try credentials(settings?.credentials ?? "AWS", address),
            caBundle: ["AWS_CA_BUNDLE", "CURL_CA_BUNDLE"].compactMap { environment[$0] }
              .first { !$0.isEmpty },
            lock: settings?.lock, patience: patience)))
    }
  }

  private static func checked(_ endpoint: String) throws(TargetError) -> String {
    let text = endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "http:" || parts[0] == "https:", parts[1].isEmpty,
      !parts[2].isEmpty
    else {
      throw .invalidAddress(endpoint, reason: "an endpoint is http[s]://host[:port]")
    }
    return text
  }

  private func credentials(
    _ prefix: String, _ address: String
  ) throws(TargetError) -> S3Credentials {
    func required(_ variable: String) throws(TargetError) -> String {
      guard let value = environment[variable], !value.isEmpty else {
        throw .noCredentials(address: address, variable: variable)
      }
      return value
    }
    return S3Credentials(
      accessKey: try required(prefix + "_ACCESS_KEY_ID"),
      secretKey: try required(prefix + "_SECRET_ACCESS_KEY"),
      sessionToken: environment[prefix + "_SESSION_TOKEN"].flatMap { $0.isEmpty ? nil : $0 })
  }
}

extension Targets: Hashable, CustomReflectable {
  public static func == (a: Targets, b: Targets) -> Bool { a === b }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
  /// Nothing of the environment is ever printed.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
