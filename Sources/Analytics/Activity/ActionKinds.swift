internal import Streams

/// The kinds of actions of a history, numbered in the order they were first seen.
struct ActionKinds: Hashable, Sendable {
  struct Kind: Hashable, Sendable {
    var category: String
    var type: String
    var topic: String?
  }

  private var kinds: [Kind] = []
  private var numbers: [Kind: Int] = [:]
  private var last = 0

  var count: Int { kinds.count }

  subscript(number: Int) -> Kind { kinds[number] }

  mutating func number(of kind: Kind) -> Int {
    if let number = numbers[kind] { return number }
    numbers[kind] = kinds.count
    kinds.append(kind)
    return kinds.count - 1
  }

  /// As ``number(of:)``, without making a string for a kind like the last one.
  mutating func number(category: String, type: String, topic: ActionTopic) -> Int {
    if last < kinds.count, topic.is(kinds[last].topic), kinds[last].type == type,
      kinds[last].category == category
    {
      return last
    }
    last = number(of: Kind(category: category, type: type, topic: topic.text))
    return last
  }

  static func == (a: ActionKinds, b: ActionKinds) -> Bool { a.kinds == b.kinds }

  func hash(into hasher: inout Hasher) { hasher.combine(kinds) }
}

/// The `category` that an event's data names, still as bytes of it.
struct ActionTopic {
  private var slice: JSONSlice?

  /// Data that is not a JSON object, or whose category is no string, has no topic.
  init(of data: UnsafeRawBufferPointer) {
    var found: JSONSlice?
    let isObject = JSONMembers.forEach(in: data) { key, value in
      if key.equals("category") { found = value }
    }
    if isObject, let raw = found?.rawString, !raw.isEmpty { slice = found }
  }

  var text: String? { slice?.string?.cut(utf8Count: Self.maxBytes) }

  /// Whether it is `text`. May say no for what is escaped or too long; then ``text`` decides.
  func `is`(_ text: String?) -> Bool {
    guard let text, let raw = slice?.rawString else { return text == nil && slice == nil }
    return text.utf8.elementsEqual(raw)
  }

  /// A topic is a word or two; what is longer is cut, so that free text does not fill the memory.
  private static let maxBytes = 64
}
