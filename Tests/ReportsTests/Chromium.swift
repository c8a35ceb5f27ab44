import Foundation
import Testing

/// A real browser without a window: it loads a page from a file and answers what a probe, put into a
/// copy of the page, found out.
struct Chromium {
  enum Scheme: String { case dark = "0", light = "1" }

  struct Failure: Error { let reason: String }

  /// What ``probe`` reports.
  struct Findings: Decodable {
    let width: Int
    let scrollWidth: Int
    let resources: [String]
    let scripts: Int
    let handlers: Int
    let title: String
    let ground: String
    let poorContrast: [String]
    let headings: [Int]
    let landmarks: [String]
    let unscopedHeaders: Int
    let tablesWithoutCaption: Int
    let imagesWithoutText: Int
    let tooltips: Int
    let duplicateIDs: [String]
    let brokenLinks: [String]
    let pieces: [String]
  }

  /// Opens `page` with every part of it unfolded.
  static func look(at page: String, width: Int, scheme: Scheme = .light) throws -> Findings {
    try JSONDecoder().decode(Findings.self, from: answer(to: probe, in: page, width, scheme))
  }

  /// What axe-core calls a serious or critical violation, everything unfolded: rule and element.
  static func violations(in page: String, width: Int, scheme: Scheme = .light) throws -> [String] {
    let script = try axe() + Self.axeProbe
    return try JSONDecoder().decode(
      [String].self, from: answer(to: script, in: page, width, scheme))
  }

  private static func axe() throws -> String {
    let checkout = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let libraries = checkout.appending(path: ".build/test-venv/lib")
    let python = try #require(
      try FileManager.default.contentsOfDirectory(atPath: libraries.path()).first)
    let file = "\(python)/site-packages/axe_playwright_python/axe.min.js"
    return try String(contentsOf: libraries.appending(path: file), encoding: .utf8)
  }

  private static let axeProbe = #"""
    ;for (const part of document.querySelectorAll('details')) part.open = true;
    axe.run(document, { resultTypes: ['violations'] }).then(({ violations, passes }) => {
      if (!passes.length) throw new Error('axe looked at nothing');
      const found = violations.filter(v => ['serious', 'critical'].includes(v.impact))
        .flatMap(v => v.nodes.slice(0, 3).map(n => v.id + ': ' + n.html.slice(0, 200)));
      parent.postMessage(btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(found)))), '*');
    });
    """#

  /// What `script`, put into a copy of `page`, posts to its parent: base64. The copy has no content
  /// security policy: it would stop the script, and the page must be harmless without it.
  private static func answer(
    to script: String, in page: String, _ width: Int, _ scheme: Scheme
  ) throws -> Data {
    let policy = try #require(page.firstMatch(of: /<meta http-equiv="Content-Security[^>]*>/))
    let copy = page.replacing(policy.output, with: "")
      .replacing("</body>", with: "<script id=\"probe\">\(script)</script></body>")
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(copy.utf8).write(to: folder.appending(path: "page.html"))
    let file = folder.appending(path: "frame.html")
    try Data(frame(width: width).utf8).write(to: file)
    let dom = try run([
      "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
      "--user-data-dir=\(folder.path())/profile", "--window-size=1400,900",
      "--blink-settings=preferredColorScheme=\(scheme.rawValue)", "--virtual-time-budget=10000",
      "--dump-dom",
      file.absoluteString,
    ])
    let found = try #require(dom.firstMatch(of: /data-probe="([^"]*)"/), "\(dom.suffix(2000))")
    return Data(base64Encoded: String(found.output.1)) ?? Data()
  }

  /// A window is never narrower than 500 pixels; a frame may be. It passes on what the probe tells.
  private static func frame(width: Int) -> String {
    """
    <iframe src="page.html" style="width:\(width)px;height:900px;border:0"></iframe>
    <script>onmessage = e => document.documentElement.setAttribute('data-probe', e.data)</script>
    """
  }

  private static func run(_ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/chromium")
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(reason: "chromium ended with \(process.terminationStatus)")
    }
    return String(decoding: data, as: UTF8.self)
  }

  /// Contrast after www.w3.org/TR/WCAG22/#contrast-minimum: 4.5, or 3 for large text.
  private static let probe = #"""
    for (const part of document.querySelectorAll('details')) part.open = true;
    const all = [...document.body.querySelectorAll('*')].filter(e => e.id !== 'probe');
    const parse = text => {
      const n = text.match(/[\d.]+/g).map(Number);
      return n.length > 3 ? n : [...n, 1];
    };
    const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3]));
    const ground = e => {
      if (!e) return [255, 255, 255];
      return over(parse(getComputedStyle(e).backgroundColor), ground(e.parentElement));
    };
    const light = c => {
      const [r, g, b] = c.map(v => {
        v /= 255;
        return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const poorContrast = [];
    for (const e of all) {
      if (e.closest('svg') || e.matches('.skip')) continue;
      const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
      if (!own || !e.getClientRects().length) continue;
      const style = getComputedStyle(e);
      const below = ground(e);
      const [a, b] = [light(over(parse(style.color), below)), light(below)].sort((x, y) => y - x);
      const size = parseFloat(style.fontSize);
      const isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
      const ratio = (a + 0.05) / (b + 0.05);
      if (ratio < (isLarge ? 3 : 4.5)) {
        poorContrast.push(e.tagName + '.' + e.className + ' ' + ratio);
      }
    }
    const ids = all.map(e => e.id).filter(Boolean);
    const count = selector => document.querySelectorAll(selector).length;
    const findings = {
      width: innerWidth,
      scrollWidth: document.documentElement.scrollWidth,
      resources: performance.getEntriesByType('resource').map(r => r.name),
      scripts: count('script:not(#probe)'),
      handlers: all.filter(e => e.getAttributeNames().some(n => n.startsWith('on'))).length,
      title: document.title,
      ground: getComputedStyle(document.body).backgroundColor,
      poorContrast,
      headings: [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1]),
      landmarks: ['header', 'main', 'footer'].filter(n => count('body > ' + n) === 1),
      unscopedHeaders: count('th:not([scope])'),
      tablesWithoutCaption: all.filter(e => e.tagName === 'TABLE' && !e.caption).length,
      imagesWithoutText: all.filter(e => e.tagName === 'svg' && !e.closest('[aria-hidden=true]')
        && !(e.getAttribute('role') === 'img' && e.querySelector(':scope > title')?.textContent
        && e.querySelector(':scope > desc')?.textContent)).length,
      tooltips: count('svg.bars g > title'),
      duplicateIDs: ids.filter((id, at) => ids.indexOf(id) !== at),
      brokenLinks: [...document.querySelectorAll('a:not([rel="noreferrer"])')].map(a => a.getAttribute('href'))
        .filter(h => !h.startsWith('#') || !document.getElementById(h.slice(1))),
      pieces: all.filter(e => !e.children.length).map(e => e.textContent.trim()).filter(Boolean)
    };
    const bytes = new TextEncoder().encode(JSON.stringify(findings));
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    parent.postMessage(btoa(text), '*');
    """#
}
