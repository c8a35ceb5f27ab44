internal import CCurl
internal import Streams

/// What libcurl's callbacks share while one exchange lasts.
final class Exchange {
  var answer = HTTPAnswer()
  /// The last line by which a mail server refused something, such as `550 No such user`.
  private(set) var refusal = ""
  private let maxBytes: Int
  private let stop: StopRequest
  /// What is sent, and how much of it was handed over; empty where libcurl has it already.
  private let body: [UInt8]
  private var sent = 0
  private var isAnswered = false

  init(maxBytes: Int, body: [UInt8] = [], stop: StopRequest) {
    self.maxBytes = maxBytes
    self.body = body
    self.stop = stop
  }

  /// The whole body was handed over, and no answer came since.
  var isAwaitingAnswer: Bool { !body.isEmpty && sent == body.count && !isAnswered }

  private static func of(_ context: UnsafeMutableRawPointer?) -> Exchange? {
    context.map { Unmanaged<Exchange>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Makes `curl` call this one until it is reset. Neither copies it: the caller keeps it alive.
  func attach(to curl: UnsafeMutableRawPointer) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    rookery_curl_set_receiver(curl, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      Exchange.of(context)?.take(bytes, size * count) ?? 0
    }
    rookery_curl_set_pointer(curl, CURLOPT_WRITEDATA, context)
    rookery_curl_set_receiver(curl, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      Exchange.of(context)?.takeHeader(bytes, size * count) ?? 0
    }
    rookery_curl_set_pointer(curl, CURLOPT_HEADERDATA, context)
    rookery_curl_set_progress(curl) { context, _, _, _, _ in
      Exchange.of(context)?.stop.isMade == true ? 1 : 0
    }
    rookery_curl_set_pointer(curl, CURLOPT_XFERINFODATA, context)
    rookery_curl_set_number(curl, CURLOPT_NOPROGRESS, 0)
    guard !body.isEmpty else { return }
    rookery_curl_set_receiver(curl, CURLOPT_READFUNCTION) { bytes, size, count, context in
      Exchange.of(context)?.give(bytes, size * count) ?? 0
    }
    rookery_curl_set_pointer(curl, CURLOPT_READDATA, context)
    rookery_curl_set_size(curl, CURLOPT_INFILESIZE_LARGE, curl_off_t(body.count))
    rookery_curl_set_number(curl, CURLOPT_UPLOAD, 1)
  }

  /// Less than `count` makes libcurl give up.
  private func take(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    guard let bytes, answer.body.count + count <= maxBytes else { return 0 }
    answer.body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
    return count
  }

  private func takeHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    let line = String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
    isAnswered = sent == body.count
    if line.hasPrefix("4") || line.hasPrefix("5") {
      refusal = String(line.prefix { !$0.isNewline })
    }
    // An interim answer, such as 100 Continue, has headers of its own.
    if line.hasPrefix("HTTP/") { answer.headers = [:] }
    if let colon = line.firstIndex(of: ":") {
      let value = line[line.index(after: colon)...]
        .drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
      answer.headers[line[..<colon].lowercased()] = String(value)
    }
    return count
  }

  private func give(_ bytes: UnsafeMutablePointer<CChar>?, _ room: Int) -> Int {
    guard let bytes else { return 0 }
    let count = min(room, body.count - sent)
    body[sent..<(sent + count)].withUnsafeBytes { part in
      UnsafeMutableRawBufferPointer(start: bytes, count: count).copyMemory(from: part)
    }
    sent += count
    return count
  }
}
