extension StatusHistory {
  private static let frame = SummaryFrame(kind: "status history", magic: "RkSH", version: 2)

  /// The history as bytes, to be stored: about 16 a fact. Equal histories give equal bytes.
  public func encoded() -> [UInt8] {
    Self.frame.encode { writer in
      unattributed.write(to: &writer)
      writer.count(logs.count)
      for log in logs { log.write(to: &writer) }
    }
  }

  /// Reads what ``encoded()`` gave.
  ///
  /// - Throws: ``SummaryError`` when the bytes are anything else.
  public init(decoding bytes: UnsafeRawBufferPointer) throws(SummaryError) {
    self = try Self.frame.decode(bytes) { reader in
      var history = StatusHistory()
      guard let unattributed = RejectedFacts(from: &reader) else { return nil }
      history.setUnattributed(unattributed)
      for number in 0..<reader.count() {
        guard let log = ServiceLog(from: &reader) else { return nil }
        history.insert(log)
        guard history.logs.count == number + 1 else { return nil }
      }
      return history
    }
  }

  /// As ``init(decoding:)-(UnsafeRawBufferPointer)``, from an array.
  public init(decoding bytes: [UInt8]) throws(SummaryError) {
    let result: Result<StatusHistory, SummaryError> = bytes.withUnsafeBytes { bytes in
      do throws(SummaryError) {
        return .success(try StatusHistory(decoding: bytes))
      } catch {
        return .failure(error)
      }
    }
    self = try result.get()
  }
}

extension ServiceLog {
  fileprivate func write(to writer: inout ByteWriter) {
    writer.text(service)
    rejected.write(to: &writer)
    writer.count(causes.count)
    for cause in causes.texts { writer.text(cause) }
    writer.varint(UInt64(count))
    writer.block(packed.bytes)
  }

  fileprivate init?(from reader: inout ByteReader) {
    let service = reader.text()
    guard !service.isEmpty, let rejected = RejectedFacts(from: &reader) else { return nil }
    let causes = (0..<reader.count()).map { _ in reader.text() }
    let count = reader.varint()
    let block = reader.block()
    guard !reader.failed else { return nil }
    self.init(service: service, count: count, packed: block, causes: causes, rejected: rejected)
  }
}
