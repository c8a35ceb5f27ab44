internal import Foundation
internal import Streams

/// Writes events to standard output, as lines for people or as JSON lines.
struct EventPrinter: ~Copyable {
  private var stream: StreamName?
  private var quotedStream = ""
  private let json: Bool
  private let validator = JSONValidator()
  private var output = Output()

  /// Whether a line for people names its stream.
  private let isOfMany: Bool

  init(json: Bool, isOfMany: Bool = false) {
    self.json = json
    self.isOfMany = isOfMany
  }

  mutating func print(_ event: EventView, of stream: StreamName) {
    if json { printJSON(event, of: stream) } else { printText(event, of: stream) }
  }

  consuming func close() { output.close() }

  private mutating func printText(_ event: EventView, of stream: StreamName) {
    let revision = event.revision.description
    if isOfMany { output.write(stream.rawValue + "  ") }
    output.write(String(repeating: " ", count: max(0, 8 - revision.count)) + revision + "  ")
    output.write(Terminal.dim(event.timestamp.rfc3339) + "  " + Terminal.bold(event.type) + "  ")
    write(payload: event.data)
    if !event.metadata.isEmpty {
      output.write("  ")
      write(payload: event.metadata)
    }
    output.write("\n")
  }

  /// The keys of an event line, so that what was read can be ingested again, byte for byte.
  private mutating func printJSON(_ event: EventView, of stream: StreamName) {
    if stream != self.stream {
      self.stream = stream
      quotedStream = JSONEscapes.quote(stream.rawValue)
    }
    output.write("{\"stream\":\(quotedStream),\"revision\":\(event.revision)")
    output.write(",\"position\":\(event.position),\"eventId\":\"\(event.id)\"")
    output.write(",\"type\":\(JSONEscapes.quote(event.type))")
    output.write(",\"timestamp\":\"\(event.timestamp.rfc3339)\"")
    output.write(",\"recordedAt\":\"\(event.recordedAt.rfc3339)\"")
    if !event.metadata.isEmpty { writeField("metadata", event.metadata) }
    writeField("data", event.data)
    output.write("}\n")
  }

  /// JSON as it is, on one line; and base64 of what that would not give back as it was.
  private mutating func writeField(_ name: String, _ payload: UnsafeRawBufferPointer) {
    let isJSON = validator.problem(in: payload) == nil
    if isJSON {
      output.write(",\"\(name)\":")
      write(payload: payload)
    }
    guard !isJSON || payload.hasLineEnds || payload.hasMargin else { return }
    output.write(",\"\(name)_b64\":\"\(Data(payload).base64EncodedString())\"")
  }

  /// JSON as it is, on one line; anything else as a base64 string.
  private mutating func write(payload: UnsafeRawBufferPointer) {
    guard validator.problem(in: payload) == nil else {
      output.write("\"\(Data(payload).base64EncodedString())\"")
      return
    }
    guard payload.hasLineEnds else {
      output.write(payload)
      return
    }
    // Line ends stand only between tokens of valid JSON.
    let line = payload.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
    line.withUnsafeBytes { output.write($0) }
  }
}

extension UnsafeRawBufferPointer {
  fileprivate var hasLineEnds: Bool { contains { $0 == 0x0A || $0 == 0x0D } }

  /// Space around the value is no part of it for who reads the line.
  fileprivate var hasMargin: Bool {
    first.map { $0 <= 0x20 } ?? false || last.map { $0 <= 0x20 } ?? false
  }
}
