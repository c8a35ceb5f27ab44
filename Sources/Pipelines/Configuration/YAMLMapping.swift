internal import Streams
internal import Yams

/// One mapping of a YAML file, read key by key, so that what nobody asked for can be refused: a
/// misspelt option must not be silently without effect.
final class YAMLMapping {
  let file: String
  private let path: String
  private let values: [String: Node]
  private var asked: Set<String> = []

  convenience init(_ text: String, file: String) throws {
    let node: Node?
    do { node = try Yams.compose(yaml: text) } catch {
      throw ConfigurationError.notYAML(file: file, detail: "\(error)")
    }
    try self.init(node ?? Node([(Node, Node)]()), file: file, path: "")
  }

  /// One given on a command line, as pairs of key and value.
  convenience init(pairs: [(key: String, value: String)], file: String) throws {
    try self.init(Node(pairs.map { (Node($0.key), Node($0.value)) }), file: file, path: "")
  }

  init(_ node: Node, file: String, path: String) throws {
    guard let mapping = node.mapping else {
      throw ConfigurationError.wrongValue(
        file: file, key: path.isEmpty ? "the document" : path, expected: "a mapping")
    }
    self.file = file
    self.path = path
    var values: [String: Node] = [:]
    for (key, value) in mapping { values[key.string ?? ""] = value }
    self.values = values
  }

  func text(_ key: String) throws -> String? {
    try value(key, "a text") { $0.scalar?.string }
  }

  func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
    let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    return try value(key, expected) { node in
      node.int.flatMap { range.contains($0) ? $0 : nil }
    }
  }

  func flag(_ key: String) throws -> Bool? {
    try value(key, "true or false") { $0.bool }
  }

  func texts(_ key: String) throws -> [String]? {
    try value(key, "a text or a list of texts") { node in
      if let scalar = node.scalar { return [scalar.string] }
      guard let sequence = node.sequence else { return nil }
      let texts = sequence.compactMap { $0.scalar?.string }
      return texts.count == sequence.count ? texts : nil
    }
  }

  /// A length of time, in microseconds: `90d`, `12h`, `30m` or `45s`.
  func duration(_ key: String) throws -> Int64? {
    try value(key, "a length of time such as 90d, 12h, 30m or 45s") {
      $0.scalar.flatMap { TimeSpan.microseconds(of: $0.string) }
    }
  }

  /// A number of bytes: `64MiB`.
  func bytes(_ key: String, in range: ClosedRange<Int64>) throws -> Int64? {
    let (low, high) = (ByteSize.text(of: range.lowerBound), ByteSize.text(of: range.upperBound))
    return try value(key, "a size from \(low) to \(high), such as 64MiB") { node in
      node.scalar.flatMap { ByteSize.bytes(of: $0.string) }.flatMap {
        range.contains($0) ? $0 : nil
      }
    }
  }

  /// A share of whole percents: `5%`.
  func percent(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
    try value(key, "a share from \(range.lowerBound)% to \(range.upperBound)%, such as 5%") {
      node in
      guard let text = node.scalar?.string, text.hasSuffix("%"), let number = Int(text.dropLast()),
        range.contains(number)
      else { return nil }
      return number
    }
  }

  func mappings(_ key: String) throws -> [YAMLMapping]? {
    guard let nodes = try value(key, "a list", { $0.sequence.map(Array.init) }) else {
      return nil
    }
    return try nodes.enumerated().map { index, node in
      try YAMLMapping(node, file: file, path: "\(name(key))[\(index)]")
    }
  }

  func required<T>(_ value: T?, _ key: String) throws -> T {
    guard let value else { throw ConfigurationError.missingKey(file: file, key: name(key)) }
    return value
  }

  func wrong(_ key: String, expected: String) -> ConfigurationError {
    .wrongValue(file: file, key: name(key), expected: expected)
  }

  func refuseOtherKeys() throws {
    for key in values.keys.sorted() where !asked.contains(key) {
      throw ConfigurationError.unknownKey(
        file: file, key: name(key), known: asked.sorted())
    }
  }

  private func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  private func value<T>(_ key: String, _ expected: String, _ read: (Node) -> T?) throws -> T? {
    asked.insert(key)
    guard let node = values[key], node != .null else { return nil }
    guard let value = read(node) else { throw wrong(key, expected: expected) }
    return value
  }
}

extension Node {
  fileprivate static var null: Node { Node("null", Tag(.null)) }
}

/// Lengths of time as people write them.
public enum TimeSpan {
  /// `90d`, `12h`, `30m`, `45s`, in microseconds; nil for anything else.
  public static func microseconds(of text: String) -> Int64? {
    guard let unit = text.last, let count = Int64(text.dropLast()), count >= 0,
      count <= 1_000_000
    else { return text == "0" ? 0 : nil }
    switch unit {
    case "d": return count * Timestamp.microsecondsPerDay
    case "h": return count * 3600 * Timestamp.microsecondsPerSecond
    case "m": return count * 60 * Timestamp.microsecondsPerSecond
    case "s": return count * Timestamp.microsecondsPerSecond
    default: return nil
    }
  }

  /// In the largest unit that leaves no rest, as `90d`.
  public static func text(of microseconds: Int64) -> String {
    let second = Timestamp.microsecondsPerSecond
    let units = [("d", 86_400 * second), ("h", 3600 * second), ("m", 60 * second), ("s", second)]
    for (name, length) in units where microseconds != 0 && microseconds.isMultiple(of: length) {
      return "\(microseconds / length)\(name)"
    }
    return microseconds == 0 ? "0" : about(microseconds)
  }

  /// Rounded down to whole days, hours, minutes or seconds, whichever is the largest there is.
  public static func about(_ microseconds: Int64) -> String {
    let seconds = microseconds / Timestamp.microsecondsPerSecond
    for (name, length) in [("d", Int64(86_400)), ("h", 3600), ("m", 60)] where seconds >= length {
      return "\(seconds / length)\(name)"
    }
    return "\(seconds)s"
  }
}
