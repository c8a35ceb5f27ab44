internal import Streams

/// An identity that the same thing has in every later report: 128 bits of its name, as a UUID.
///
/// Feed readers and calendars tell by it what they have already. It protects against nothing.
struct StableID: CustomStringConvertible {
  let description: String

  init(_ parts: String...) {
    var low = Fingerprint()
    var high = Fingerprint()
    high.combine("rookery")
    for part in parts {
      low.combine(part)
      high.combine(part)
    }
    description = EventID(digestHigh: high.value, digestLow: low.value).description
  }
}
