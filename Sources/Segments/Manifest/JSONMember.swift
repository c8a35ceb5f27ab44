internal import Streams

/// A member of a JSON object: its key as written between the quotes, its value's verbatim bytes.
struct JSONMember: Hashable, Sendable {
  var key: String
  var value: [UInt8]

  init(_ key: String, _ value: [UInt8]) {
    self.key = key
    self.value = value
  }

  init(_ key: String, _ value: String?) {
    self.init(key, Array((value.map(JSONEscapes.quote) ?? "null").utf8))
  }

  init(_ key: String, _ value: Int64) { self.init(key, Array(String(value).utf8)) }

  init(_ key: String, array: [[UInt8]]) {
    self.init(key, [0x5B] + array.joined(separator: [0x2C]) + [0x5D])
  }

  /// The object of `members`, sorted by key.
  static func object(_ members: [JSONMember]) -> [UInt8] {
    var out: [UInt8] = [0x7B]
    for member in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      if out.count > 1 { out.append(0x2C) }
      out.append(0x22)
      out.append(contentsOf: member.key.utf8)
      out.append(contentsOf: [0x22, 0x3A])
      out.append(contentsOf: member.value)
    }
    out.append(0x7D)
    return out
  }
}

/// The members of a JSON object, taken one by one; what nobody takes is unknown.
struct JSONObjectReader {
  private var members: [String: JSONSlice] = [:]
  private let path: String

  /// - Parameter json: part of a validated document that outlives this reader.
  init(_ json: UnsafeRawBufferPointer, path: String) throws(ManifestError) {
    self.path = path
    var members: [String: JSONSlice] = [:]
    var isUnique = true
    let isObject = JSONMembers.forEach(in: json) { key, value in
      let key = String(decoding: key, as: UTF8.self)
      isUnique = members.updateValue(value, forKey: key) == nil && isUnique
    }
    guard isObject else { throw .corrupt("\(path) is not an object") }
    guard isUnique else { throw .corrupt("\(path) has a key twice") }
    self.members = members
  }

  /// What was not taken, in order of the keys.
  var unknown: [JSONMember] {
    members.map { JSONMember($0.key, Array($0.value.bytes)) }.sorted {
      $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
    }
  }

  /// Whether a key that need not be there is.
  func has(_ key: String) -> Bool { members[key] != nil }

  mutating func take(_ key: String, _ kind: JSONKind) throws(ManifestError) -> JSONSlice {
    guard let value = members.removeValue(forKey: key) else { throw .corrupt("no \(path)\(key)") }
    guard value.kind == kind else { throw problem(key) }
    return value
  }

  mutating func text(_ key: String) throws(ManifestError) -> String {
    guard let text = try take(key, .string).string else { throw problem(key) }
    return text
  }

  /// A number of digits only, 0...`max`.
  mutating func integer(_ key: String, max: Int64 = .max) throws(ManifestError) -> Int64 {
    let digits = try take(key, .number).bytes
    guard digits.allSatisfy({ (48...57).contains($0) }),
      let value = Int64(String(decoding: digits, as: UTF8.self)), value <= max
    else { throw problem(key) }
    return value
  }

  mutating func time(_ key: String) throws(ManifestError) -> Timestamp {
    guard let time = try? Timestamp(rfc3339: try text(key)) else { throw problem(key) }
    return time
  }

  mutating func hash(_ key: String) throws(ManifestError) -> SHA256Sum {
    guard let hash = SHA256Sum(try text(key)) else { throw problem(key) }
    return hash
  }

  /// Nil for `null`, which the key must at least say.
  mutating func optional<T>(
    _ key: String, _ read: (inout JSONObjectReader) throws(ManifestError) -> T
  ) throws(ManifestError) -> T? {
    if members[key]?.kind == .null {
      members[key] = nil
      return nil
    }
    return try read(&self)
  }

  mutating func object<T>(
    _ key: String, _ read: (inout JSONObjectReader) throws(ManifestError) -> T
  ) throws(ManifestError) -> T {
    var reader = try JSONObjectReader(try take(key, .object).bytes, path: "\(path)\(key).")
    return try read(&reader)
  }

  mutating func array<T>(
    _ key: String, _ read: (inout JSONObjectReader) throws(ManifestError) -> T
  ) throws(ManifestError) -> [T] {
    var slices: [JSONSlice] = []
    JSONMembers.forEachElement(in: try take(key, .array).bytes) { slices.append($0) }
    var elements: [T] = []
    for (index, slice) in slices.enumerated() {
      var reader = try JSONObjectReader(slice.bytes, path: "\(path)\(key)[\(index)].")
      elements.append(try read(&reader))
    }
    return elements
  }

  func problem(_ key: String) -> ManifestError { .corrupt("\(path)\(key) has a wrong value") }
}
