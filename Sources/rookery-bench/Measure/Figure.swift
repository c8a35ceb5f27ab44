/// One measured comparison.
struct Figure: Encodable {
  /// Which way is better, and so what the ratio means.
  enum Kind: String, Encodable {
    /// Higher is better; the ratio is ours / peer.
    case rate
    /// Lower is better; the ratio is peer / ours: how many times faster we are.
    case time
    /// Lower is better; the ratio is ours / peer.
    case size
  }

  enum Aim {
    case ratioAtLeast(Double)
    case ratioAtMost(Double)
    /// In the figure's unit.
    case valueAtMost(Double)
    /// For information.
    case none
  }

  struct Side: Encodable {
    var label: String
    var values: [Double]

    /// The lower middle of an even number.
    var median: Double { values.isEmpty ? 0 : values.sorted()[(values.count - 1) / 2] }
  }

  var name: String
  var kind: Kind
  var unit: String
  var ours: Side
  /// Nil when there is nothing to compare with; see ``missing``.
  var peer: Side?
  var aim: Aim
  /// Why the peer could not be measured: the aim is then missed.
  var missing: String?
  var notes: [String] = []

  var ratio: Double? {
    guard let peer, peer.median > 0, ours.median > 0 else { return nil }
    let ratio = kind == .time ? peer.median / ours.median : ours.median / peer.median
    return ratio.isFinite ? ratio : nil
  }

  var isMet: Bool {
    switch aim {
    case .ratioAtLeast(let least): ratio.map { $0 >= least } ?? false
    case .ratioAtMost(let most): ratio.map { $0 <= most } ?? false
    case .valueAtMost(let most): ours.median <= most
    case .none: missing == nil
    }
  }

  private enum Key: String, CodingKey {
    case name, kind, unit, ours, oursMedian, peer, peerMedian, ratio, aim, isMet, missing, notes
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(name, forKey: .name)
    try container.encode(kind, forKey: .kind)
    try container.encode(unit, forKey: .unit)
    try container.encode(ours, forKey: .ours)
    try container.encode(ours.median, forKey: .oursMedian)
    try container.encode(peer, forKey: .peer)
    try container.encode(peer?.median, forKey: .peerMedian)
    try container.encode(ratio, forKey: .ratio)
    try container.encode(aimText, forKey: .aim)
    try container.encode(isMet, forKey: .isMet)
    try container.encodeIfPresent(missing, forKey: .missing)
    try container.encode(notes, forKey: .notes)
  }
}
