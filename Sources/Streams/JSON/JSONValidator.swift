internal import CSimdJSON

/// Tells whether bytes are one strict JSON document, with simdjson.
///
/// Reusable and not `Sendable`: one a thread. It copies the document once, into a buffer that grows
/// to the largest document seen.
public final class JSONValidator {
  private let parser: OpaquePointer?

  public init() { parser = rookery_json_new() }

  deinit { rookery_json_free(parser) }

  /// Nil when `bytes` is valid JSON in valid UTF-8, else simdjson's reason.
  ///
  /// - Complexity: O(n), about 1 GB/s.
  public func problem(in bytes: UnsafeRawBufferPointer) -> String? {
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return "Empty: no JSON found." }
    guard let parser else { return "Out of memory." }
    let error = rookery_json_validate(
      parser, base.assumingMemoryBound(to: CChar.self), bytes.count)
    return error == 0 ? nil : String(cString: rookery_json_message(error))
  }
}
