extension ServiceState {
  /// The state that a monitor's word for it means; nil for a word nobody knows.
  ///
  /// The words of other tools map onto the five states; case, `-`, `_` and space are ignored.
  ///
  /// - Complexity: O(n), no allocation.
  public init?(word: UnsafeRawBufferPointer) {
    guard let key = WordKey(word) else { return nil }
    for (state, words) in Self.vocabulary {
      for word in words where word == key {
        self = state
        return
      }
    }
    return nil
  }

  /// As ``init(word:)-(UnsafeRawBufferPointer)``, from a string.
  public init?(word: String) {
    var word = word
    let state = word.withUTF8 { ServiceState(word: UnsafeRawBufferPointer($0)) }
    guard let state else { return nil }
    self = state
  }

  private static let vocabulary: [(ServiceState, [WordKey])] = [
    (.up, keys("up", "ok", "operational", "online", "healthy", "passing", "success")),
    (
      .down,
      keys(
        "down", "outage", "major outage", "full outage", "offline", "critical", "failed", "failing",
        "error", "unhealthy")
    ),
    (
      .degraded,
      keys(
        "degraded", "degraded performance", "partial", "partial outage", "disrupted", "warning",
        "slow")
    ),
    (.maintenance, keys("maintenance", "under maintenance")),
    (
      .unknown,
      keys("unknown", "pending", "paused", "no data", "retired", "removed", "disabled")
    ),
  ]

  private static func keys(_ words: StaticString...) -> [WordKey] {
    words.compactMap {
      WordKey(UnsafeRawBufferPointer(start: $0.utf8Start, count: $0.utf8CodeUnitCount))
    }
  }
}

/// A word in lower case without `-`, `_` and space, packed into 24 bytes so that comparing two is
/// three comparisons. The longest known word, degradedperformance, has 19.
private struct WordKey: Equatable {
  private var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
  private var count = 0

  init?(_ text: UnsafeRawBufferPointer) {
    for byte in text {
      if byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: " ") {
        continue
      }
      guard count < 24 else { return nil }
      let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
      let letter = UInt64(isUpper ? byte | 0x20 : byte)
      switch count / 8 {
      case 0: words.0 = words.0 << 8 | letter
      case 1: words.1 = words.1 << 8 | letter
      default: words.2 = words.2 << 8 | letter
      }
      count += 1
    }
    if count == 0 { return nil }
  }

  static func == (a: WordKey, b: WordKey) -> Bool { a.words == b.words && a.count == b.count }
}
