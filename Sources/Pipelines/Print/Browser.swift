public import Foundation
internal import Glibc
public import Streams

/// A headless Chromium that turns a page into a PDF.
public struct Browser: Sendable {
  let path: String
  private let seconds: Int

  static let names = ["chromium", "chromium-browser", "google-chrome"]
  /// A page of the largest size takes some seconds.
  public static let timeLimit = 120

  public init(path: String, seconds: Int = Browser.timeLimit) {
    self.path = path
    self.seconds = seconds
  }

  /// `$ROOKERY_CHROMIUM`, or the first of `chromium`, `chromium-browser` and `google-chrome` in
  /// `$PATH`.
  ///
  /// - Throws: ``PrintError/browserMissing(lookedFor:)``.
  public static func find(
    _ environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(PrintError) -> Browser {
    let isUsable = { (path: String) in FileManager.default.isExecutableFile(atPath: path) }
    if let path = environment["ROOKERY_CHROMIUM"], !path.isEmpty {
      guard path.hasPrefix("/"), isUsable(path) else {
        throw .browserMissing(lookedFor: ["$ROOKERY_CHROMIUM is no program: \(path)"])
      }
      return Browser(path: path)
    }
    let folders = (environment["PATH"] ?? "").split(separator: ":").filter { $0.hasPrefix("/") }
    for name in names {
      if let path = folders.map({ "\($0)/\(name)" }).first(where: isUsable) {
        return Browser(path: path)
      }
    }
    throw .browserMissing(lookedFor: names.map { "no \($0)" } + ["in $PATH"])
  }

  /// Prints `html` as it would be printed by hand, and returns the PDF.
  ///
  /// The browser has a profile and a home of its own that are gone afterwards, and no network: the
  /// page needs none.
  ///
  /// - Throws: ``PrintError``.
  public func pdf(of html: String, stop: StopRequest = .never) throws(PrintError) -> Data {
    let folder = try PrintFolder()
    defer { folder.remove() }
    try folder.write(html)
    let result: ChildProcess.Result
    do throws(ChildProcess.NotStarted) {
      result = try ChildProcess.run(
        [path] + arguments(folder), environment: Self.environment(folder), limit: seconds * 1000,
        endsGroup: true, stop: stop)
    } catch {
      throw .io(path, detail: error.reason)
    }
    switch result.end {
    case .killed: throw .tooSlow(browser: path, seconds: seconds)
    case .stopped: throw .interrupted
    case .exited(let code): return try pdf(in: folder, or: "status \(code)", result.output)
    case .signalled(let number): return try pdf(in: folder, or: "signal \(number)", result.output)
    }
  }

  private func pdf(
    in folder: PrintFolder, or ending: String, _ output: String
  ) throws(PrintError) -> Data {
    if let pdf = folder.pdf() { return pdf }
    let words = output.split(whereSeparator: \.isNewline).last ?? "nothing said"
    throw .failed(browser: path, detail: "\(ending), \(words)")
  }

  private static func environment(_ folder: PrintFolder) -> [String: String] {
    [
      "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": folder.path,
      "TMPDIR": folder.path,
    ]
  }

  private func arguments(_ folder: PrintFolder) -> [String] {
    [
      "--headless", "--disable-gpu", "--no-first-run", "--user-data-dir=\(folder.path)/profile",
      "--no-pdf-header-footer", "--generate-pdf-document-outline",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
      "--no-pings", "--proxy-server=127.0.0.1:9", "--host-resolver-rules=MAP * ~NOTFOUND",
    ]
      // Chromium's own sandbox refuses to start as root.
      + (geteuid() == 0 ? ["--no-sandbox"] : [])
      + ["--print-to-pdf=\(folder.path)/report.pdf", "file://\(folder.path)/report.html"]
  }
}
