public import Streams

extension SegmentCheck.Report {
  /// What was found at one place.
  public struct Place: Sendable, Hashable {
    /// A target's address, or the path of the archive folder.
    public var address: String
    public var sound = 0
    public var damaged = 0
    public var unavailable = 0
    /// Why it could not be asked, the first time it could not.
    public var reason: String?
  }

  /// Every place that has copies of the segments that were checked, by address.
  public var places: [Place] {
    var places: [String: Place] = [:]
    for copy in checked.flatMap(\.copies) {
      var place = places[copy.address] ?? Place(address: copy.address)
      if !copy.damage.isEmpty {
        place.damaged += 1
      } else if let reason = copy.unavailable {
        place.unavailable += 1
        place.reason = place.reason ?? reason
      } else {
        place.sound += 1
      }
      places[copy.address] = place
    }
    return places.values.sorted { $0.address < $1.address }
  }

  /// What to say when some copies could not be asked; nil when all could.
  public var unavailability: CheckUnavailable? {
    let away = places.filter { $0.unavailable > 0 }
    return away.isEmpty ? nil : CheckUnavailable(places: away)
  }
}

/// Copies of segments that could not be checked, as nobody answered. It says nothing of them.
public struct CheckUnavailable: CodedError {
  public var places: [SegmentCheck.Report.Place]

  public var code: ErrorCode { .targetUnavailable }
  public var message: String {
    places.map { place in
      "\(place.unavailable) \(place.unavailable == 1 ? "copy" : "copies") at \(place.address) "
        + "could not be checked: \(place.reason ?? "no answer")."
    }.joined(separator: " ")
  }
  public var remedy: String {
    "Check the mount, the network and the credentials, and verify again; all else was checked."
  }
}
