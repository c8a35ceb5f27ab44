internal import Analytics
internal import Streams

extension UptimeReport {
  /// The incidents as an Atom feed (RFC 4287), newest first, ``feedLength`` at most.
  ///
  /// An incident keeps its id from report to report, and is updated when it ends.
  public func atom() -> String {
    let entries = newestIncidents.prefix(Self.feedLength)
      .map { AtomEntry($0, $1, UptimeWords(report: self)) }
    let updated = entries.map(\.updated).max() ?? options.start
    return """
      <?xml version="1.0" encoding="utf-8"?>
      <feed xmlns="http://www.w3.org/2005/Atom">
      <id>urn:uuid:\(StableID("incidents", title))</id>
      <title>\(XMLText.escape(title)): incidents</title>
      <updated>\(updated.rfc3339)</updated>
      <author><name>Rookery</name></author>
      \(entries.map(\.xml).joined())</feed>

      """
  }

  /// How many incidents a feed has at most: readers fetch it every few minutes.
  static var feedLength: Int { 100 }
}

private struct AtomEntry {
  let updated: Timestamp
  let xml: String

  init(_ figures: UptimeFigures, _ incident: Incident, _ words: UptimeWords) {
    updated = incident.end ?? incident.start
    let length = Wording.duration(milliseconds: incident.downMilliseconds)
    let isOpen = incident.ending == .open
    let title = "\(figures.service): down\(isOpen ? "" : " for \(length)")"
    let events = words.revisions(
      incident.firstRevision?.rawValue, incident.lastRevision?.rawValue)
    let sentences = [
      "From \(words.start(incident)) to \(words.end(incident)) (\(words.report.zone.name)).",
      "Down \(length)\(isOpen ? " so far" : ""); \(words.ending(incident)).",
      incident.cause.map { "Cause: \($0)" },
      events.map { "Events: \(figures.stream ?? figures.service), \($0)." },
    ].compactMap { $0 }
    xml = """
      <entry>
      <id>urn:uuid:\(Self.id(figures, incident))</id>
      <title>\(XMLText.escape(title))</title>
      <published>\(incident.start.rfc3339)</published>
      <updated>\(updated.rfc3339)</updated>
      <category term="\(XMLText.escape(figures.service))"/>
      <content type="text">\(XMLText.escape(sentences.joined(separator: " ")))</content>
      </entry>

      """
  }

  /// The event that began it is the same in every period; its start is cut where the period begins.
  private static func id(_ figures: UptimeFigures, _ incident: Incident) -> StableID {
    StableID(
      "incident", figures.stream ?? "", figures.service,
      incident.firstRevision.map { "revision \($0.rawValue)" } ?? incident.start.rfc3339)
  }
}
