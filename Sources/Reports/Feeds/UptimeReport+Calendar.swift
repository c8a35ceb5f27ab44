internal import Analytics
internal import Streams

extension UptimeReport {
  /// The planned maintenance as a calendar (RFC 5545), in UTC.
  ///
  /// A window that is moved is another event of the calendar, and the old one is no longer in it.
  public func calendar() -> String {
    var calendar = ContentLines()
    calendar.add("BEGIN", "VCALENDAR")
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//Rookery//Uptime//EN")
    calendar.add("X-WR-CALNAME", text: "\(title): maintenance")
    for window in options.maintenance { add(window, to: &calendar) }
    calendar.add("END", "VCALENDAR")
    return calendar.text
  }

  private func add(_ window: MaintenanceWindow, to calendar: inout ContentLines) {
    let id = StableID(
      "maintenance", window.service ?? "", window.start.rfc3339, window.end.rfc3339)
    calendar.add("BEGIN", "VEVENT")
    calendar.add("UID", "\(id)")
    calendar.add("DTSTAMP", madeAt.calendarTime)
    calendar.add("DTSTART", window.start.calendarTime)
    calendar.add("DTEND", window.end.calendarTime)
    calendar.add("SUMMARY", text: "Maintenance of \(window.service ?? "all services")")
    calendar.add("TRANSP", "TRANSPARENT")
    calendar.add("END", "VEVENT")
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
