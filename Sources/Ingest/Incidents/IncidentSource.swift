internal import Streams

/// Incident lists in JSON: what an incident says of services at instants is a fact at once; an
/// incident that only says from when to when it was is kept, for others that overlap it.
///
/// Memory is one incident, and 100 bytes or so for each that is kept.
final class IncidentSource: RecordSource {
  private struct Line {
    var bytes: Range<Int>
    var id: EventID?
    var refusal: Rejection?
    var number: Int
  }

  private(set) var refusal = Rejection(.invalidEvent, "")
  private(set) var passedOver = 0
  private let elements: ElementSource
  private let read: (IncidentFields, inout IncidentFacts) throws(Rejection) -> Void
  private let origin: Origin
  private let validator = JSONValidator()
  private var element: [UInt8] = []
  private var lines: [Line] = []
  private var text: [UInt8] = []
  private var at = 0
  private var line = LineDraft()
  private var overlap = IncidentOverlap()
  private var left: [IncidentOverlap.Service]?

  /// - Parameters:
  ///   - keys: where a wrapping object has its list.
  ///   - read: what one incident says.
  init(
    path: String, keys: [String], origin: Origin, maxBytes: Int,
    read: @escaping (IncidentFields, inout IncidentFacts) throws(Rejection) -> Void
  ) throws(IngestError) {
    elements = try ElementSource(path: path, keys: keys, maxBytes: maxBytes)
    self.origin = origin
    self.read = read
  }

  var name: String { elements.file.name }
  var totalBytes: Int64 { elements.file.totalBytes }
  var bytesRead: Int64 { elements.file.bytesRead }

  func next() throws(IngestError) -> Record? {
    while at == lines.count {
      lines.removeAll(keepingCapacity: true)
      text.removeAll(keepingCapacity: true)
      at = 0
      if left == nil, let element = try elements.next() {
        take(element)
      } else if !takeOverlap() {
        return nil
      }
    }
    let fact = lines[at]
    at += 1
    let bytes = text.withUnsafeBytes { UnsafeRawBufferPointer(rebasing: $0[fact.bytes]) }
    let raw = element.isEmpty ? bytes : element.withUnsafeBytes { $0 }
    var record = Record(
      bytes, raw: raw, member: max(0, elements.file.member), number: fact.number)
    if let id = fact.id { record.id = .given(id) }
    if let refusal = fact.refusal {
      record.isRefused = true
      self.refusal = refusal
    }
    return record
  }

  /// An incident is taken as a whole or not at all.
  private func take(_ incident: ElementSource.Element) {
    element = Array(incident.bytes)
    var facts = IncidentFacts()
    do throws(Rejection) {
      if incident.isTooLong { throw Rejection(.eventTooLarge, "is longer than an event may be") }
      if let problem = validator.problem(in: incident.bytes) {
        throw Rejection(.invalidJSON, "is not valid JSON (\(problem))")
      }
      try read(IncidentFields(json: incident.bytes), &facts)
    } catch {
      lines.append(Line(bytes: 0..<0, refusal: error, number: incident.number))
      return
    }
    if facts.isEmpty { passedOver += 1 }
    for fact in facts.facts { write(fact, number: incident.number) }
    for span in facts.spans { overlap.add(span) }
  }

  /// Writes the facts of the next service that has kept incidents; false after the last.
  private func takeOverlap() -> Bool {
    if left == nil { left = overlap.services() }
    guard let service = left?.popLast() else { return false }
    element = []
    for fact in service.facts() { write(fact, number: 1) }
    return true
  }

  private func write(_ fact: IncidentFacts.Fact, number: Int) {
    line.begin()
    line.text("serviceName", fact.service)
    line.text("status", fact.status)
    line.text("timestamp", fact.timestamp)
    if let recordedAt = fact.recordedAt { line.text("recordedAt", recordedAt) }
    line.object("metadata") { $0.texts("incidents", fact.incidents.map(\.utf8)) }
    origin.write(to: &line)
    if let update = fact.update { line.text("update", update) }
    line.object("additional") { line in
      if let title = fact.title { line.text("title", title) }
    }
    line.end()
    let start = text.count
    text += line.bytes
    let id = origin.id(
      fact.incidents.joined(separator: " "), fact.update ?? "", fact.service, fact.status,
      fact.timestamp)
    lines.append(Line(bytes: start..<text.count, id: id, number: number))
  }
}
