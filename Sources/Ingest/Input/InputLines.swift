/// The lines of an input, for those who only want to read them.
public enum InputLines {
  /// Calls `body` with every line of `path` (`-` is standard input) that is not blank, without its
  /// end; the bytes are valid for the call. A line longer than `maxBytes` is cut there.
  ///
  /// - Throws: what `body` throws; ``IngestError`` when the file can't be read or is damaged.
  public static func forEach(
    in path: String, maxBytes: Int = 64 * 1024 * 1024,
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let source = try LineSource(path: path, maxLineBytes: maxBytes)
    while let line = try source.next() { try body(line.bytes) }
  }
}
