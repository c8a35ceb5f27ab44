internal import Analytics
internal import Streams

extension UptimeReport {
  /// The planned maintenance as a calendar (RFC 5545), in UTC: the windows of the options, and those
  /// that were said by events, the coming ones too.
  ///
  /// A window that is cut short keeps its UID; one that is cancelled is in the calendar as such.
  public func calendar() -> String {
    var calendar = ContentLines()
    calendar.add("BEGIN", "VCALENDAR")
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//Rookery//Uptime//EN")
    calendar.add("X-WR-CALNAME", text: "\(title): maintenance")
    for window in options.maintenance { add(window, to: &calendar) }
    for correction in options.corrections.all(through: throughPosition)
    where correction.effect == .maintenance { add(correction, to: &calendar) }
    calendar.add("END", "VCALENDAR")
    return calendar.text
  }

  private func add(_ window: MaintenanceWindow, to calendar: inout ContentLines) {
    let id = StableID(
      "maintenance", window.service ?? "", window.start.rfc3339, window.end.rfc3339)
    calendar.add("BEGIN", "VEVENT")
    add(uid: id.description, window.service, window.start..<window.end, to: &calendar)
    calendar.add("END", "VEVENT")
  }

  private func add(_ correction: Correction, to calendar: inout ContentLines) {
    let isStanding = correction.isStanding
    calendar.add("BEGIN", "VEVENT")
    add(
      uid: correction.id.description, correction.service,
      correction.start..<(isStanding ? correction.standingEnd : correction.end), to: &calendar)
    calendar.add("DESCRIPTION", text: correction.withdrawal?.reason ?? correction.reason)
    calendar.add("STATUS", isStanding ? "CONFIRMED" : "CANCELLED")
    calendar.add("SEQUENCE", correction.withdrawal == nil ? "0" : "1")
    calendar.add("END", "VEVENT")
  }

  private func add(
    uid: String, _ service: String?, _ range: Range<Timestamp>, to calendar: inout ContentLines
  ) {
    calendar.add("UID", uid)
    calendar.add("DTSTAMP", madeAt.calendarTime)
    calendar.add("DTSTART", range.lowerBound.calendarTime)
    calendar.add("DTEND", range.upperBound.calendarTime)
    calendar.add("SUMMARY", text: "Maintenance of \(service ?? "all services")")
    calendar.add("TRANSP", "TRANSPARENT")
  }
}

extension Timestamp {
  /// `20250110T060000Z`: a calendar knows no fractions of a second.
  fileprivate var calendarTime: String {
    rfc3339.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
  }
}

/// The lines of a calendar: `NAME:VALUE`, ended with CR LF, none longer than 75 bytes.
private struct ContentLines {
  private(set) var text = ""

  mutating func add(_ name: String, text value: String) {
    var escaped = ""
    for scalar in value.printable.unicodeScalars {
      if scalar == "\\" || scalar == ";" || scalar == "," { escaped += "\\" }
      escaped.unicodeScalars.append(scalar)
    }
    add(name, escaped)
  }

  /// Folds between characters, never inside one.
  mutating func add(_ name: String, _ value: String) {
    var width = 0
    for scalar in "\(name):\(value)".unicodeScalars {
      let bytes = UTF8.width(scalar)
      if width + bytes > 75 {
        text += "\r\n "
        width = 1
      }
      text.unicodeScalars.append(scalar)
      width += bytes
    }
    text += "\r\n"
  }
}
