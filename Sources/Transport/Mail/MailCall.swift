package import Streams

/// One message on its way to an SMTP server.
package struct MailCall {
  /// `smtp://host:port` or `smtps://host:port`.
  package var url: String
  /// Over `smtp://`: STARTTLS, or nothing is sent.
  package var needsTLS: Bool
  package var login: Login?
  /// Bare addresses, as `boss@example.net`.
  package var sender: String
  /// All of them, or the message goes to none.
  package var recipients: [String]
  /// Whole, with CRLF line ends. Lines that begin with a dot need nothing.
  package var message: [UInt8]
  /// For the whole exchange, in milliseconds.
  package var timeout: Int
  package var caBundle: String?
  package var stop: StopRequest

  /// Whom the server knows: by PLAIN, LOGIN or what else it offers.
  package struct Login {
    package var user: String
    package var password: String

    package init(user: String, password: String) {
      self.user = user
      self.password = password
    }
  }

  package init(
    url: String, needsTLS: Bool, login: Login?, sender: String, recipients: [String],
    message: [UInt8], timeout: Int, caBundle: String?, stop: StopRequest
  ) {
    self.url = url
    self.needsTLS = needsTLS
    self.login = login
    self.sender = sender
    self.recipients = recipients
    self.message = message
    self.timeout = timeout
    self.caBundle = caBundle
    self.stop = stop
  }
}
