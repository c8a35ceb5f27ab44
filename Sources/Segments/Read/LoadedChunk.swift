/// A chunk that was read, checked and opened.
struct LoadedChunk: Sendable {
  var content: [UInt8]
  /// Where the event lines stand in ``content``.
  let lines: Range<Int>
}
