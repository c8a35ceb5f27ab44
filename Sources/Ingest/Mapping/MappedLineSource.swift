internal import Streams

/// Lines of NDJSON in the keys of another tool, translated by a ``FieldMap``.
///
/// A column is a key of the line's object, or a path of keys with dots between. What is not mapped
/// goes to the event's metadata, under `additional`.
final class MappedLineSource: RecordSource {
  private(set) var refusal = Rejection(.invalidEvent, "")
  private let lines: LineSource
  private let map: FieldMap
  private let origin: Origin
  private let validator = JSONValidator()
  private var line = LineDraft()
  private var isChecked = false

  init(
    path: String, map: FieldMap, origin: Origin, maxRecordBytes: Int
  ) throws(IngestError) {
    lines = try LineSource(path: path, maxLineBytes: maxRecordBytes)
    self.map = map
    self.origin = origin
  }

  var name: String { lines.name }
  var totalBytes: Int64 { lines.totalBytes }
  var bytesRead: Int64 { lines.bytesRead }
  func wouldWait(milliseconds: Int32) -> Bool { lines.wouldWait(milliseconds: milliseconds) }

  func next() throws(IngestError) -> Record? {
    guard let read = try lines.next() else { return nil }
    let problem = problem(of: read)
    if problem == nil, !isChecked { try checkKeys(of: read.bytes) }
    var isRefused = false
    do throws(Rejection) {
      if let problem { throw problem }
      try translate(read)
    } catch {
      refusal = error
      isRefused = true
    }
    var record = Record(
      line.bytes.withUnsafeBytes { $0 }, raw: read.raw, member: read.member, number: read.number)
    record.isRefused = isRefused
    return record
  }

  private func problem(of read: Record) -> Rejection? {
    if read.isRefused { return lines.refusal }
    if let problem = validator.problem(in: read.bytes) {
      return Rejection(.invalidJSON, "is not valid JSON (\(problem))")
    }
    guard JSONMembers.kind(of: read.bytes) == .object else {
      return Rejection(.invalidEvent, "is not a JSON object")
    }
    return nil
  }

  /// The first object shows whether the mapping is meant for this file.
  private func checkKeys(of object: UnsafeRawBufferPointer) throws(IngestError) {
    for (field, column) in map.columns where Self.value(at: column, of: object) == nil {
      guard field == .service || field == .user || field == .timestamp || field == .status else {
        continue
      }
      var keys: [String] = []
      JSONMembers.forEach(in: object) { key, _ in keys.append(JSONSlice.text(of: key)) }
      throw .mapping(.noColumn(file: name, field: field.rawValue, column: column, columns: keys))
    }
    isChecked = true
  }

  private func translate(_ read: Record) throws(Rejection) {
    line.begin()
    for (field, column) in map.columns {
      guard let value = Self.value(at: column, of: read.bytes), value.kind != .null else {
        continue
      }
      guard value.kind != .object, value.kind != .array else {
        throw Rejection(.invalidEvent, field: field.rawValue, "must be a text or a number")
      }
      let text = value.string ?? String(decoding: value.bytes, as: UTF8.self)
      do throws(Rejection) {
        try Self.bytes(of: text) { bytes throws(Rejection) in
          try map.write(bytes, as: field, to: &line)
        }
      } catch {
        let service = map.columns.first { $0.field == .service }
          .flatMap { Self.value(at: $0.column, of: read.bytes)?.string }
        throw Rejection(error.code, field: error.field, error.reason, service: service)
      }
    }
    origin.write(to: &line, row: ("line", Int64(read.number)))
    line.object("additional") { line in
      JSONMembers.forEach(in: read.bytes) { key, value in
        guard !map.columns.contains(where: { $0.column.utf8.elementsEqual(key) }) else { return }
        line.verbatim(key: key, value.bytes)
      }
    }
    line.end()
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
