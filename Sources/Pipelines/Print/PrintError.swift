public import Streams

/// Why there is no PDF. The page it would have been made from is as good as before.
public enum PrintError: CodedError, Equatable {
  /// There is no browser where one was looked for.
  case browserMissing(lookedFor: [String])
  /// It can't be started, or the folder for its work can't be made.
  case io(String, detail: String)
  /// It ended, and with no whole PDF.
  case failed(browser: String, detail: String)
  case tooSlow(browser: String, seconds: Int)
  case interrupted

  public var code: ErrorCode {
    switch self {
    case .browserMissing: .toolMissing
    case .io, .failed, .tooSlow: .ioError
    case .interrupted: .interrupted
    }
  }

  public var message: String {
    switch self {
    case .browserMissing(let names):
      "A PDF is made by a headless browser, and there is none: \(names.joined(separator: ", "))."
    case .io(let path, let detail): "\(path) can't be used to make the PDF: \(detail)."
    case .failed(let browser, let detail): "\(browser) made no PDF: \(detail)."
    case .tooSlow(let browser, let seconds):
      "\(browser) had made no PDF after \(seconds) seconds, and was stopped."
    case .interrupted: "The PDF was not made: the work was interrupted."
    }
  }

  public var remedy: String {
    switch self {
    case .browserMissing:
      "Install Chromium (apt-get install chromium), or name one by $ROOKERY_CHROMIUM; or take the"
        + " HTML, which prints the same from any browser."
    case .io: "Check the path, its permissions and the disk."
    case .failed, .tooSlow: "Try the HTML of the report in that browser; it prints the same."
    case .interrupted: "Run it again."
    }
  }
}
