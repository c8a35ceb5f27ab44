import Foundation
import Pipelines
import Streams
import Testing

/// The real browser, and scripts in its place that do what a browser must not.
@Suite struct `A browser that prints` {
  private static func script(_ text: String, _ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "chromium")
    try Data("#!/bin/sh\ncd '\(folder.path())'\n\(text)\n".utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: file.path())
    try body(folder.path() + "/")
  }

  @Test func `makes a PDF of a page`() throws {
    let pdf = try Browser.find().pdf(of: "<title>x</title><p>What is printed")
    #expect(pdf.starts(with: Data("%PDF-".utf8)))
    #expect(pdf.count > 1000)
  }

  @Test func `is the one that is named, or the first in the path`() throws {
    try Self.script("exit 0") { folder in
      let named = try Browser.find(["ROOKERY_CHROMIUM": folder + "chromium", "PATH": ""])
      let found = try Browser.find(["PATH": "relative:/nowhere:\(folder)"])
      for browser in [named, found] {
        let error = #expect(throws: PrintError.self) { try browser.pdf(of: "") }
        #expect(error?.message.contains("made no PDF: status 0, nothing said") == true)
      }
    }
  }

  @Test(arguments: [
    ["PATH": ""], [:], ["PATH": "/nowhere"],
    ["ROOKERY_CHROMIUM": "/nowhere/chromium", "PATH": "/usr/bin"],
    ["ROOKERY_CHROMIUM": "chromium", "PATH": "/usr/bin"],
  ])
  func `is said to be missing, with a remedy`(environment: [String: String]) {
    let error = #expect(throws: PrintError.self) { try Browser.find(environment) }
    #expect(error?.code == .toolMissing)
    #expect(error?.remedy.contains("apt-get install chromium") == true)
  }

  @Test func `that fails is quoted`() throws {
    try Self.script("echo first >&2; echo 'no display, no fun' >&2; exit 7") { folder in
      let error = #expect(throws: PrintError.self) {
        try Browser(path: folder + "chromium").pdf(of: "")
      }
      #expect(error?.message.contains("status 7, no display, no fun") == true)
    }
  }

  @Test func `that leaves half a PDF has made none`() throws {
    let half = """
      for word in "$@"; do case "$word" in --print-to-pdf=*) printf '%%PDF-1.4 half' > "${word#*=}";; esac; done
      """
    try Self.script(half) { folder in
      #expect(throws: PrintError.self) { try Browser(path: folder + "chromium").pdf(of: "") }
    }
  }

  @Test func `that hangs is ended with all that it started, and leaves nothing behind`() throws {
    let hang = """
      echo "$HOME" > home
      sleep 600 &
      echo $! > child
      sleep 600
      """
    try Self.script(hang) { folder in
      let error = #expect(throws: PrintError.self) {
        try Browser(path: folder + "chromium", seconds: 1).pdf(of: "<p>")
      }
      #expect(error == .tooSlow(browser: folder + "chromium", seconds: 1))
      let child = try #require(
        Int32(
          String(contentsOfFile: folder + "child", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)))
      #expect(isGone(child))
      let home = try String(contentsOfFile: folder + "home", encoding: .utf8)
        .trimmingCharacters(in: .whitespacesAndNewlines)
      #expect(home.contains("rookery-print-"))
      #expect(!FileManager.default.fileExists(atPath: home))
    }
  }

  @Test func `is ended when the work is to stop`() throws {
    try Self.script("sleep 600") { folder in
      let error = #expect(throws: PrintError.self) {
        try Browser(path: folder + "chromium").pdf(of: "<p>", stop: StopRequest { true })
      }
      #expect(error == .interrupted)
    }
  }

  /// Killed, whether or not anybody has waited for it.
  private func isGone(_ process: Int32) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else {
      return true
    }
    return status.contains(") Z ")
  }
}
