internal import Crypto
internal import Foundation
internal import Reports
internal import Streams
internal import Transport

/// Where reports go: what a pipeline says of it, and how one attempt is made.
protocol Destination: Sendable {
  /// What the ledger and messages call it; the same as long as it is the same, and without secrets.
  var identity: String { get }
  var catchUp: CatchUp { get }

  /// Tries once. What it throws is final, as an attachment that is not there.
  func attempt(_ parcel: Parcel, _ means: DeliveryMeans) throws -> Attempt
}

/// How one attempt ended.
enum Attempt: Equatable {
  /// With what the receiver said.
  case delivered(String)
  /// Another attempt may do, `after` so many seconds if the receiver asks for it.
  case postponed(String, after: Int = 0)
  /// No other attempt will do before somebody mends something.
  case refused(String)
  /// All was handed over, and whether it arrived nobody here can know.
  case unknown(String)
  /// It was asked to stop, and nothing was handed over.
  case stopped
}

/// What every attempt needs.
struct DeliveryMeans {
  /// Secrets are read from it, and kept in memory only.
  var environment: [String: String]
  var patience: Patience
  var templates: Result<ReportTemplates, any Error>
  /// Whether no other night follows in this run.
  var isLast: Bool
  var now: () -> Timestamp
  var stop: StopRequest

  /// The certificates of trusted authorities; nil for the system's.
  var caBundle: String? {
    ["CURL_CA_BUNDLE", "SSL_CERT_FILE"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
  }

  /// - Throws: ``DeliveryError/noSecret(variable:)``.
  func secret(_ variable: String) throws -> String {
    guard let value = environment[variable], !value.isEmpty else {
      throw DeliveryError.noSecret(variable: variable)
    }
    return value
  }
}

/// A short sign for a text that may hold a secret: it tells one from another, and nothing more.
enum Sign {
  static func of(_ text: String) -> String {
    SHA256.hash(data: Data(text.utf8)).prefix(4).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }
}

extension String {
  /// Without `secrets`, whatever brought them into it, and short enough for a line of the ledger.
  func hiding(_ secrets: [String]) -> String {
    let hidden = secrets.filter { !$0.isEmpty }.reduce(self) {
      $0.replacing($1, with: "(hidden)")
    }
    return String(
      hidden.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : $0 }
        .prefix(500).map(Character.init))
  }
}
