extension ActivityHistory {
  private static let frame = SummaryFrame(kind: "activity history", magic: "RkAH", version: 1)

  /// The history as bytes, to be stored: about 8 an action. Equal histories give equal bytes.
  public func encoded() -> [UInt8] {
    Self.frame.encode { writer in
      writer.count(actors.count)
      for actor in actors.texts { writer.text(actor) }
      writer.count(kinds.count)
      for number in 0..<kinds.count { kinds[number].write(to: &writer) }
      writer.count(runs.count)
      for run in runs {
        writer.count(run.actor)
        writer.count(run.count)
      }
      writer.block(packed.bytes)
    }
  }

  /// Reads what ``encoded()`` gave.
  ///
  /// - Throws: ``SummaryError`` when the bytes are anything else.
  public init(decoding bytes: UnsafeRawBufferPointer) throws(SummaryError) {
    self = try Self.frame.decode(bytes) { reader in
      let actors = (0..<reader.count()).map { _ in reader.text() }
      let kinds = (0..<reader.count()).map { _ in ActionKinds.Kind(from: &reader) }
      let runs = (0..<reader.count()).map { _ in (actor: reader.count(), count: reader.varint()) }
      let block = reader.block()
      var history = ActivityHistory()
      var actions = ByteReader(block)
      for run in runs {
        guard run.actor < actors.count, run.count > 0,
          history.append(run.count, from: &actions, actor: actors[run.actor], kinds)
        else { return nil }
      }
      // Whatever differs from what this program makes of the same actions was not made by it.
      guard actions.isAtEnd, history.actors.texts == actors, history.kinds.count == kinds.count,
        history.runs.count == runs.count, history.packed.bytes.elementsEqual(block)
      else { return nil }
      return history
    }
  }

  /// As ``init(decoding:)-(UnsafeRawBufferPointer)``, from an array.
  public init(decoding bytes: [UInt8]) throws(SummaryError) {
    let result: Result<ActivityHistory, SummaryError> = bytes.withUnsafeBytes { bytes in
      do throws(SummaryError) {
        return .success(try ActivityHistory(decoding: bytes))
      } catch {
        return .failure(error)
      }
    }
    self = try result.get()
  }

  private mutating func append(
    _ count: UInt64, from reader: inout ByteReader, actor: String, _ stored: [ActionKinds.Kind]
  ) -> Bool {
    var timeUs: Int64 = 0
    for _ in 0..<count {
      var action = Action(from: &reader, after: &timeUs)
      guard !reader.failed, stored.indices.contains(action.kind), action.bytes >= 0 else {
        return false
      }
      action.kind = intern(stored[action.kind])
      append(action, actor: actor)
    }
    return true
  }
}

extension ActionKinds.Kind {
  fileprivate func write(to writer: inout ByteWriter) {
    writer.text(category)
    writer.text(type)
    writer.flag(topic != nil)
    if let topic { writer.text(topic) }
  }

  fileprivate init(from reader: inout ByteReader) {
    category = reader.text()
    type = reader.text()
    topic = reader.flag() ? reader.text() : nil
  }
}
