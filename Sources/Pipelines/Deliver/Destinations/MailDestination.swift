internal import Streams
internal import Transport

/// People who get the night's reports as a message, by SMTP.
struct MailDestination: Destination {
  /// `smtp://host[:port]` or `smtps://host[:port]`.
  let server: String
  let needsTLS: Bool
  let sender: Mailbox
  let recipients: [Mailbox]
  let subject: String
  /// Patterns of the files that are attached.
  let attach: [String]
  /// Bytes of all attachments and the text together.
  let attachLimit: Int64
  /// `$<this>_USER` and `$<this>_PASSWORD`; nil where the server asks for none.
  let credentials: String?
  let catchUp: CatchUp

  /// What most servers take, with room for Base64.
  private static let usualLimit: Int64 = 10 << 20

  init(_ yaml: YAMLMapping) throws {
    server = try yaml.required(try yaml.text("smtp"), "smtp")
    guard let url = ServerURL(server, schemes: ["smtp", "smtps"]), url.isBare else {
      throw yaml.wrong("smtp", expected: "smtp://host:port or smtps://host:port, and no more")
    }
    let tls = try yaml.text("tls") ?? "required"
    guard tls == "required" || tls == "none" else {
      throw yaml.wrong("tls", expected: "required or none")
    }
    needsTLS = tls == "required"
    credentials = try yaml.text("credentials")
    guard needsTLS || url.scheme == "smtps" || credentials == nil else {
      throw yaml.wrong("tls", expected: "required where there are credentials")
    }
    func mailbox(_ text: String, _ key: String) throws -> Mailbox {
      guard let mailbox = Mailbox(text) else {
        throw yaml.wrong(key, expected: "such as boss@example.net or The Boss <boss@example.net>")
      }
      return mailbox
    }
    sender = try mailbox(try yaml.required(try yaml.text("from"), "from"), "from")
    recipients = try yaml.required(try yaml.texts("to"), "to").map { try mailbox($0, "to") }
    guard !recipients.isEmpty else { throw yaml.wrong("to", expected: "at least one address") }
    subject = try yaml.template("subject") ?? "{{pipeline}}: reports of {{date}}"
    attach = try yaml.texts("attach") ?? []
    attachLimit = try yaml.bytes("attachLimit", in: 1024...(50 << 20)) ?? Self.usualLimit
    catchUp = try CatchUp(yaml, default: .last)
  }

  var identity: String {
    "\(server) to \(recipients.map(\.address).joined(separator: ", "))"
  }

  func attempt(_ parcel: Parcel, _ means: DeliveryMeans) throws -> Attempt {
    let login = try credentials.map {
      MailCall.Login(
        user: try means.secret($0 + "_USER"), password: try means.secret($0 + "_PASSWORD"))
    }
    let message = try message(parcel).bytes
    let call = MailCall(
      url: server, needsTLS: needsTLS, login: login, sender: sender.address,
      recipients: recipients.map(\.address), message: message,
      timeout: means.patience.timeout(forBytes: message.count), caBundle: means.caBundle,
      stop: means.stop)
    do {
      try CurlConnection().send(call)
      return .delivered("taken by the server")
    } catch {
      return Self.attempt(error, hiding: [login?.user, login?.password].compactMap(\.self))
    }
  }

  private func message(_ parcel: Parcel) throws -> MailMessage {
    let files = try attach.isEmpty ? [] : parcel.select(attach)
    let texts = parcel.files.filter { $0.name.hasSuffix(".txt") }
    let bytes = (files + texts).reduce(0) { $0 + $1.bytes }
    guard bytes <= attachLimit else {
      throw DeliveryError.tooLarge(
        bytes: bytes, limit: attachLimit, files: (files + texts).map(\.name))
    }
    let text = try parcel.text()
    return MailMessage(
      sender: sender, recipients: recipients, subject: parcel.fill(subject), date: parcel.madeAt,
      messageID: "\(parcel.key)@\(sender.address.split(separator: "@").last ?? "rookery")",
      text: text.isEmpty ? "The reports of \(parcel.date).\n" : text,
      attachments: try files.map {
        MailMessage.Attachment(
          name: $0.name, type: MediaType.of($0.name), content: Array(try parcel.read($0)))
      })
  }

  private static func attempt(_ failure: ExchangeFailure, hiding secrets: [String]) -> Attempt {
    let reason = failure.reason.hiding(secrets)
    if failure.mayHaveArrived { return .unknown(reason) }
    if failure.isStopped { return .stopped }
    // 4xx is a server's "not now" (RFC 5321 §4.2.1).
    if failure.status >= 500 || failure.isUntrusted { return .refused(reason) }
    return .postponed(reason)
  }
}
