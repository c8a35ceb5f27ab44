internal import GRDB
public import Streams

extension EventStore {
  /// Appends to one stream in a transaction of its own: durable when it returns.
  ///
  /// - Throws: ``StoreError``.
  @discardableResult
  public func append(_ request: AppendRequest, now: Timestamp = .now()) throws -> AppendResult {
    try append([request], now: now)[0].get()
  }

  /// Appends several requests in one transaction and one fsync.
  ///
  /// A request that is refused changes nothing and does not disturb the others.
  ///
  /// - Returns: an answer for each request, in order.
  /// - Throws: ``StoreError`` when the transaction failed as a whole: then nothing was appended.
  public func append(
    _ requests: [AppendRequest], now: Timestamp = .now()
  ) throws -> [Result<AppendResult, StoreError>] {
    try transaction(now: now) { transaction in
      try requests.map { request in
        do {
          return .success(try transaction.append(request))
        } catch let error as StoreError {
          return .failure(error)
        }
      }
    }
  }

  /// One writing transaction: durable when this returns, nothing when it throws.
  public func transaction<R>(
    now: Timestamp = .now(), _ body: (inout AppendTransaction) throws -> R
  ) throws -> R {
    try write { db in
      var transaction = try AppendTransaction(
        db, now: now, maxEventBytes: maxEventBytes, keys: subjectKeys)
      let result = try body(&transaction)
      try transaction.finish()
      return result
    }
  }
}
