/// JSON's string escapes (RFC 8259 §7), both ways.
public enum JSONEscapes {
  /// The text of a string's inside. A lone surrogate becomes U+FFFD.
  public static func resolve(_ raw: UnsafeRawBufferPointer) -> String {
    var units: [UInt16] = []
    units.reserveCapacity(raw.count)
    let text = String(decoding: raw, as: UTF8.self)
    var iterator = text.utf16.makeIterator()
    while let unit = iterator.next() {
      guard unit == 0x5C, let escape = iterator.next() else {
        units.append(unit)
        continue
      }
      switch escape {
      case 0x62: units.append(0x08)
      case 0x66: units.append(0x0C)
      case 0x6E: units.append(0x0A)
      case 0x72: units.append(0x0D)
      case 0x74: units.append(0x09)
      case 0x75:
        var value: UInt16 = 0
        for _ in 0..<4 {
          guard let digit = iterator.next(), let scalar = Unicode.Scalar(digit),
            let nibble = Character(scalar).hexDigitValue
          else { break }
          value = value << 4 | UInt16(nibble)
        }
        units.append(value)
      default: units.append(escape)
      }
    }
    return String(decoding: units, as: UTF16.self)
  }

  /// `text` as a JSON string, quotes included.
  public static func quote(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      default:
        if scalar.value < 0x20 {
          let hex = String(scalar.value, radix: 16)
          out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
        } else {
          out.unicodeScalars.append(scalar)
        }
      }
    }
    return out + "\""
  }
}
