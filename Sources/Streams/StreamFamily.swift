/// The five kinds of streams a user has.
public enum UserCategory: String, CaseIterable, Sendable {
  case profile, preferences, activity, loans, offers
}

/// What the parts of a stream's name say: the naming convention `prefix-…-category`.
public enum StreamFamily: Hashable, Sendable {
  /// `service-uptime-{service}`
  case serviceUptime(service: String)
  /// `user-{userId}-{category}`; the user id may itself contain `-`.
  case user(id: String, category: UserCategory)
  /// `system-{purpose}`
  case system(purpose: String)
  /// `connection-test`
  case connectionTest
  /// `$…`: the store's own.
  case reserved
  case other
}

extension StreamName {
  public var family: StreamFamily {
    if isReserved { return .reserved }
    if rawValue == "connection-test" { return .connectionTest }
    if let service = suffix(after: "service-uptime-") { return .serviceUptime(service: service) }
    if let purpose = suffix(after: "system-") { return .system(purpose: purpose) }
    if let rest = suffix(after: "user-"), let dash = rest.utf8.lastIndex(of: UInt8(ascii: "-")),
      dash != rest.startIndex,
      let category = UserCategory(rawValue: String(rest.unicodeScalars[dash...].dropFirst()))
    {
      return .user(id: String(rest[..<dash]), category: category)
    }
    return .other
  }

  /// The stream that holds the status changes of a service, `service-uptime-{slug}`.
  ///
  /// The slug is the name in lower case, each run of anything but letters and digits a hyphen.
  /// A name without any letter or digit gets the fingerprint of its bytes instead.
  public static func serviceUptime(_ service: String) throws(StreamNameError) -> StreamName {
    var slug = ""
    for character in service.lowercased() {
      if character.isLetter || character.isNumber {
        slug.append(character)
      } else if !slug.isEmpty, slug.last != "-" {
        slug.append("-")
      }
    }
    if slug.last == "-" { slug.removeLast() }
    if slug.isEmpty { slug = String(Fingerprint(of: service).value, radix: 16) }
    return try StreamName("service-uptime-" + slug)
  }

  private func suffix(after prefix: StaticString) -> String? {
    rawValue.suffix(after: prefix)
  }
}
