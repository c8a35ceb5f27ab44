internal import Analytics
internal import Streams

/// Names for links, the same in every report on the same service.
enum ReportAnchor {
  private static let longestSlug = 48

  /// `service-api`: a name of nothing but lower-case letters, digits and `-` as it is; of any other
  /// name what is left of it, and a fingerprint that tells it from others.
  static func entry(_ kind: UptimeEntry.Kind, name: String) -> String {
    if kind == .overall { return "overall" }
    let kind = kind.rawValue
    var slug = ""
    for scalar in name.unicodeScalars where slug.utf8.count < longestSlug {
      let isPlain = ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
      if isPlain { slug.unicodeScalars.append(scalar) } else if slug.last != "-" { slug += "-" }
    }
    guard slug != name else { return "\(kind)-\(slug)" }
    var fingerprint = Fingerprint()
    fingerprint.combine(name)
    return "\(kind)-\(slug)-\(String(fingerprint.value, radix: 16))"
  }

  /// `service-api-20250110T060000Z`: an incident by when it began.
  static func incident(_ incident: Incident, of entry: String) -> String {
    let instant = incident.beganAt.rfc3339.filter { $0 != "-" && $0 != ":" }
    return "\(entry)-\(instant)"
  }
}
