package import Streams

/// One request as libcurl takes it.
package struct HTTPCall {
  package var method: String
  package var url: String
  /// Without those that libcurl adds and signs: Host, X-Amz-Date, Authorization.
  package var headers: [(String, String)]
  /// Nil for a method that has none.
  package var body: [UInt8]?
  package var isHead: Bool
  /// Bytes of an answer that are taken; more is an error.
  package var maxAnswerBytes: Int
  /// For the whole exchange, in milliseconds.
  package var timeout: Int
  /// What it is signed with; nil for a request that libcurl does not sign.
  package var signature: AWSSignature?
  /// The certificates of trusted authorities, as a PEM file; nil for the system's.
  package var caBundle: String?
  package var stop: StopRequest

  /// AWS signature version 4.
  package struct AWSSignature {
    /// `aws:amz:<region>:s3`.
    package var scope: String
    /// `<access key>:<secret key>`.
    package var userPassword: String

    package init(scope: String, userPassword: String) {
      self.scope = scope
      self.userPassword = userPassword
    }
  }

  package init(
    method: String, url: String, headers: [(String, String)], body: [UInt8]?, isHead: Bool = false,
    maxAnswerBytes: Int, timeout: Int, signature: AWSSignature? = nil, caBundle: String?,
    stop: StopRequest = .never
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.isHead = isHead
    self.maxAnswerBytes = maxAnswerBytes
    self.timeout = timeout
    self.signature = signature
    self.caBundle = caBundle
    self.stop = stop
  }
}

/// What a server answered.
package struct HTTPAnswer {
  package var status = 0
  /// By their lower-case names.
  package var headers: [String: String] = [:]
  package var body: [UInt8] = []
  /// What `Retry-After` asks for, in seconds; 0 where it does not.
  package var retryAfter = 0
}

/// No whole answer came.
package struct ExchangeFailure: Error {
  package var reason: String
  /// The server's certificate is not trusted: no other attempt will do.
  package var isUntrusted = false
  /// It was asked to stop.
  package var isStopped = false
  /// All was handed over and no answer came: nobody here knows whether it arrived.
  package var mayHaveArrived = false
  /// What the server had answered by then, as its protocol numbers answers; 0 for nothing.
  package var status = 0
}
