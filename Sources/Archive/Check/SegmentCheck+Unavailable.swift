public import Segments

extension SegmentCheck.Report {
  /// What kept a segment from being checked, when that is all there is to say: the target that has
  /// it can't be asked now. Nil when everything was checked, or something is wrong indeed.
  public var unavailable: SegmentError? {
    guard chainProblems.isEmpty, missing.isEmpty,
      damaged.allSatisfy({ $0.differences.isEmpty && $0.damage.allSatisfy(\.isUnavailability) }),
      let item = damaged.first, case .unavailable(let reason)? = item.damage.first
    else { return nil }
    return .unavailable(segment: item.file, reason: reason)
  }
}
