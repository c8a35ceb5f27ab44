import Foundation

/// A call that changes a file system or makes it durable, or a step of the protocol between two.
/// Paths are relative to the folder that was watched.
enum RecordedCall {
  case create(String)
  case makeFolder(String)
  /// At the end of the file if there is no place.
  case write(String, at: Int?, [UInt8])
  case truncate(String, Int)
  case mode(String, Int)
  case link(String, String)
  case unlink(String)
  case rename(String, String)
  case sync(String)
  case step(String)

  /// What strace's options must be for ``read(_:under:)``: every string whole, and in hexadecimal.
  static let traceOptions = [
    "-xx", "-s", "100000000", "-e",
    "trace=openat,mkdir,write,pwrite64,ftruncate,fchmod,link,unlink,rename,fsync,fdatasync,access",
  ]

  /// The calls of all threads in their order, but those that failed or touch nothing under `root`.
  static func read(_ trace: String, under root: String) throws -> [RecordedCall] {
    try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n").compactMap { line in
      guard let open = line.firstIndex(of: "("), !line.prefix(60).contains("resumed>") else {
        return nil
      }
      let name = line[..<open].split(separator: " ").last ?? ""
      let arguments = Arguments(line[open...])
      if name == "access" {
        guard let step = arguments.texts.first?.split(separator: " "), step.first == "step" else {
          return nil
        }
        return .step(String(step.last ?? ""))
      }
      guard !line.suffix(80).contains(") = -1 ") else { return nil }
      let paths = arguments.paths(under: root)
      guard let path = paths.first else { return nil }
      return call(String(name), path, paths, arguments, line)
    }
  }

  private static func call(
    _ name: String, _ path: String, _ paths: [String], _ arguments: Arguments, _ line: Substring
  ) -> RecordedCall? {
    switch name {
    case "openat": line.suffix(1000).contains("O_CREAT") ? .create(path) : nil
    case "mkdir": .makeFolder(path)
    case "write": .write(path, at: nil, arguments.lastBytes)
    case "pwrite64": .write(path, at: arguments.numbers.last ?? 0, arguments.lastBytes)
    case "ftruncate": .truncate(path, arguments.numbers.last ?? 0)
    case "fchmod": .mode(path, Int(String(arguments.numbers.last ?? 0), radix: 8) ?? 0)
    case "link": paths.count == 2 ? .link(path, paths[1]) : nil
    case "unlink": .unlink(path)
    case "rename": paths.count == 2 ? .rename(path, paths[1]) : nil
    case "fsync", "fdatasync": .sync(path)
    default: nil
    }
  }
}

/// The strings and numbers among the arguments of a traced call.
private struct Arguments {
  var strings: [[UInt8]] = []
  var numbers: [Int] = []

  init(_ text: Substring) {
    // No string has a parenthesis: they are in hexadecimal.
    let end =
      text.firstIndex(of: ")") ?? text.firstRange(of: " <unfinished")?.lowerBound ?? text.endIndex
    var rest = text[..<end].utf8[...]
    var plain: [UInt8] = []
    while let byte = rest.first {
      rest = rest.dropFirst()
      if byte == UInt8(ascii: "\""), let close = rest.firstIndex(of: byte) {
        strings.append(Self.bytes(rest[..<close]))
        rest = rest[close...].dropFirst()
      } else if byte == UInt8(ascii: "<"), let close = rest.firstIndex(of: UInt8(ascii: ">")) {
        strings.append(Self.bytes(rest[..<close]))
        rest = rest[close...].dropFirst()
      } else {
        plain.append(byte)
      }
    }
    numbers = String(decoding: plain, as: UTF8.self).split { !$0.isNumber }.compactMap { Int($0) }
  }

  var texts: [String] { strings.map { String(decoding: $0, as: UTF8.self) } }
  var lastBytes: [UInt8] { strings.last ?? [] }

  func paths(under root: String) -> [String] {
    texts.filter { $0.hasPrefix(root + "/") }.map { String($0.dropFirst(root.count + 1)) }
  }

  /// `\x61\x62` is `ab`.
  private static func bytes(_ text: Substring.UTF8View) -> [UInt8] {
    let digits = text.filter { $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "x") }
    return stride(from: 0, to: digits.count - 1, by: 2).map { index in
      value(digits[index]) << 4 | value(digits[index + 1])
    }
  }

  private static func value(_ digit: UInt8) -> UInt8 {
    digit <= UInt8(ascii: "9") ? digit - UInt8(ascii: "0") : digit - UInt8(ascii: "a") + 10
  }
}
