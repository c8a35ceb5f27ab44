internal import Streams

/// How a CSV file is laid out.
public struct CSVLayout: Sendable {
  /// An ASCII character.
  public var delimiter: UInt8
  /// The first record names the columns; otherwise they are called by their numbers, from 1.
  public var hasHeader: Bool

  public init(delimiter: UInt8 = UInt8(ascii: ","), hasHeader: Bool = true) {
    self.delimiter = delimiter
    self.hasHeader = hasHeader
  }

  /// - Parameter delimiter: one ASCII character, or `tab`.
  public init(delimiter: String, hasHeader: Bool) throws(MappingError) {
    let bytes = Array((delimiter == "tab" ? "\t" : delimiter).utf8)
    guard bytes.count == 1, bytes[0] == 0x09 || (0x20..<0x7F).contains(bytes[0]),
      bytes[0] != UInt8(ascii: "\"")
    else { throw .delimiter(delimiter) }
    self.init(delimiter: bytes[0], hasHeader: hasHeader)
  }
}

/// The records of CSV files, translated by a ``FieldMap``. Columns that are not mapped go to the
/// event's metadata, under `additional`.
final class CSVSource: RecordSource {
  private(set) var refusal = Rejection(.invalidEvent, "")
  private let records: CSVRecords
  private let layout: CSVLayout
  private let map: FieldMap
  private let origin: Origin
  private var fields = CSVFields()
  private var line = LineDraft()
  private var isInsideFile = false
  private var header: [String] = []
  /// Per column of the file that is open, the field it is mapped to.
  private var mapped: [FieldMap.Field?] = []

  init(
    path: String, layout: CSVLayout, map: FieldMap, origin: Origin, maxRecordBytes: Int
  ) throws(IngestError) {
    records = try CSVRecords(path: path, delimiter: layout.delimiter, maxBytes: maxRecordBytes)
    self.layout = layout
    self.map = map
    self.origin = origin
  }

  var name: String { records.file.name }
  var totalBytes: Int64 { records.file.totalBytes }
  var bytesRead: Int64 { records.file.bytesRead }
  func wouldWait(milliseconds: Int32) -> Bool { records.wouldWait(milliseconds: milliseconds) }

  func next() throws(IngestError) -> Record? {
    while true {
      if !isInsideFile {
        guard try records.open() else { return nil }
        isInsideFile = true
        header = []
      }
      guard let cut = try records.next() else {
        isInsideFile = false
        continue
      }
      if header.isEmpty, try readHeader(cut) { continue }
      return record(cut)
    }
  }

  /// Names the columns; whether the record was used up by that.
  private func readHeader(_ cut: CSVRecords.Cut) throws(IngestError) -> Bool {
    if cut.bytes.starts(with: [0xFF, 0xFE]) || cut.bytes.starts(with: [0xFE, 0xFF]) {
      throw .unreadable(file: name, detail: "it is UTF-16; convert it with iconv -t UTF-8")
    }
    guard !cut.bytes.contains(0) else { throw .unreadable(file: name, detail: "it is no text") }
    do throws(Rejection) {
      try fields.split(cut.bytes, delimiter: layout.delimiter)
    } catch {
      throw .unreadable(file: name, detail: "line \(cut.line), its header: \(error.message)")
    }
    header = (0..<fields.count).map {
      layout.hasHeader
        ? String(decoding: fields.field($0).trimmed, as: UTF8.self) : String($0 + 1)
    }
    for (field, column) in map.columns {
      let places = header.filter { $0 == column }.count
      if places == 0 {
        throw .mapping(
          .noColumn(file: name, field: field.rawValue, column: column, columns: header))
      }
      if places > 1 { throw .mapping(.repeatedColumn(file: name, column: column)) }
    }
    mapped = header.map { map.column($0) }
    return layout.hasHeader
  }

  private func record(_ cut: CSVRecords.Cut) -> Record {
    var isRefused = false
    do throws(Rejection) {
      try translate(cut)
    } catch {
      refusal = error
      isRefused = true
    }
    var record = Record(
      line.bytes.withUnsafeBytes { $0 }, raw: cut.bytes, member: records.file.member,
      number: cut.line)
    record.isRefused = isRefused
    return record
  }

  /// The service that the record is about, for the memory of a fact that is refused.
  private var service: String? {
    mapped.firstIndex(of: .service).flatMap {
      String(validating: fields.field($0), as: UTF8.self)
    }
  }

  private func translate(_ cut: CSVRecords.Cut) throws(Rejection) {
    if cut.isTooLong {
      throw Rejection(.eventTooLarge, "the record is longer than an event may be")
    }
    if cut.isOpen {
      throw Rejection(
        .invalidEvent, "a quote is never closed, so all lines from here to the end are one record")
    }
    try fields.split(cut.bytes, delimiter: layout.delimiter)
    guard fields.count == header.count else {
      throw Rejection(
        .invalidEvent, "has \(fields.count) columns where the header has \(header.count)")
    }
    line.begin()
    for (index, field) in mapped.enumerated() {
      guard let field else { continue }
      do throws(Rejection) {
        try map.write(fields.field(index), as: field, to: &line)
      } catch {
        throw Rejection(error.code, field: error.field, error.reason, service: service)
      }
    }
    origin.write(to: &line, row: ("line", Int64(cut.line)))
    line.object("additional") { line in
      for (index, field) in mapped.enumerated() where field == nil {
        let value = fields.field(index)
        if !value.isEmpty { line.text(key: header[index].utf8, value) }
      }
    }
    line.end()
  }
}
