internal import Streams

/// The members of an incident, which has passed the validator.
struct IncidentFields {
  let json: UnsafeRawBufferPointer

  /// The first of `keys` that is there and not null.
  func value(_ keys: StaticString...) -> JSONSlice? {
    for key in keys {
      var found: JSONSlice?
      JSONMembers.forEach(in: json) { name, value in
        if name.equals(key) { found = value.kind == .null ? nil : value }
      }
      if let found { return found }
    }
    return nil
  }

  /// A text that is not empty; of a number its digits.
  func text(_ keys: StaticString...) -> String? {
    for key in keys {
      guard let value = value(key) else { continue }
      if value.kind == .number { return String(decoding: value.bytes, as: UTF8.self) }
      if let text = value.string, !text.isEmpty { return text }
    }
    return nil
  }

  /// - Throws: ``Rejection`` if there is none.
  func required(_ key: StaticString) throws(Rejection) -> String {
    guard let text = text(key) else {
      throw Rejection(.invalidEvent, field: "\(key)", "is missing")
    }
    return text
  }

  func flag(_ key: StaticString) -> Bool { value(key)?.bytes.equals("true") ?? false }

  /// The objects in the array `key`, in order.
  func objects(_ key: StaticString) -> [IncidentFields] {
    var found: [IncidentFields] = []
    if let list = value(key) {
      JSONMembers.forEachElement(in: list.bytes) {
        if $0.kind == .object { found.append(IncidentFields(json: $0.bytes)) }
      }
    }
    return found
  }

  /// The texts in an array, or the names of the objects in it.
  func names(_ keys: StaticString...) -> [String] {
    for key in keys {
      guard let list = value(key), list.kind == .array else { continue }
      var found: [String] = []
      JSONMembers.forEachElement(in: list.bytes) {
        let name = $0.kind == .object ? IncidentFields(json: $0.bytes).text("name") : $0.string
        if let name, !name.isEmpty { found.append(name) }
      }
      return found
    }
    return []
  }

  /// The time under the first of `keys` that is there; nil if none is.
  func time(_ keys: StaticString..., by times: TimeReading) throws(Rejection) -> Timestamp? {
    for key in keys {
      guard let text = text(key) else { continue }
      // cState's word for no end.
      if text == "<no value>" { continue }
      return try times.read(text, field: "\(key)")
    }
    return nil
  }
}

extension TimeReading {
  func read(_ text: String, field: String) throws(Rejection) -> Timestamp {
    let result: Result<Timestamp, Rejection> = Array(text.utf8).withUnsafeBytes { bytes in
      do throws(Rejection) {
        return .success(try read(bytes, field: field))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}
