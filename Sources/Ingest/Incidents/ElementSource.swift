internal import Streams

/// The objects of a JSON file, one at a time: one after the other, in an array, or in an array that
/// an object has under one of some keys (`{"page":{…},"incidents":[{…},{…}]}`).
///
/// Only where an object ends is decided here; what is inside is left to the validator. Memory is one
/// object and one block.
final class ElementSource {
  struct Element {
    /// Valid until the next call.
    let bytes: UnsafeRawBufferPointer
    /// From 1 in its file.
    let number: Int
    let isTooLong: Bool
  }

  let file: InputFile
  private let maxBytes: Int
  private var block = UnsafeRawBufferPointer(start: nil, count: 0)
  private var at = 0
  private var isInsideFile = false
  private var number = 0
  private var scan: ElementScan

  init(path: String, keys: [String], maxBytes: Int) throws(IngestError) {
    file = try InputFile(path: path)
    scan = ElementScan(keys: keys, maxBytes: maxBytes)
    self.maxBytes = maxBytes
  }

  /// The next object; nil at the end.
  ///
  /// - Throws: ``IngestError`` `.damaged`, also when the file ends inside a value.
  func next() throws(IngestError) -> Element? {
    scan.element.removeAll(keepingCapacity: true)
    while true {
      if at == block.count, try !readBlock() { return nil }
      while at < block.count {
        let byte = block[at]
        at += 1
        switch scan.take(byte) {
        case .goesOn: break
        case .isNone: throw damaged("something that is no object stands there")
        case .ends:
          number += 1
          return Element(
            bytes: scan.element.withUnsafeBytes { $0 }, number: number, isTooLong: scan.isTooLong)
        }
      }
    }
  }

  private func readBlock() throws(IngestError) -> Bool {
    at = 0
    while true {
      if !isInsideFile {
        guard try file.open() else { return false }
        (isInsideFile, number) = (true, 0)
      }
      if let read = try file.read() {
        block = read
        return true
      }
      block = UnsafeRawBufferPointer(start: nil, count: 0)
      isInsideFile = false
      guard scan.isOutside else { throw damaged("it ends inside a value") }
    }
  }

  private func damaged(_ detail: String) -> IngestError {
    .damaged(file: file.name, line: number, detail: detail)
  }
}

/// Where in the JSON text a reader is that looks for elements.
private struct ElementScan {
  enum Step { case goesOn, ends, isNone }

  private enum Place {
    /// Between values.
    case outside
    /// In the array that the whole text is.
    case inArray
    /// In an object that may be an element itself, or have a list of them.
    case inObject
    /// In such a list.
    case inList
    case inListObject
    /// In an object that turned out to have a list, behind that.
    case inWrapper
  }

  let keys: [[UInt8]]
  let maxBytes: Int
  /// The element so far.
  var element: [UInt8] = []
  private(set) var isTooLong = false
  private var place = Place.outside
  private var isInArray = false
  /// How deep in objects and arrays, from the element's or wrapper's own braces as 1.
  private var depth = 0
  private var isInText = false
  private var isEscaped = false
  /// The last text at depth 1 that no colon preceded.
  private var key: [UInt8] = []
  private var isAfterColon = false

  init(keys: [String], maxBytes: Int) {
    self.keys = keys.map { Array($0.utf8) }
    self.maxBytes = maxBytes
  }

  var isOutside: Bool { place == .outside }

  mutating func take(_ byte: UInt8) -> Step {
    switch place {
    case .outside, .inArray, .inList: return takeBetween(byte)
    case .inObject, .inListObject:
      if element.count < maxBytes { element.append(byte) } else { isTooLong = true }
    case .inWrapper: break
    }
    return takeInside(byte)
  }

  private mutating func takeBetween(_ byte: UInt8) -> Step {
    switch byte {
    case UInt8(ascii: "{"):
      place = place == .inList ? .inListObject : .inObject
      element.removeAll(keepingCapacity: true)
      element.append(byte)
      (depth, isTooLong) = (1, false)
      startMember()
    case UInt8(ascii: "[") where place == .outside:
      (place, isInArray) = (.inArray, true)
    case UInt8(ascii: "]") where place == .inArray:
      (place, isInArray) = (.outside, false)
    case UInt8(ascii: "]") where place == .inList:
      (place, depth) = (.inWrapper, 1)
    // A byte order mark and what may stand between elements.
    case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","), 0xEF, 0xBB, 0xBF: break
    default: return .isNone
    }
    return .goesOn
  }

  private mutating func takeInside(_ byte: UInt8) -> Step {
    if isInText {
      takeText(byte)
      return .goesOn
    }
    switch byte {
    case UInt8(ascii: "\""):
      isInText = true
      if depth == 1, !isAfterColon { key.removeAll(keepingCapacity: true) }
    case UInt8(ascii: ":") where depth == 1: isAfterColon = true
    case UInt8(ascii: ",") where depth == 1: startMember()
    case UInt8(ascii: "[") where depth == 1 && place != .inListObject && keys.contains(key):
      place = .inList
      element.removeAll(keepingCapacity: true)
    case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
    case UInt8(ascii: "]"), UInt8(ascii: "}"):
      depth -= 1
      return depth == 0 ? close() : .goesOn
    default: break
    }
    return .goesOn
  }

  private mutating func close() -> Step {
    defer { place = place == .inListObject ? .inList : isInArray ? .inArray : .outside }
    return place == .inWrapper ? .goesOn : .ends
  }

  private mutating func startMember() {
    (isInText, isEscaped, isAfterColon) = (false, false, false)
    key.removeAll(keepingCapacity: true)
  }

  private mutating func takeText(_ byte: UInt8) {
    if isEscaped {
      isEscaped = false
    } else if byte == UInt8(ascii: "\\") {
      isEscaped = true
    } else if byte == UInt8(ascii: "\"") {
      isInText = false
      return
    }
    if depth == 1, !isAfterColon, key.count < 64 { key.append(byte) }
  }
}
