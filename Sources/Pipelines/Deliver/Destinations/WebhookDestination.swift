internal import Crypto
internal import Foundation
internal import Streams
internal import Transport

/// A server that is told of the night's reports by a POST.
///
/// The request is signed as the Standard Webhooks have it (standardwebhooks.com): `webhook-id`,
/// `webhook-timestamp`, and `webhook-signature`, which is `v1,` and the Base64 of the HMAC-SHA256 of
/// `id.timestamp.body`. The id is also the `Idempotency-Key`.
struct WebhookDestination: Destination {
  let url: String
  /// The environment's variable that holds the secret of the signature; nil for unsigned requests.
  let secret: String?
  /// Where receivers find a night's folder; nil where they do not.
  let link: String?
  let catchUp: CatchUp
  let identity: String

  private static let maxAnswerBytes = 1 << 16

  init(_ yaml: YAMLMapping) throws {
    url = try yaml.required(try yaml.text("webhook"), "webhook")
    guard let parts = ServerURL(url, schemes: ["http", "https"]) else {
      throw yaml.wrong("webhook", expected: "https://host/path, without a name or password in it")
    }
    // Whoever knows the path may often call it: it is a secret.
    let server = "\(parts.scheme)://\(parts.authority)"
    identity = "webhook \(server)" + (parts.isBare ? "" : " (\(Sign.of(url)))")
    secret = try yaml.text("secret")
    link = try yaml.text("link")
    catchUp = try CatchUp(yaml, default: .last)
  }

  func attempt(_ parcel: Parcel, _ means: DeliveryMeans) throws -> Attempt {
    let secret = try secret.map(means.secret)
    let body = try WebhookBody(parcel, link: link).bytes
    let call = HTTPCall(
      method: "POST", url: url, headers: headers(parcel.key, body, secret, means.now()), body: body,
      maxAnswerBytes: Self.maxAnswerBytes, timeout: means.patience.timeout,
      caBundle: means.caBundle, stop: means.stop)
    do {
      let answer = try CurlConnection().perform(call)
      return Self.attempt(status: answer.status, retryAfter: answer.retryAfter)
    } catch {
      // Its word is enough, whatever becomes of the rest of the answer.
      if error.status >= 200 { return Self.attempt(status: error.status, retryAfter: 0) }
      let reason = error.reason.hiding([url, secret].compactMap(\.self))
      if error.mayHaveArrived { return .unknown(reason) }
      if error.isStopped { return .stopped }
      return error.isUntrusted ? .refused(reason) : .postponed(reason)
    }
  }

  private func headers(
    _ key: String, _ body: [UInt8], _ secret: String?, _ now: Timestamp
  ) -> [(String, String)] {
    let seconds = now.microseconds / Timestamp.microsecondsPerSecond
    let plain = [
      ("Content-Type", "application/json"), ("Idempotency-Key", key), ("webhook-id", key),
      ("webhook-timestamp", String(seconds)),
    ]
    guard let secret else { return plain }
    var signer = HMAC<SHA256>(key: SymmetricKey(data: Self.keyBytes(secret)))
    signer.update(data: Data("\(key).\(seconds).".utf8))
    signer.update(data: body)
    return plain + [("webhook-signature", "v1," + Data(signer.finalize()).base64EncodedString())]
  }

  /// `whsec_` and Base64, as the Standard Webhooks write secrets, or any other text as it is.
  private static func keyBytes(_ secret: String) -> Data {
    guard secret.hasPrefix("whsec_"), let key = Data(base64Encoded: String(secret.dropFirst(6)))
    else { return Data(secret.utf8) }
    return key
  }

  private static func attempt(status: Int, retryAfter: Int) -> Attempt {
    switch status {
    case 200..<300: .delivered("status \(status)")
    case 300..<400: .refused("status \(status): redirects are not followed")
    case 408, 425, 429, 500...: .postponed("status \(status)", after: retryAfter)
    default: .refused("status \(status)")
    }
  }
}
