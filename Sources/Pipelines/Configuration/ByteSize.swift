/// Numbers of bytes as people write them.
public enum ByteSize {
  private static let units: [(name: String, bytes: Int64)] = [
    ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("GB", 1_000_000_000),
    ("MB", 1_000_000), ("kB", 1000), ("B", 1),
  ]

  /// `64MiB`, `2GB`, `1500B`; nil for anything else.
  public static func bytes(of text: String) -> Int64? {
    guard let unit = units.first(where: { text.hasSuffix($0.name) }),
      let count = Int64(text.dropLast(unit.name.count)), count >= 0, count <= 1_000_000_000
    else { return text == "0" ? 0 : nil }
    return count * unit.bytes
  }

  /// In the largest binary unit that leaves no rest: `64MiB`.
  static func text(of bytes: Int64) -> String {
    let unit = units.prefix(3).first { bytes > 0 && bytes.isMultiple(of: $0.bytes) }
    return unit.map { "\(bytes / $0.bytes)\($0.name)" } ?? "\(bytes)B"
  }
}
