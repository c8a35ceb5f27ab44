package import Streams

/// A message with a text and attachments, as MIME (RFC 5322, 2045, 2047, 2183).
///
/// Bodies are Base64: no byte of them can be taken for a header, a boundary or the end, and no line is
/// too long for a server.
package struct MailMessage {
  package var sender: Mailbox
  package var recipients: [Mailbox]
  package var subject: String
  package var date: Timestamp
  /// Without its angle brackets. A receiver knows a repeated message by it.
  package var messageID: String
  package var text: String
  package var attachments: [Attachment]

  package struct Attachment {
    package var name: String
    package var type: String
    package var content: [UInt8]

    package init(name: String, type: String, content: [UInt8]) {
      self.name = name
      self.type = type
      self.content = content
    }
  }

  package init(
    sender: Mailbox, recipients: [Mailbox], subject: String, date: Timestamp, messageID: String,
    text: String, attachments: [Attachment]
  ) {
    self.sender = sender
    self.recipients = recipients
    self.subject = subject
    self.date = date
    self.messageID = messageID
    self.text = text
    self.attachments = attachments
  }

  /// The whole message, with CRLF line ends.
  ///
  /// - Complexity: O(n) in time and memory, 4/3 of the attachments.
  package var bytes: [UInt8] {
    // No Base64 line has an underscore in it.
    let boundary = "=_rookery_\(attachments.count)_="
    var out = Array(header(boundary).utf8)
    Self.append(
      part: "Content-Type: text/plain; charset=utf-8",
      Array(text.replacing("\n", with: "\r\n").utf8),
      boundary, to: &out)
    for attachment in attachments {
      Self.append(
        part: "Content-Type: \(attachment.type)\r\n"
          + "Content-Disposition: attachment; \(Self.fileName(attachment.name))",
        attachment.content, boundary, to: &out)
    }
    out += Array("--\(boundary)--\r\n".utf8)
    return out
  }

  private func header(_ boundary: String) -> String {
    [
      "From: \(sender.header)",
      "To: \(recipients.map(\.header).joined(separator: ",\r\n "))",
      "Subject: \(EncodedWords.text(subject))",
      "Date: \(Self.text(date))",
      "Message-ID: <\(messageID)>",
      // RFC 3834: no vacation notice shall answer this.
      "Auto-Submitted: auto-generated",
      "MIME-Version: 1.0",
      "Content-Type: multipart/mixed; boundary=\"\(boundary)\"",
      "", "",
    ].joined(separator: "\r\n")
  }

  private static func append(
    part headers: String, _ content: [UInt8], _ boundary: String, to out: inout [UInt8]
  ) {
    out += Array("--\(boundary)\r\n\(headers)\r\nContent-Transfer-Encoding: base64\r\n\r\n".utf8)
    content.withUnsafeBytes { bytes in
      for start in stride(from: 0, to: bytes.count, by: bytesPerLine) {
        let line = bytes[start..<min(start + bytesPerLine, bytes.count)]
        Base64.append(UnsafeRawBufferPointer(rebasing: line), to: &out)
        out += [13, 10]
      }
    }
  }

  /// 76 digits, the most that RFC 2045 allows.
  private static let bytesPerLine = 57

  /// Quoted where it is plain, or else as RFC 2231 has it.
  private static func fileName(_ name: String) -> String {
    func isPlain(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "."):
        true
      default: false
      }
    }
    if name.utf8.allSatisfy(isPlain) { return "filename=\"\(name)\"" }
    let escaped = name.utf8.map { byte in
      isPlain(byte)
        ? String(Unicode.Scalar(byte))
        : (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
    }
    return "filename*=UTF-8''" + escaped.joined()
  }

  /// `Tue, 24 Nov 2026 18:45:24 +0000`
  private static func text(_ instant: Timestamp) -> String {
    let date = CivilDate(utcDay: instant.utcDay)
    let weekday = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][date.isoWeekday - 1]
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let clock = instant.rfc3339.dropFirst(11).prefix(8)
    return "\(weekday), \(date.day) \(months[date.month - 1]) \(date.year) \(clock) +0000"
  }
}
