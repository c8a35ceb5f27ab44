public import Archive
internal import Foundation
public import Streams
internal import Yams

/// Where things are: the settings an operator keeps in one YAML file.
///
/// ```yaml
/// store: /var/lib/rookery/rookery.db
/// # archive, reports and keys are those of this store, and of no other that --store names:
/// archive: /var/lib/rookery/segments    # default: the store's path + ".segments"
/// reports: /var/lib/rookery/reports     # default: the store's path + ".reports"
/// templates: /usr/share/rookery/templates
/// timezone: Europe/Berlin               # of the reports; default UTC
/// maxEventBytes: 16777216
/// subjectKeys: /var/lib/rookery-keys/subjects.keys   # default: the store's path + ".keys"
/// operatorKey: /etc/rookery/operator.key             # default: the store's path + ".operator-key"
/// signingKey: /etc/rookery/signing.pem  # signs the segments of policies with 'sign: true'
/// clockGap: 400d                        # a clock further ahead of the last run is not believed
/// targets:                              # names for 'target' and 'mirror' of a policy
///   - name: vault
///     address: s3://bucket/prefix       # or a folder's path
///     endpoint: https://s3.example.net  # default: $AWS_ENDPOINT_URL, or Amazon's
///     region: eu-central-1              # default: $AWS_REGION, or us-east-1
///     pathStyle: true                   # default: true where there is an endpoint
///     credentials: VAULT                # $VAULT_ACCESS_KEY_ID, $VAULT_SECRET_ACCESS_KEY; default AWS
///     lock: compliance                  # or governance: nobody deletes an object
///     lockFor: 365d                     # for so long
/// ```
public struct Configuration: Sendable, Equatable {
  public var store: String?
  public var archive: String?
  public var reports: String?
  public var templates: String?
  public var timezone: String?
  public var maxEventBytes: Int?
  /// The database with the keys that encrypted segments are sealed to, and the key that wraps them.
  public var subjectKeys: String?
  public var operatorKey: String?
  /// The file of the private key that signs segments.
  public var signingKey: String?
  /// How far ahead of the last run the clock may be for anything to be archived or deleted; µs.
  public var clockGap: Int64?
  public var targets: [Targets.Settings] = []
  /// The file it was read from; nil when there was none.
  public var file: String?

  public init() {}

  /// Reads `path`, or the first file there is of `$ROOKERY_CONFIG`,
  /// `$XDG_CONFIG_HOME/rookery/config.yaml` (`~/.config/…`) and `/etc/rookery/config.yaml`.
  ///
  /// - Throws: ``ConfigurationError``. Without any file the configuration is empty.
  public static func load(
    _ path: String?, environment: [String: String]
  ) throws -> Configuration {
    if let path = path ?? environment["ROOKERY_CONFIG"] { return try read(path) }
    let home = environment["XDG_CONFIG_HOME"] ?? environment["HOME"].map { $0 + "/.config" }
    let candidates = [home.map { $0 + "/rookery/config.yaml" }, "/etc/rookery/config.yaml"]
    for case let candidate? in candidates
    where FileManager.default.fileExists(atPath: candidate) {
      return try read(candidate)
    }
    return Configuration()
  }

  private static func read(_ path: String) throws -> Configuration {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ConfigurationError.unreadable(path)
    }
    let document = try YAMLMapping(String(decoding: data, as: UTF8.self), file: path)
    var configuration = Configuration()
    configuration.file = path
    configuration.store = try document.text("store")
    configuration.archive = try document.text("archive")
    configuration.reports = try document.text("reports")
    configuration.templates = try document.text("templates")
    configuration.timezone = try document.text("timezone")
    configuration.maxEventBytes = try document.integer(
      "maxEventBytes", in: 1...(1 << 30))
    configuration.signingKey = try document.text("signingKey")
    configuration.clockGap = try document.duration("clockGap")
    configuration.targets = try (document.mappings("targets") ?? []).map(Targets.Settings.init)
    configuration.subjectKeys = try document.text("subjectKeys")
    configuration.operatorKey = try document.text("operatorKey")
    try document.refuseOtherKeys()
    guard configuration.store != nil || !configuration.hasPlaces else {
      throw ConfigurationError.placesOfNoStore(file: path)
    }
    return configuration
  }

  /// Whether it says where something is that belongs to one store.
  private var hasPlaces: Bool {
    [archive, reports, subjectKeys, operatorKey].contains { $0 != nil }
  }
}

/// What is wrong with a YAML file of ours.
public enum ConfigurationError: CodedError, Equatable {
  case unreadable(String)
  case notYAML(file: String, detail: String)
  case wrongValue(file: String, key: String, expected: String)
  case unknownKey(file: String, key: String, known: [String])
  case missingKey(file: String, key: String)
  /// It says where the archive, the reports or the keys are, and not of which store.
  case placesOfNoStore(file: String)

  public var code: ErrorCode { .invalidPipeline }

  public var message: String {
    switch self {
    case .unreadable(let file): "\(file) can't be read."
    case .notYAML(let file, let detail): "\(file) is not valid YAML: \(detail)."
    case .wrongValue(let file, let key, let expected): "\(file): \(key) must be \(expected)."
    case .unknownKey(let file, let key, _): "\(file): there is no key \(key) here."
    case .missingKey(let file, let key): "\(file): \(key) is missing."
    case .placesOfNoStore(let file):
      "\(file) says where the archive, the reports or the keys are, but not of which store."
    }
  }

  public var remedy: String {
    switch self {
    case .unreadable: "Check the path and its permissions."
    case .placesOfNoStore: "Write 'store:' in it as well: another store never uses them."
    case .unknownKey(_, _, let known): "Known are: \(known.joined(separator: ", "))."
    default: "Correct the file and run the command again."
    }
  }
}
