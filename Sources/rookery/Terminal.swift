internal import Glibc

/// Messages for the person at the terminal: standard error, never standard output.
enum Terminal {
  static func say(_ text: String) {
    write(text.hasSuffix("\n") ? text : text + "\n")
  }

  /// Nothing can be done about a standard error that can't be written.
  static func write(_ text: String) {
    var text = text
    text.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  static let isErrorTTY = isatty(STDERR_FILENO) == 1

  /// Colour only on a terminal, and never against `NO_COLOR` (no-color.org).
  static let hasColour =
    isatty(STDOUT_FILENO) == 1 && (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true)

  static func dim(_ text: String) -> String { hasColour ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
  static func bold(_ text: String) -> String { hasColour ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
}

/// Standard output, in large writes.
struct Output: ~Copyable {
  private var buffer: [UInt8] = []

  init() { buffer.reserveCapacity(1 << 16) }

  mutating func write(_ text: String) {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= 1 << 16 { flush() }
  }

  mutating func write(_ bytes: UnsafeRawBufferPointer) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= 1 << 16 { flush() }
  }

  mutating func flush() {
    var rest = buffer[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        Terminal.say("rookery: io-error: Standard output can't be written.")
        exit(Exit.failed)
      }
      rest = rest.dropFirst(count)
    }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Writes `text` and a line feed at its end, if it has none.
  static func print(_ text: String) {
    var output = Output()
    output.write(text.hasSuffix("\n") ? text : text + "\n")
    output.close()
  }

  /// Writes what is left. Nothing is written by going out of scope.
  consuming func close() { flush() }
}

/// A progress line on a terminal; nothing where standard error is not one.
struct ProgressLine {
  private let label: String
  private let start = Self.seconds()
  private var drawn = 0.0

  init(_ label: String) { self.label = label }

  /// - Parameters:
  ///   - done, total: any unit; no share or ETA when `total` is 0.
  ///   - note: what stands behind, such as a rate.
  mutating func update(done: Int64, total: Int64, note: (_ elapsed: Double) -> String) {
    let now = Self.seconds()
    guard Terminal.isErrorTTY, now - drawn >= 0.1 else { return }
    drawn = now
    let elapsed = max(now - start, 0.001)
    var line = "\r\u{1B}[K\(label) "
    if total > 0 {
      let share = min(1, Double(done) / Double(total))
      let filled = Int(share * 24)
      line += "[" + String(repeating: "█", count: filled)
      line += String(repeating: "·", count: 24 - filled) + "] \(Int(share * 100)) % "
      if share > 0.01 { line += "ETA \(Int(elapsed / share - elapsed)) s " }
    }
    Terminal.write(line + note(elapsed))
  }

  func finish() {
    if Terminal.isErrorTTY, drawn > 0 { Terminal.write("\r\u{1B}[K") }
  }

  private static func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
