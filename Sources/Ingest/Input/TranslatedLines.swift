internal import Streams

/// Turns a line of another program's into one that an import reads.
protocol LineTranslator {
  /// Why the line can't be translated at all.
  func problem(with line: UnsafeRawBufferPointer) -> Rejection?
  /// Holds what is to be done against the first line that has no problem.
  func checkFits(_ first: UnsafeRawBufferPointer, of file: String) throws(IngestError)
  func translate(
    _ line: UnsafeRawBufferPointer, number: Int, into draft: inout LineDraft) throws(Rejection)
}

extension LineTranslator {
  func problem(with line: UnsafeRawBufferPointer) -> Rejection? { nil }
  func checkFits(_ first: UnsafeRawBufferPointer, of file: String) throws(IngestError) {}
}

/// The lines of a file, each translated; one that can't be is refused, and the others go on.
final class TranslatedLines<Translator: LineTranslator>: RecordSource {
  private(set) var refusal = Rejection(.invalidEvent, "")
  private let lines: LineSource
  private let translator: Translator
  private var draft = LineDraft()
  private var isChecked = false

  init(
    path: String, by translator: Translator, maxRecordBytes: Int
  ) throws(IngestError) {
    lines = try LineSource(path: path, maxLineBytes: maxRecordBytes)
    self.translator = translator
  }

  var name: String { lines.name }
  var totalBytes: Int64 { lines.totalBytes }
  var bytesRead: Int64 { lines.bytesRead }
  func wouldWait(milliseconds: Int32) -> Bool { lines.wouldWait(milliseconds: milliseconds) }

  func next() throws(IngestError) -> Record? {
    guard let read = try lines.next() else { return nil }
    let problem = read.isRefused ? lines.refusal : translator.problem(with: read.bytes)
    if problem == nil, !isChecked {
      try translator.checkFits(read.bytes, of: name)
      isChecked = true
    }
    var isRefused = false
    do throws(Rejection) {
      if let problem { throw problem }
      try translator.translate(read.bytes, number: read.number, into: &draft)
    } catch {
      refusal = error
      isRefused = true
    }
    var record = Record(
      draft.bytes.withUnsafeBytes { $0 }, raw: read.raw, member: read.member, number: read.number)
    record.isRefused = isRefused
    return record
  }
}
