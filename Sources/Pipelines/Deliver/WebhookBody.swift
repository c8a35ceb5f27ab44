internal import Crypto
internal import Foundation
internal import Reports
internal import Streams

/// What a webhook is told: which night, the main figures, and which files there are.
///
/// ```json
/// {"type":"rookery.reports","timestamp":"…","data":{"pipeline":"nightly","date":"2026-01-31",
///  "run":7,"headline":"…","services":[{"service":"api","state":"up","availabilityPct":"99.950",
///  "coveragePct":"100.000"}],"files":[{"name":"uptime.html","bytes":1234,"sha256":"…","link":"…"}]}}
/// ```
/// `services` begins with "all services", where the report has that; percentages are texts, cut and
/// not rounded, or null where there is no data.
struct WebhookBody {
  let bytes: [UInt8]
  /// More are counted in `servicesLeftOut`.
  private static let maxServices = 200

  init(_ parcel: Parcel, link: String?) throws {
    let figures = Self.figures(parcel)
    let files: [JSONValue] = try parcel.files.map { file in
      [
        "name": .string(file.name), "bytes": .int(file.bytes),
        "sha256": .string(Self.hash(try parcel.read(file))),
        "link": .optional(link) {
          .string("\($0.hasSuffix("/") ? String($0.dropLast()) : $0)/\(parcel.date)/\(file.name)")
        },
      ]
    }
    let value: JSONValue = [
      "type": .string("rookery.reports"), "timestamp": .time(parcel.madeAt),
      "data": [
        "pipeline": .string(parcel.pipeline), "date": .string(parcel.date.description),
        "run": .int(parcel.run), "headline": .optional(parcel.headline, JSONValue.string),
        "services": .array(figures.prefix(Self.maxServices).map(\.json)),
        "servicesLeftOut": .int(max(0, figures.count - Self.maxServices)),
        "files": .array(files),
      ],
    ]
    bytes = Array(value.document.utf8)
  }

  /// Of `uptime.json`; none where there is no such report.
  private static func figures(_ parcel: Parcel) -> [UptimeDigest.Figures] {
    guard let file = parcel.files.first(where: { $0.name == "uptime.json" }),
      let digest = try? JSONDecoder().decode(UptimeDigest.self, from: parcel.read(file))
    else { return [] }
    return [digest.overall].compactMap(\.self) + digest.services
  }

  private static func hash(_ data: Data) -> String {
    SHA256.hash(data: data).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

/// The members of `uptime.json` that a webhook is told.
private struct UptimeDigest: Decodable {
  var overall: Figures?
  var services: [Figures]

  struct Figures: Decodable {
    var service: String
    var state: String?
    var availabilityPct: String?
    var coveragePct: String?

    var json: JSONValue {
      [
        "service": .string(service), "state": .optional(state, JSONValue.string),
        "availabilityPct": .optional(availabilityPct, JSONValue.string),
        "coveragePct": .optional(coveragePct, JSONValue.string),
      ]
    }
  }
}
