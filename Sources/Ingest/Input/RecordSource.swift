internal import Streams

/// One record of an input: a line, a row, a commit's file.
struct Record {
  enum Identity {
    /// The id the JSON gives, or else the record's number and its bytes as they are in the input.
    case own
    case given(EventID)
  }

  /// What the parser reads, one JSON object: a line itself, or what a record says in the keys of
  /// `import facts` or `import activity`. Valid until the next record.
  var bytes: UnsafeRawBufferPointer
  /// The record as it is in the input, for its identity and the rejects file; for a row, `bytes`.
  var raw: UnsafeRawBufferPointer
  /// The place of its file in an archive, from 0.
  var member: Int
  /// Its line or row, from 1 in its file.
  var number: Int
  var id = Identity.own
  /// The source could not read it: see ``RecordSource/refusal``.
  var isRefused = false
  /// `bytes` were written here, and are JSON but for text that may be no UTF-8.
  var isTranslated: Bool

  init(line: UnsafeRawBufferPointer, member: Int, number: Int) {
    bytes = line
    raw = line
    self.member = member
    self.number = number
    isTranslated = false
  }

  init(
    _ bytes: UnsafeRawBufferPointer, raw: UnsafeRawBufferPointer, member: Int = 0, number: Int
  ) {
    self.bytes = bytes
    self.raw = raw
    self.member = member
    self.number = number
    isTranslated = true
  }
}

/// An input as records, in order, in bounded memory.
protocol RecordSource: AnyObject {
  /// The file, or the table in it, that the last record is from.
  var name: String { get }
  /// How large the input is, and how far it was read, in any one unit; 0 if that is not known.
  var totalBytes: Int64 { get }
  var bytesRead: Int64 { get }
  /// Why the last record is refused.
  var refusal: Rejection { get }
  /// Records so far that say nothing of anybody's status or doing.
  var passedOver: Int { get }
  /// Whether the next record is not there yet, also after `milliseconds`.
  func wouldWait(milliseconds: Int32) -> Bool
  /// The next record; nil at the end.
  func next() throws(IngestError) -> Record?
}

extension RecordSource {
  var passedOver: Int { 0 }
  func wouldWait(milliseconds: Int32) -> Bool { false }
}
