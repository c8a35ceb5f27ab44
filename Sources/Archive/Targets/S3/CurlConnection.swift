internal import CCurl

/// One request as libcurl takes it.
struct HTTPCall {
  var method: String
  var url: String
  /// Without those that libcurl adds and signs: Host, X-Amz-Date, Authorization.
  var headers: [(String, String)]
  /// Nil for a method that has none.
  var body: [UInt8]?
  var isHead = false
  /// Bytes of an answer that are taken; more is an error.
  var maxAnswerBytes: Int
  /// For the whole exchange, in milliseconds.
  var timeout: Int
  /// `aws:amz:<region>:s3`.
  var signature: String
  /// `<access key>:<secret key>`.
  var userPassword: String
  /// The certificates of trusted authorities, as a PEM file; nil for the system's.
  var caBundle: String?
}

/// What a server answered.
struct HTTPAnswer {
  var status = 0
  /// By their lower-case names.
  var headers: [String: String] = [:]
  var body: [UInt8] = []
}

/// No whole answer came.
struct HTTPFailure: Error {
  var reason: String
  /// The server's certificate is not trusted: no other attempt will do.
  var isUntrusted = false
}

/// A libcurl handle: it keeps its connection open for the next request.
struct CurlConnection: ~Copyable {
  private let curl: UnsafeMutableRawPointer

  /// In milliseconds.
  private static let connectTimeout = 10_000

  /// Libcurl must be started once, before threads use it.
  private static let isStarted = rookery_curl_start() == 0

  init() throws(HTTPFailure) {
    guard Self.isStarted, let curl = rookery_curl_open() else {
      throw HTTPFailure(reason: "libcurl can't be loaded")
    }
    self.curl = curl
  }

  deinit { rookery_curl_close(curl) }

  /// Sends `call`, signed with AWS signature version 4, and waits for the whole answer. Redirects
  /// are not followed: a signature is for one host.
  func perform(_ call: HTTPCall) throws(HTTPFailure) -> HTTPAnswer {
    rookery_curl_reset(curl)
    defer { rookery_curl_reset(curl) }
    set(CURLOPT_URL, call.url)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_AWS_SIGV4, call.signature)
    set(CURLOPT_USERPWD, call.userPassword)
    set(CURLOPT_USERAGENT, "rookery")
    if let bundle = call.caBundle { set(CURLOPT_CAINFO, bundle) }
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_CONNECTTIMEOUT_MS, min(Self.connectTimeout, call.timeout))
    set(CURLOPT_TIMEOUT_MS, call.timeout)
    var headers: UnsafeMutablePointer<curl_slist>?
    defer { rookery_curl_free(headers) }
    for (name, value) in call.headers {
      headers = rookery_curl_append(headers, "\(name): \(value)")
    }
    rookery_curl_set_headers(curl, headers)
    // Kept by this function, as libcurl does not copy it.
    let result = (call.body ?? []).withUnsafeBytes { bytes in
      if call.body != nil {
        rookery_curl_set_size(curl, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
        rookery_curl_set_pointer(
          curl, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
      }
      if call.isHead { set(CURLOPT_NOBODY, 1) } else { set(CURLOPT_CUSTOMREQUEST, call.method) }
      return Result { () throws(HTTPFailure) in
        try exchange(maxAnswerBytes: call.maxAnswerBytes)
      }
    }
    return try result.get()
  }

  private func exchange(maxAnswerBytes: Int) throws(HTTPFailure) -> HTTPAnswer {
    let receiver = AnswerReceiver(maxBytes: maxAnswerBytes)
    let context = Unmanaged.passUnretained(receiver).toOpaque()
    rookery_curl_set_receiver(curl, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      AnswerReceiver.of(context)?.take(bytes, size * count) ?? 0
    }
    rookery_curl_set_pointer(curl, CURLOPT_WRITEDATA, context)
    rookery_curl_set_receiver(curl, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      AnswerReceiver.of(context)?.takeHeader(bytes, size * count) ?? 0
    }
    rookery_curl_set_pointer(curl, CURLOPT_HEADERDATA, context)
    let result = withExtendedLifetime(receiver) { rookery_curl_perform(curl) }
    guard result == CURLE_OK else {
      throw HTTPFailure(
        reason: String(cString: rookery_curl_reason(result)),
        isUntrusted: result == CURLE_PEER_FAILED_VERIFICATION
          || result == CURLE_SSL_CACERT_BADFILE)
    }
    receiver.answer.status = rookery_curl_status(curl)
    return receiver.answer
  }

  private func set(_ option: CURLoption, _ text: String) {
    rookery_curl_set_text(curl, option, text)
  }

  private func set(_ option: CURLoption, _ number: Int) {
    rookery_curl_set_number(curl, option, number)
  }
}

/// Collects an answer while libcurl receives it.
private final class AnswerReceiver {
  var answer = HTTPAnswer()
  private let maxBytes: Int

  init(maxBytes: Int) { self.maxBytes = maxBytes }

  static func of(_ context: UnsafeMutableRawPointer?) -> AnswerReceiver? {
    context.map { Unmanaged<AnswerReceiver>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Less than `count` makes libcurl give up.
  func take(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    guard let bytes, answer.body.count + count <= maxBytes else { return 0 }
    answer.body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
    return count
  }

  func takeHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    let line = String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
    // An interim answer, such as 100 Continue, has headers of its own.
    if line.hasPrefix("HTTP/") { answer.headers = [:] }
    if let colon = line.firstIndex(of: ":") {
      let value = line[line.index(after: colon)...]
        .drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
      answer.headers[line[..<colon].lowercased()] = String(value)
    }
    return count
  }
}
