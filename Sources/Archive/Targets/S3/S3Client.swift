internal import Foundation
internal import Segments
internal import Streams
internal import Synchronization
internal import Transport

/// Sends requests to an S3 server: signed, bounded in time, tried again when that can help.
///
/// Shared freely between threads; each of a few connections serves one request at a time.
final class S3Client: Sendable {
  let settings: S3Settings
  private let lanes: [Lane]
  private let next = Atomic(0)

  private static let laneCount = 4

  private final class Lane: Sendable {
    let connection: Mutex<CurlConnection>
    init() throws(ExchangeFailure) { connection = Mutex(try CurlConnection()) }
  }

  init(_ settings: S3Settings) throws(TargetError) {
    self.settings = settings
    do throws(ExchangeFailure) {
      var lanes: [Lane] = []
      for _ in 0..<Self.laneCount { lanes.append(try Lane()) }
      self.lanes = lanes
    } catch {
      throw .unreachable(
        address: settings.address, attempted: "Connecting", attempts: 1, reason: error.reason)
    }
  }

  /// Sends `request` until an answer comes that is one.
  ///
  /// Tried again, with growing pauses: no answer or half of one, status 429 and 5xx, and the codes
  /// by which S3 asks for it. Anything else that is not accepted is final, such as 403.
  func send(_ request: S3Request) throws(TargetError) -> HTTPAnswer {
    let call = call(for: request)
    let patience = settings.patience
    var attempt = 1
    while true {
      let reason: String
      switch Result(catching: { () throws(ExchangeFailure) in try perform(call) }) {
      case .success(let answer):
        guard let problem = try problem(with: answer, request) else { return answer }
        reason = problem
      case .failure(let failure):
        guard !failure.isUntrusted else {
          throw .untrusted(address: settings.address, reason: failure.reason)
        }
        reason = failure.reason
      }
      guard attempt < patience.attempts else {
        throw .unreachable(
          address: settings.address, attempted: request.purpose, attempts: attempt, reason: reason)
      }
      Thread.sleep(forTimeInterval: Double(patience.pause(after: attempt)) / 1000)
      attempt += 1
    }
  }

  private func call(for request: S3Request) -> HTTPCall {
    let body = request.body ?? []
    var headers = request.headers
    headers.append(("x-amz-content-sha256", SHA256Sum(of: body).description))
    if let token = settings.credentials.sessionToken {
      headers.append(("x-amz-security-token", token))
    }
    if request.body != nil { headers.append(("content-type", "application/octet-stream")) }
    let bytes = max(body.count, request.rangeBytes ?? 0)
    return HTTPCall(
      method: request.method, url: settings.url(key: request.key) + request.queryText,
      headers: headers, body: request.body, isHead: request.method == "HEAD",
      maxAnswerBytes: request.maxAnswerBytes,
      timeout: settings.patience.timeout(forBytes: bytes),
      signature: HTTPCall.AWSSignature(
        scope: "aws:amz:\(settings.region):s3",
        userPassword: settings.credentials.accessKey + ":" + settings.credentials.secretKey),
      caBundle: settings.caBundle)
  }

  /// On a connection that is free, or the next in turn.
  private func perform(_ call: HTTPCall) throws(ExchangeFailure) -> HTTPAnswer {
    for lane in lanes {
      let result = lane.connection.withLockIfAvailable { connection in
        Result { () throws(ExchangeFailure) in try connection.perform(call) }
      }
      if let result { return try result.get() }
    }
    let turn = next.wrappingAdd(1, ordering: .relaxed).oldValue
    let result = lanes[Int(UInt(bitPattern: turn) % UInt(lanes.count))].connection.withLock {
      connection in Result { () throws(ExchangeFailure) in try connection.perform(call) }
    }
    return try result.get()
  }

  /// Why an answer is worth another attempt; nil if it is what was asked for.
  private func problem(
    with answer: HTTPAnswer, _ request: S3Request
  ) throws(TargetError) -> String? {
    let complaint = S3Complaint(answer)
    if request.accepted.contains(answer.status), complaint == nil || answer.status >= 300 {
      if let expected = request.rangeBytes, answer.status == 206, answer.body.count != expected {
        return "\(answer.body.count) bytes came instead of \(expected)"
      }
      return nil
    }
    let reason = complaint?.text ?? "status \(answer.status)"
    if answer.status == 429 || answer.status >= 500 || complaint?.isTemporary == true {
      return reason
    }
    throw .refused(
      address: settings.address, attempted: request.purpose, status: answer.status, reason: reason)
  }
}

/// The error that an S3 server describes, even with status 200 where it found out late.
struct S3Complaint {
  var code: String
  var message: String

  init?(_ answer: HTTPAnswer) {
    guard answer.status != 206, !answer.body.isEmpty,
      let document = S3Document(answer.body), document.name == "Error"
    else { return nil }
    code = document["Code"] ?? "no code"
    message = document["Message"] ?? ""
  }

  var text: String { message.isEmpty ? code : "\(code), \(message)" }

  var isTemporary: Bool {
    [
      "InternalError", "ServiceUnavailable", "SlowDown", "RequestTimeout", "OperationAborted",
      "ConditionalRequestConflict",
    ].contains(code)
  }
}
