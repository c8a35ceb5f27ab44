internal import Foundation
internal import FoundationXML

/// An element of an answer in XML: its name, its text, the elements in it.
final class S3Document {
  let name: String
  fileprivate(set) var text = ""
  fileprivate(set) var children: [S3Document] = []

  fileprivate init(name: String) { self.name = name }

  /// The text of the first child of this name.
  subscript(_ name: String) -> String? { children.first { $0.name == name }?.text }

  /// All children of this name.
  func all(_ name: String) -> [S3Document] { children.filter { $0.name == name } }
}

extension S3Document {
  /// The root of a document; nil if it is not well-formed or nested deeper than S3's are.
  convenience init?(_ bytes: [UInt8]) {
    let reader = S3DocumentReader()
    let parser = XMLParser(data: Data(bytes))
    parser.delegate = reader
    guard parser.parse(), let root = reader.root else { return nil }
    self.init(name: root.name)
    text = root.text
    children = root.children
  }
}

private final class S3DocumentReader: NSObject, XMLParserDelegate {
  private(set) var root: S3Document?
  private var open: [S3Document] = []

  private static let maxDepth = 16

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    guard open.count < Self.maxDepth else { return parser.abortParsing() }
    let element = S3Document(name: name)
    if let parent = open.last { parent.children.append(element) } else { root = element }
    open.append(element)
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    open.removeLast()
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) { open.last?.text += text }
}
