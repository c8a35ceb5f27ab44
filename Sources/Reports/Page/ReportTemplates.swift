internal import Foundation
internal import Mustache
public import Streams

/// The templates and the stylesheet of the pages, loaded once and used for any number of reports.
public struct ReportTemplates: Sendable {
  let library: MustacheLibrary
  let style: String

  /// What a template folder must hold, each as `name.mustache`; beside them `style.css`.
  static let names = [
    "uptime", "uptime-summary", "uptime-detail", "uptime-comparison", "uptime-budget",
    "uptime-response", "uptime-incidents", "uptime-corrections", "uptime-changes", "activity",
    "activity-table", "head", "patterns", "standing", "restore", "index",
  ]

  /// Loads every template and the stylesheet from `directory` (`reports/templates`).
  ///
  /// - Throws: ``ReportTemplateError`` when a file is missing, unreadable, or no valid template.
  public static func load(from directory: String) throws -> ReportTemplates {
    MustacheContentTypes.register(HTMLEscape(), named: escapingName)
    var library = MustacheLibrary()
    for name in names {
      let file = "\(directory)/\(name).mustache"
      let text = "{{% CONTENT_TYPE:\(escapingName)}}\n" + (try read(file))
      do {
        try library.register(text, named: name)
      } catch {
        throw ReportTemplateError.malformed(file: file, reason: "\(error)")
      }
    }
    return ReportTemplates(library: library, style: try read("\(directory)/style.css"))
  }

  private static let escapingName = "REPORT_HTML"

  private static func read(_ file: String) throws(ReportTemplateError) -> String {
    guard let bytes = FileManager.default.contents(atPath: file) else { throw .missing(file: file) }
    guard let text = String(data: bytes, encoding: .utf8) else {
      throw .malformed(file: file, reason: "it is not UTF-8")
    }
    return text
  }

  /// - Throws: ``ReportTemplateError`` for a name that was not loaded.
  func render(_ model: Any, with name: String) throws(ReportTemplateError) -> String {
    guard let text = library.render(model, withTemplate: name) else {
      throw .missing(file: "\(name).mustache")
    }
    return text
  }
}

/// Why a page can't be made from the template folder.
public enum ReportTemplateError: CodedError, Hashable {
  case missing(file: String)
  case malformed(file: String, reason: String)

  public var code: ErrorCode { .ioError }

  public var message: String {
    switch self {
    case .missing(let file): "The report template \(file) is missing or can't be read."
    case .malformed(let file, let reason): "The report template \(file) is not valid: \(reason)."
    }
  }

  public var remedy: String {
    "Point to the folder reports/templates that came with this version of Rookery."
  }
}
