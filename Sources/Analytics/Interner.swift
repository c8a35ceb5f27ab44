/// Texts numbered in the order they were first seen.
struct Interner: Hashable, Sendable {
  private(set) var texts: [String] = []
  private var numbers: [String: Int] = [:]

  subscript(number: Int) -> String { texts[number] }

  var count: Int { texts.count }

  func number(of text: String) -> Int? { numbers[text] }

  /// The number of `text`, a new one if it was not seen before.
  mutating func intern(_ text: String) -> Int {
    if let number = numbers[text] { return number }
    numbers[text] = texts.count
    texts.append(text)
    return texts.count - 1
  }

  static func == (a: Interner, b: Interner) -> Bool { a.texts == b.texts }

  func hash(into hasher: inout Hasher) { hasher.combine(texts) }
}
