internal import Streams

/// Translates lines of NDJSON in the keys of another tool by a ``FieldMap``.
///
/// A column is a key of the line's object, or a path of keys with dots between. What is not mapped
/// goes to the event's metadata, under `additional`.
struct FieldMapTranslator: LineTranslator {
  let map: FieldMap
  let origin: Origin
  private let validator = JSONValidator()

  init(map: FieldMap, origin: Origin) {
    self.map = map
    self.origin = origin
  }

  func problem(with line: UnsafeRawBufferPointer) -> Rejection? {
    if let problem = validator.problem(in: line) {
      return Rejection(.invalidJSON, "is not valid JSON (\(problem))")
    }
    guard JSONMembers.kind(of: line) == .object else {
      return Rejection(.invalidEvent, "is not a JSON object")
    }
    return nil
  }

  /// The first object shows whether the mapping is meant for this file.
  func checkFits(_ first: UnsafeRawBufferPointer, of file: String) throws(IngestError) {
    for (field, column) in map.columns where Self.value(at: column, of: first) == nil {
      guard field == .service || field == .user || field == .timestamp || field == .status else {
        continue
      }
      var keys: [String] = []
      JSONMembers.forEach(in: first) { key, _ in keys.append(JSONSlice.text(of: key)) }
      throw .mapping(.noColumn(file: file, field: field.rawValue, column: column, columns: keys))
    }
  }

  func translate(
    _ line: UnsafeRawBufferPointer, number: Int, into draft: inout LineDraft
  ) throws(Rejection) {
    draft.begin()
    for (field, column) in map.columns {
      guard let value = Self.value(at: column, of: line), value.kind != .null else {
        continue
      }
      guard value.kind != .object, value.kind != .array else {
        throw Rejection(.invalidEvent, field: field.rawValue, "must be a text or a number")
      }
      let text = value.string ?? String(decoding: value.bytes, as: UTF8.self)
      do throws(Rejection) {
        try Self.bytes(of: text) { bytes throws(Rejection) in
          try map.write(bytes, as: field, to: &draft)
        }
      } catch {
        let service = map.columns.first { $0.field == .service }
          .flatMap { Self.value(at: $0.column, of: line)?.string }
        throw Rejection(error.code, field: error.field, error.reason, service: service)
      }
    }
    origin.write(to: &draft, row: ("line", Int64(number)))
    draft.object("additional") { draft in
      JSONMembers.forEach(in: line) { key, value in
        guard !map.columns.contains(where: { $0.column.utf8.elementsEqual(key) }) else { return }
        draft.verbatim(key: key, value.bytes)
      }
    }
    draft.end()
  }

  private static func bytes(
    of text: String, _ body: (UnsafeRawBufferPointer) throws(Rejection) -> Void
  ) throws(Rejection) {
    let result: Rejection? = Array(text.utf8).withUnsafeBytes { bytes in
      do throws(Rejection) {
        try body(bytes)
        return nil
      } catch {
        return error
      }
    }
    if let result { throw result }
  }

  /// The member called `path`, or reached by the keys between its dots; the last of equal keys.
  private static func value(at path: String, of object: UnsafeRawBufferPointer) -> JSONSlice? {
    if let value = member(path, of: object) { return value }
    guard let dot = path.firstIndex(of: "."),
      let inner = member(String(path[..<dot]), of: object), inner.kind == .object
    else { return nil }
    return value(at: String(path[path.index(after: dot)...]), of: inner.bytes)
  }

  private static func member(_ key: String, of object: UnsafeRawBufferPointer) -> JSONSlice? {
    var found: JSONSlice?
    JSONMembers.forEach(in: object) { name, value in
      if key.utf8.elementsEqual(name) { found = value }
    }
    return found
  }
}
