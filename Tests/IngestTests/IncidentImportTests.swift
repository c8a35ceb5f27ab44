import EventStore
import Foundation
import Ingest
import Streams
import Testing

private func facts(_ service: String, in store: EventStore) throws -> [String] {
  try events(of: "service-uptime-" + service, in: store).map { event in
    let object = try JSONSerialization.jsonObject(with: Data(event.data)) as? [String: Any]
    return "\(event.timestamp.rfc3339) \(object?["status"] ?? "")"
  }
}

@Suite struct `Incidents of Statuspage` {
  static let update = #"""
    {"id":"u1","status":"investigating","body":"…","incident_id":"i1",
     "created_at":"2026-01-01T10:10:00.000-08:00","display_at":"2026-01-01T10:00:00.000-08:00",
     "affected_components":[{"code":"c1","name":"API","old_status":"operational","new_status":"major_outage"},
                            {"code":"c2","name":"Web","old_status":"operational","new_status":"degraded_performance"}]}
    """#
  static let page = #"""
    {"page":{"id":"p","name":"Example","incidents":[{"not":"one"}]},
     "incidents":[
      {"id":"i1","name":"API down","status":"postmortem","impact":"critical","shortlink":"x",
       "created_at":"2026-01-01T10:10:00.000-08:00","started_at":"2026-01-01T10:00:00.000-08:00",
       "resolved_at":"2026-01-01T12:00:00.000-08:00","components":[{"id":"c1","name":"API"}],
       "incident_updates":[
        {"id":"u3","status":"postmortem","body":"{[\"","display_at":"2026-01-03T00:00:00.000Z","created_at":"2026-01-03T00:00:00.000Z",
         "affected_components":[{"code":"c1","name":"API","old_status":"operational","new_status":"operational"}]},
        {"id":"u2","status":"resolved","display_at":"2026-01-01T12:00:00.000-08:00","created_at":"2026-01-01T12:00:00.000-08:00",
         "affected_components":[{"code":"c1","name":"API","old_status":"major_outage","new_status":"operational"},
                                {"code":"c2","name":"Web","old_status":"degraded_performance","new_status":"operational"}]},
        \#(update)]},
      {"id":"i2","name":"old","status":"resolved","impact":"minor","created_at":"2025-01-01T00:00:00Z",
       "resolved_at":"2025-01-01T01:00:00Z","components":[{"id":"c1","name":"API"},{"id":"c3","name":"DB"}],
       "incident_updates":[{"id":"u4","status":"resolved","display_at":"2025-01-01T01:00:00Z","affected_components":null}]},
      {"id":"i3","name":"overlaps","status":"resolved","impact":"critical","created_at":"2025-01-01T00:30:00Z",
       "resolved_at":"2025-01-01T00:45:00Z","components":[{"id":"c3","name":"DB"}],"incident_updates":[]},
      {"id":"i4","name":"fyi","status":"resolved","impact":"none","components":[],"incident_updates":[]},
      {"id":"i5","name":"no idea of what","status":"resolved","impact":"major","components":[],"incident_updates":[]},
      {"id":"i6","name":"no end","status":"resolved","impact":"major","created_at":"2025-01-01T00:30:00Z","components":[{"name":"DB"}]}
     ],
     "scheduled_maintenances":[
      {"id":"m1","name":"Upgrade","status":"completed","impact":"maintenance","scheduled_for":"2026-02-01T00:00:00Z",
       "scheduled_until":"2026-02-01T02:00:00Z","created_at":"2026-01-01T00:00:00Z","resolved_at":"2026-02-01T01:30:00Z",
       "components":[{"name":"DB"}],"incident_updates":[{"id":"u5","status":"scheduled","display_at":"2026-01-01T00:00:00Z","affected_components":[]}]},
      {"id":"m2","name":"To come","status":"scheduled","impact":"maintenance","scheduled_for":"2027-02-01T00:00:00Z",
       "components":[{"name":"DB"}],"incident_updates":[]}
     ]}
    """#

  @Test func `give a fact for each component of an update, at the time shown`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let loaded = try await load(
      try scratch.file("incidents.json", Self.page), into: store, importing: .statuspage)
    #expect(loaded.rejects.map(\.line) == [5, 6])
    #expect(loaded.rejects.map(\.rejection.field) == ["components", "resolved_at"])
    #expect(loaded.summary.passedOver == 2)
    #expect(
      try facts("api", in: store).sorted() == [
        "2025-01-01T00:00:00Z degraded", "2025-01-01T01:00:00Z up",
        "2026-01-01T18:00:00Z major_outage", "2026-01-01T20:00:00Z operational",
      ])
    #expect(
      try facts("web", in: store) == [
        "2026-01-01T18:00:00Z degraded_performance", "2026-01-01T20:00:00Z operational",
      ])
    #expect(
      try facts("db", in: store) == [
        "2025-01-01T00:00:00Z degraded", "2025-01-01T00:30:00Z down",
        "2025-01-01T00:45:00Z degraded", "2025-01-01T01:00:00Z up",
        "2026-02-01T00:00:00Z maintenance", "2026-02-01T01:30:00Z up",
      ])
    let first = try #require(try events(of: "service-uptime-web", in: store).first)
    // Written ten minutes after it happened.
    #expect(first.recordedAt.rfc3339 == "2026-01-01T18:10:00Z")
    #expect(
      metadata(first)
        == #"{"source":"statuspage","update":"u1","additional":{"title":"API down"}}"#)
    #expect(data(first).contains(#""metadata":{"incidents":["i1"]}"#))
  }

  @Test func `read again, and after more were published, add only those`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let path = try scratch.file("a.json", Self.page)
    let first = try await load(path, into: store, importing: .statuspage)
    #expect(try await load(path, into: store, importing: .statuspage).summary.appended == 0)
    let more = Self.page.replacingOccurrences(
      of: " \"incidents\":[\n",
      with:
        #" "incidents":[{"id":"i9","status":"investigating","impact":"major","incident_updates":["#
        + Self.update + "]},\n")
    #expect(more != Self.page)
    let grown = try await load(
      try scratch.file("b.json", more), into: store, importing: .statuspage)
    #expect(grown.summary.appended == 2)
    #expect(grown.summary.duplicates == first.summary.appended)
  }
}

@Suite struct `An incident list` {
  static let incidents = [
    #"{"incidentId":"a","title":"A","start":"2026-01-01T10:00:00Z","end":"2026-01-01T12:00:00Z","resolved":true,"severity":"disrupted","affected":["API","Web"],"planned":false}"#,
    #"{"incidentId":"b","start":"2026-01-01T11:00:00Z","end":"2026-01-01T13:00:00Z","resolved":true,"severity":"down","affected":["API"]}"#,
    #"{"incidentId":"c","start":"2026-01-01T11:30:00Z","end":"2026-01-01T14:00:00Z","severity":"notice","affected":["API"],"planned":true}"#,
    #"{"incidentId":"d","start":"2026-01-02T00:00:00Z","end":null,"resolved":false,"severity":"down","affected":["Web"]}"#,
    #"{"incidentId":"e","start":"2026-01-02T00:00:00Z","end":"2026-01-02T01:00:00Z","severity":"notice","affected":["Web"]}"#,
  ]
  static let api = [
    "2026-01-01T10:00:00Z degraded", "2026-01-01T11:00:00Z down", "2026-01-01T11:30:00Z down",
    "2026-01-01T12:00:00Z down", "2026-01-01T13:00:00Z maintenance", "2026-01-01T14:00:00Z up",
  ]

  /// What stands before, between and after incidents.
  @Test(arguments: [
    ["", "\n", ""], ["[", ",\n", "]"], ["\u{FEFF}[\r\n", "\r\n,", "]\r\n"],
    [#"{"is":"index","systems":[{"name":"x"}],"pinnedIssues":["#, ",", #"],"cStateVersion":"5"}"#],
  ])
  func `is read as lines, as an array, or inside an object`(
    layout: [String]
  ) async throws {
    let text = layout[0] + Self.incidents.joined(separator: layout[1]) + layout[2]
    let scratch = try Scratch()
    let store = try scratch.store()
    let path = try scratch.file("f", text)
    let loaded = try await load(path, into: store, importing: .incidents(TimeReading()))
    #expect(loaded.rejects.isEmpty && loaded.summary.passedOver == 1)
    #expect(try facts("api", in: store) == Self.api)
    #expect(
      try facts("web", in: store) == [
        "2026-01-01T10:00:00Z degraded", "2026-01-01T12:00:00Z up", "2026-01-02T00:00:00Z down",
      ])
    let again = try await load(path, into: store, importing: .incidents(TimeReading()))
    #expect(again.summary.appended == 0)
  }

  @Test func `that has grown says again what holds where incidents overlap`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    for count in 1...3 {
      let path = try scratch.file("f", Self.incidents.prefix(count).joined(separator: "\n"))
      _ = try await load(path, into: store, importing: .incidents(TimeReading()))
    }
    // Of several at one instant the last that arrived holds.
    var holding: [String: String] = [:]
    for fact in try facts("api", in: store) {
      holding[String(fact.prefix(20))] = String(fact.dropFirst(21))
    }
    #expect(holding.map { $0 + " " + $1 }.sorted() == Self.api)
  }

  @Test func `of cState has times with an offset behind a blank, and no end yet`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let text = #"""
      {"pages":[{"is":"issue","title":"t","createdAt":"2026-01-01 10:00:00 +0100 CET","permalink":"/x/","severity":"down","resolved":false,"resolvedAt":"<no value>","affected":["API"]},
       {"title":"u","id":7,"createdAt":"2026-01-01 10:00:00","resolvedAt":"2026-01-01 11:00:00","severity":"partial","services":["B"]}]}
      """#
    let times = TimeReading(zone: try .clock("Europe/Berlin"))
    let loaded = try await load(
      try scratch.file("f", text), into: store, importing: .incidents(times))
    #expect(loaded.rejects.isEmpty)
    #expect(try facts("api", in: store) == ["2026-01-01T09:00:00Z down"])
    #expect(
      try facts("b", in: store) == ["2026-01-01T09:00:00Z degraded", "2026-01-01T10:00:00Z up"])
  }

  @Test(arguments: [
    (#"{"incidentId":"x","severity":"down","affected":["A"]}"#, "start"),
    (
      #"{"incidentId":"x","start":"2026-01-01T10:00:00Z","end":"2026-01-01T10:00:00Z","severity":"down","affected":["A"]}"#,
      "end"
    ),
    (
      #"{"incidentId":"x","start":"2026-01-01T10:00:00Z","resolved":true,"severity":"down","affected":["A"]}"#,
      "end"
    ),
    (
      #"{"incidentId":"x","start":"2026-01-01T10:00:00Z","severity":"awful","affected":["A"]}"#,
      "severity"
    ),
    (
      #"{"incidentId":"x","start":"2026-01-01 10:00:00","severity":"down","affected":["A"]}"#,
      "start"
    ),
    (#"{"start":"2026-01-01T10:00:00Z","severity":"down","affected":["A"]}"#, "incidentId"),
    (#"{"incidentId":"x","start":"2026-01-01T10:00:00Z",,"severity":"down"}"#, ""),
    ("{\"incidentId\":\"\u{1}\"}", ""),
  ])
  func `has bad incidents refused, and the others taken`(
    incident: String, field: String
  ) async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let path = try scratch.file(
      "f", "[\(Self.incidents[0]),\(incident),\(Self.incidents[3])]")
    let loaded = try await load(path, into: store, importing: .incidents(TimeReading()))
    #expect(loaded.rejects.map(\.line) == [2])
    #expect(loaded.rejects.first?.rejection.field == field)
    #expect(loaded.rejects.first.map { String(decoding: $0.bytes, as: UTF8.self) } == incident)
    #expect(try facts("web", in: store).count == 3)
  }

  @Test(arguments: [
    "<!DOCTYPE html>", "[{\"incidentId\":\"x\"", "[{}", "{\"incidents\":[{}", "hello", "[1,2]",
    "{\"incidents\":[{}]",
  ])
  func `that is cut short or something else is said to be damaged`(text: String) async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let path = try scratch.file("f", text)
    let error = await #expect(throws: IngestError.self) {
      try await load(path, into: store, importing: .incidents(TimeReading()))
    }
    guard case .damaged = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `of 200,000 incidents is taken whole`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    var text = "["
    for number in 0..<200_000 {
      let (day, second) = (10 + number / 86_400, number % 86_400)
      let time = String(
        format: "2026-01-%02dT%02d:%02d:%02d", day, second / 3600, second / 60 % 60, second % 60)
      text +=
        (number > 0 ? "," : "")
        + #"{"id":\#(number),"start":"\#(time)Z","end":"\#(time).500Z","severity":"down","affected":["s\#(number % 50)"]}"#
    }
    let path = try scratch.file("f", text + "]")
    let loaded = try await load(path, into: store, importing: .incidents(TimeReading()))
    #expect(loaded.summary.appended == 400_000 && loaded.rejects.isEmpty)
  }
}
