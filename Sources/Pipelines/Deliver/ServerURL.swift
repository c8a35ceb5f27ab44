internal import Foundation

/// The parts of a server's URL that may be shown.
struct ServerURL {
  let scheme: String
  /// `host` or `host:port`.
  let authority: String
  /// There is neither path nor query.
  let isBare: Bool

  /// Nil for another scheme, or with a name or password in it: those belong in the environment.
  init?(_ text: String, schemes: [String]) {
    guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
      schemes.contains(scheme), let host = parts.host, !host.isEmpty, parts.user == nil,
      parts.password == nil, parts.fragment == nil
    else { return nil }
    self.scheme = scheme
    authority = parts.port.map { "\(host):\($0)" } ?? host
    isBare = parts.path.isEmpty && parts.query == nil
  }
}

/// What a file is, by its name.
enum MediaType {
  static func of(_ name: String) -> String {
    switch name.split(separator: ".").last.map(String.init) ?? "" {
    case "html": "text/html; charset=utf-8"
    case "csv": "text/csv; charset=utf-8"
    case "txt", "prom": "text/plain; charset=utf-8"
    case "md": "text/markdown; charset=utf-8"
    case "atom": "application/atom+xml"
    case "ics": "text/calendar; charset=utf-8"
    case "json": "application/json"
    case "svg": "image/svg+xml"
    case "pdf": "application/pdf"
    default: "application/octet-stream"
    }
  }
}

extension YAMLMapping {
  /// A text with placeholders.
  func template(_ key: String) throws -> String? {
    let text = try text(key)
    if let unknown = text.flatMap(Parcel.unknownPlaceholder) { throw unknownName(unknown, key) }
    return text
  }

  func unknownName(_ name: String, _ key: String) -> ConfigurationError {
    let known = Parcel.placeholders.map { "{{\($0)}}" }.joined(separator: ", ")
    return wrong(key, expected: "without {{\(name)}}: there are \(known)")
  }
}
