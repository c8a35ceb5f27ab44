internal import Foundation
internal import Reports
internal import Streams

/// Where the report templates are: the configuration's folder, `$ROOKERY_TEMPLATES`, or
/// `reports/templates` of the checkout the program was built in or is called from.
enum Templates {
  static func path(_ configured: String?) throws -> String {
    if let configured { return configured }
    if let path = ProcessInfo.processInfo.environment["ROOKERY_TEMPLATES"] { return path }
    let binary = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    for start in [binary, URL(fileURLWithPath: FileManager.default.currentDirectoryPath)] {
      var folder = start
      while folder.path != "/" {
        let candidate = folder.appendingPathComponent("reports/templates").path
        if FileManager.default.fileExists(atPath: candidate + "/uptime.mustache") {
          return candidate
        }
        folder.deleteLastPathComponent()
      }
    }
    throw MissingTemplates()
  }

  static func load(_ configured: String?) throws -> ReportTemplates {
    try ReportTemplates.load(from: try path(configured))
  }
}

private struct MissingTemplates: CodedError {
  var code: ErrorCode { .ioError }
  var message: String { "The report templates can't be found." }
  var remedy: String { "Write 'templates: FOLDER' in the configuration." }
}
