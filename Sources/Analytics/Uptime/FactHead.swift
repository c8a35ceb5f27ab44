/// The first byte of a packed fact: its state and which fields follow.
struct FactHead {
  let byte: UInt8

  init(byte: UInt8) { self.byte = byte }

  init(_ fact: StatusFact, hasCause: Bool) {
    byte =
      fact.state.rawValue
      | (fact.isUnknownWord ? 0x08 : 0)
      | (fact.id != nil ? 0x10 : 0)
      | (fact.responseMs != nil ? 0x20 : 0)
      | (fact.recordedMs != nil ? 0x40 : 0)
      | (hasCause ? 0x80 : 0)
  }

  /// Five of eight values are states; a stored log is checked for the other three.
  var isValid: Bool { ServiceState(rawValue: byte & 0x07) != nil }

  var state: ServiceState { ServiceState(rawValue: byte & 0x07) ?? .unknown }
  var isUnknownWord: Bool { byte & 0x08 != 0 }
  var hasID: Bool { byte & 0x10 != 0 }
  var hasResponse: Bool { byte & 0x20 != 0 }
  var hasLead: Bool { byte & 0x40 != 0 }
  var hasCause: Bool { byte & 0x80 != 0 }
}

/// A response time in two or three bytes where it is a whole number of milliseconds or
/// microseconds, as nearly all are, else in nine: the number as given always comes back.
enum ResponseTime {
  private static let wholeMs: UInt64 = 0
  private static let wholeUs: UInt64 = 1
  private static let verbatim: UInt64 = 2

  static func write(_ milliseconds: Double, to writer: inout ByteWriter) {
    if milliseconds >= 0, milliseconds < 0x1p40 {
      let whole = UInt64(milliseconds)
      if Double(whole) == milliseconds { return writer.varint(whole << 2 | wholeMs) }
      let thousandths = UInt64(milliseconds * 1000 + 0.5)
      if Double(thousandths) / 1000 == milliseconds {
        return writer.varint(thousandths << 2 | wholeUs)
      }
    }
    writer.varint(verbatim)
    writer.word(milliseconds.bitPattern)
  }

  static func read(_ reader: inout ByteReader) -> Double {
    let value = reader.varint()
    switch value & 3 {
    case wholeMs: return Double(value >> 2)
    case wholeUs: return Double(value >> 2) / 1000
    default: return Double(bitPattern: reader.word())
    }
  }
}
