import Analytics
import Foundation
import Streams
import Testing

@testable import Reports

@Suite struct `The report templates` {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "reports/templates")
    .path()

  static func load() throws -> ReportTemplates { try ReportTemplates.load(from: folder) }

  @Test func `of the uptime page use only tags its model has`() throws {
    var report = try Samples.fullReport()
    report.services[0].incidents += report.services[0].incidents
    let page = UptimePage(
      report, style: "",
      limits: UptimePageLimits(details: 1, rowsWithBars: 1, rows: 2, incidentsInDetail: 1))
    var check = TagCheck(folder: Self.folder)
    try check.walk("uptime", stack: [page])
    #expect(check.missing == [])
    #expect(check.tags > 50)
    #expect(check.entered == check.sections)
  }

  @Test func `of the activity page use only tags its model has`() throws {
    let page = ActivityPage(try Samples.activityReport(showActors: true), style: "")
    var check = TagCheck(folder: Self.folder)
    try check.walk("activity", stack: [page])
    #expect(check.missing == [])
    #expect(check.tags > 40)
    #expect(check.entered == check.sections)
  }

  @Test func `of the page of a bundle use only tags its model has`() throws {
    let page = RestorePage(try Samples.restoreReport(), bundle: "b.tar.zst", style: "")
    var check = TagCheck(folder: Self.folder)
    try check.walk("restore", stack: [page])
    #expect(check.missing == [])
    #expect(check.tags > 30)
    #expect(check.entered == check.sections)
  }

  @Test func `would be caught with a tag that is misspelt`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data("{{titel}} {{#tables}}{{nothing}}{{/tables}}".utf8)
      .write(to: folder.appending(path: "uptime.mustache"))
    var check = TagCheck(folder: folder.path())
    try check.walk("uptime", stack: [UptimePage(try Samples.fullReport(), style: "")])
    #expect(check.missing == ["uptime: titel", "uptime: nothing", "uptime: nothing"])
  }

  @Test(arguments: ReportTemplates.names.map { "\($0).mustache" } + ["style.css"])
  func `are refused by name when one is missing`(file: String) throws {
    let copy = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.copyItem(at: URL(filePath: Self.folder), to: copy)
    defer { try? FileManager.default.removeItem(at: copy) }
    try FileManager.default.removeItem(at: copy.appending(path: file))
    let error = #expect(throws: ReportTemplateError.self) {
      try ReportTemplates.load(from: copy.path())
    }
    #expect(error?.code == .ioError)
    #expect(error?.message.contains(file) == true)
  }

  @Test func `are refused when one can't be parsed`() throws {
    let copy = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.copyItem(at: URL(filePath: Self.folder), to: copy)
    defer { try? FileManager.default.removeItem(at: copy) }
    try Data("{{#open}}".utf8).write(to: copy.appending(path: "uptime.mustache"))
    let error = #expect(throws: ReportTemplateError.self) {
      try ReportTemplates.load(from: copy.path())
    }
    #expect(error?.message.contains("uptime.mustache") == true)
  }

  @Test(arguments: [
    "<script>alert(1)</script>", "\" onmouseover=\"alert(1)", "' onx='", "a & b",
    // Joined to a neighbour, `<` and `"` are no characters of their own.
    "\u{600}<script>\u{600}alert(1)</script>", "x\"\u{301} onmouseover=\u{600}\"alert(1)\u{301}\"",
  ])
  func `escape whatever a name or cause holds`(hostile: String) throws {
    let templates = try Self.load()
    let plain = try Samples.report([try Samples.oneOutage("x", cause: "x")]).html(templates)
    let page = try Samples.report([try Samples.oneOutage(hostile, cause: hostile)]).html(templates)
    #expect(page.contains(HTMLEscape.escape(hostile)))
    let markup = "<>\"".unicodeScalars
    for scalar in markup {
      #expect(
        page.unicodeScalars.count { $0 == scalar } == plain.unicodeScalars.count { $0 == scalar })
    }
  }
}

/// Walks a template along a model and notes the tags the model does not provide.
private struct TagCheck {
  let folder: String
  var missing: [String] = []
  var tags = 0
  /// Sections met, and those for which the model had something to show.
  var sections: Set<String> = []
  var entered: Set<String> = []

  init(folder: String) { self.folder = folder }

  private struct Tag {
    let kind: Character
    let name: String
  }

  mutating func walk(_ template: String, stack: [Any]) throws {
    let text = try String(contentsOfFile: "\(folder)/\(template).mustache", encoding: .utf8)
    let tags = text.matches(of: /\{\{\{?([#^\/>]?)\s*([A-Za-z0-9_.\-]+)\s*\}?\}\}/).map {
      Tag(kind: $0.output.1.first ?? "v", name: String($0.output.2))
    }
    var index = 0
    try walk(tags, &index, template, stack)
  }

  private mutating func walk(
    _ list: [Tag], _ index: inout Int, _ template: String, _ stack: [Any]
  ) throws {
    while index < list.count {
      let tag = list[index]
      index += 1
      switch tag.kind {
      case "/": return
      case ">": try walk(tag.name, stack: stack)
      case "#", "^": try section(tag, list, &index, template, stack)
      default: note(tag, template, stack)
      }
    }
  }

  private mutating func section(
    _ tag: Tag, _ list: [Tag], _ index: inout Int, _ template: String, _ stack: [Any]
  ) throws {
    note(tag, template, stack)
    sections.insert(tag.name)
    guard tag.kind == "#", let elements = value(tag.name, stack) as? [Any] else {
      entered.insert(tag.name)
      return try walk(list, &index, template, stack)
    }
    let start = index
    index = end(of: list, from: start)
    for element in elements {
      entered.insert(tag.name)
      var inner = start
      try walk(list, &inner, template, stack + [element])
    }
  }

  /// After the closing tag of the section whose first inner tag is at `start`.
  private func end(of list: [Tag], from start: Int) -> Int {
    var depth = 1
    for index in start..<list.count {
      if list[index].kind == "#" || list[index].kind == "^" { depth += 1 }
      if list[index].kind == "/" { depth -= 1 }
      if depth == 0 { return index + 1 }
    }
    return list.count
  }

  private mutating func note(_ tag: Tag, _ template: String, _ stack: [Any]) {
    tags += 1
    if value(tag.name, stack) == nil { missing.append("\(template): \(tag.name)") }
  }

  private func value(_ name: String, _ stack: [Any]) -> Any? {
    if name == "." { return stack.last }
    for object in stack.reversed() {
      if let child = Mirror(reflecting: object).children.first(where: { $0.label == name }) {
        return child.value
      }
    }
    return nil
  }
}
