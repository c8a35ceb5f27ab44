/// One request of the S3 protocol.
struct S3Request {
  /// What it is for, in the words of a message: "Reading 3f/….tar.zst".
  var purpose: String
  var method: String
  /// Nil: the bucket.
  var key: String?
  var query: [(name: String, value: String)] = []
  var headers: [(String, String)] = []
  /// Nil for a method that has none.
  var body: [UInt8]?
  /// The answers that are no error; all others are.
  var accepted: Set<Int>
  /// The bytes a range has; nil for other answers, which are small.
  var rangeBytes: Int?

  /// The longest answer that is not a range: a page of a listing has at most 1000 keys.
  private static let maxAnswerBytes = 8 << 20

  var maxAnswerBytes: Int { max(rangeBytes ?? 0, Self.maxAnswerBytes) }

  /// Sorted and escaped as the signature's canonical form has it.
  var queryText: String {
    guard !query.isEmpty else { return "" }
    let parts = query.sorted { $0.name < $1.name }.map { name, value in
      "\(Self.escaped(name))=\(Self.escaped(value))"
    }
    return "?" + parts.joined(separator: "&")
  }

  /// Percent-encoding of all but RFC 3986's unreserved characters.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "."), UInt8(ascii: "~"):
        escaped.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        escaped += byte < 16 ? "%0" : "%"
        escaped += String(byte, radix: 16, uppercase: true)
      }
    }
    return escaped
  }
}
