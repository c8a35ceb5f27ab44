internal import CCurl
internal import Streams

/// A libcurl handle: it keeps its connection open for the next request.
package struct CurlConnection: ~Copyable {
  private let curl: UnsafeMutableRawPointer

  /// In milliseconds.
  private static let connectTimeout = 10_000

  /// Libcurl must be started once, before threads use it.
  private static let isStarted = rookery_curl_start() == 0

  package init() throws(ExchangeFailure) {
    guard Self.isStarted, let curl = rookery_curl_open() else {
      throw ExchangeFailure(reason: "libcurl can't be loaded")
    }
    self.curl = curl
  }

  deinit { rookery_curl_close(curl) }

  /// Sends `call` and waits for the whole answer. Redirects are not followed: a signature, and a
  /// secret, is for one host.
  package func perform(_ call: HTTPCall) throws(ExchangeFailure) -> HTTPAnswer {
    rookery_curl_reset(curl)
    defer { rookery_curl_reset(curl) }
    prepare(call.url, protocols: "http,https", caBundle: call.caBundle, timeout: call.timeout)
    set(CURLOPT_USERAGENT, "rookery")
    if let signature = call.signature {
      set(CURLOPT_AWS_SIGV4, signature.scope)
      set(CURLOPT_USERPWD, signature.userPassword)
    }
    var headers: UnsafeMutablePointer<curl_slist>?
    defer { rookery_curl_free(headers) }
    for (name, value) in call.headers {
      headers = rookery_curl_append(headers, "\(name): \(value)")
    }
    rookery_curl_set_list(curl, CURLOPT_HTTPHEADER, headers)
    // Kept by this function, as libcurl does not copy it.
    let result = (call.body ?? []).withUnsafeBytes { bytes in
      if call.body != nil {
        rookery_curl_set_size(curl, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
        rookery_curl_set_pointer(
          curl, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
      }
      if call.isHead { set(CURLOPT_NOBODY, 1) } else { set(CURLOPT_CUSTOMREQUEST, call.method) }
      return Result { () throws(ExchangeFailure) in try exchange(call) }
    }
    return try result.get()
  }

  private func exchange(_ call: HTTPCall) throws(ExchangeFailure) -> HTTPAnswer {
    let exchange = Exchange(maxBytes: call.maxAnswerBytes, stop: call.stop)
    exchange.attach(to: curl)
    let result = withExtendedLifetime(exchange) { rookery_curl_perform(curl) }
    let status = rookery_curl_status(curl)
    guard result == CURLE_OK else {
      var failure = Self.failure(result)
      failure.status = status
      failure.mayHaveArrived = Int(rookery_curl_uploaded(curl)) >= (call.body?.count ?? .max)
      throw failure
    }
    exchange.answer.status = status
    exchange.answer.retryAfter = Int(rookery_curl_retry_after(curl))
    return exchange.answer
  }

  /// Hands `call` to an SMTP server, and waits until that has taken it.
  ///
  /// - Throws: ``ExchangeFailure``; its `status` is the server's last reply code.
  package func send(_ call: MailCall) throws(ExchangeFailure) {
    rookery_curl_reset(curl)
    defer { rookery_curl_reset(curl) }
    prepare(call.url, protocols: "smtp,smtps", caBundle: call.caBundle, timeout: call.timeout)
    set(CURLOPT_USE_SSL, Int(call.needsTLS ? CURLUSESSL_ALL.rawValue : CURLUSESSL_NONE.rawValue))
    if let login = call.login {
      set(CURLOPT_USERNAME, login.user)
      set(CURLOPT_PASSWORD, login.password)
    }
    set(CURLOPT_MAIL_FROM, "<\(call.sender)>")
    var recipients: UnsafeMutablePointer<curl_slist>?
    defer { rookery_curl_free(recipients) }
    for recipient in call.recipients {
      recipients = rookery_curl_append(recipients, "<\(recipient)>")
    }
    rookery_curl_set_list(curl, CURLOPT_MAIL_RCPT, recipients)
    let exchange = Exchange(maxBytes: 1 << 16, body: call.message, stop: call.stop)
    exchange.attach(to: curl)
    let result = withExtendedLifetime(exchange) { rookery_curl_perform(curl) }
    guard result != CURLE_OK else { return }
    var failure = Self.failure(result)
    failure.status = rookery_curl_status(curl)
    failure.mayHaveArrived = exchange.isAwaitingAnswer
    if failure.status >= 400, !exchange.refusal.isEmpty { failure.reason = exchange.refusal }
    throw failure
  }

  private func prepare(_ url: String, protocols: String, caBundle: String?, timeout: Int) {
    set(CURLOPT_URL, url)
    set(CURLOPT_PROTOCOLS_STR, protocols)
    if let caBundle { set(CURLOPT_CAINFO, caBundle) }
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_CONNECTTIMEOUT_MS, min(Self.connectTimeout, timeout))
    set(CURLOPT_TIMEOUT_MS, timeout)
  }

  private static func failure(_ code: CURLcode) -> ExchangeFailure {
    ExchangeFailure(
      reason: String(cString: rookery_curl_reason(code)),
      isUntrusted: code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE,
      isStopped: code == CURLE_ABORTED_BY_CALLBACK)
  }

  private func set(_ option: CURLoption, _ text: String) {
    rookery_curl_set_text(curl, option, text)
  }

  private func set(_ option: CURLoption, _ number: Int) {
    rookery_curl_set_number(curl, option, number)
  }
}
