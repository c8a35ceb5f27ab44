internal import EventStore
internal import Segments
internal import Streams
internal import Transport

/// Segments as objects of an S3-compatible store.
///
/// An object's key is the prefix and the segment's file name. Every write is conditional
/// (`If-None-Match: *`) and carries the content's SHA-256 as `x-amz-checksum-sha256`: a server was
/// seen to store a body that did not match its signed hash. No ETag is taken for a hash of an
/// object.
struct S3Target: Target {
  let client: S3Client

  var address: String { client.settings.address }

  var mustLock: Bool { client.settings.lock != nil }

  func key(_ name: String) -> String {
    let prefix = client.settings.prefix
    return prefix.isEmpty ? name : prefix + "/" + name
  }

  func stat(_ name: String, version: String?) throws(TargetError) -> TargetObject? {
    let purpose = "Asking for \(name)"
    let answer = try client.send(
      S3Request(
        purpose: purpose, method: "HEAD", key: key(name), query: query(version),
        accepted: [200, 404]))
    guard answer.status == 200 else { return nil }
    guard let bytes = answer.headers["content-length"].flatMap({ Int64($0) }), bytes >= 0 else {
      throw .unexpected(address: address, attempted: purpose, reason: "it told no length")
    }
    return TargetObject(
      bytes: bytes, version: answer.headers["x-amz-version-id"].flatMap { $0 == "null" ? nil : $0 },
      lockedUntil: answer.headers["x-amz-object-lock-retain-until-date"].flatMap {
        try? Timestamp(rfc3339: $0)
      })
  }

  func query(_ version: String?) -> [(name: String, value: String)] {
    version.map { [("versionId", $0)] } ?? []
  }

  func source(_ name: String, bytes: Int64?, version: String?) -> any ByteSource {
    S3Source(self, name, bytes: bytes, version: version)
  }

  func delete(_ name: String, version: String?) throws(TargetError) {
    let request = S3Request(
      purpose: "Deleting \(name)", method: "DELETE", key: key(name), query: query(version),
      accepted: [200, 204, 404])
    do throws(TargetError) {
      _ = try client.send(request)
    } catch {
      guard case .refused(_, _, 403, _) = error,
        let lock = try stat(name, version: version)?.lockedUntil, lock > .now()
      else { throw error }
      throw .retained(address: address, name: name)
    }
  }

  /// S3 has no other name to give it: it is deleted.
  func putAside(_ name: String, version: String?) throws(TargetError) {
    try delete(name, version: version)
  }

  func names() throws(TargetError) -> [String] {
    let start = client.settings.prefix.isEmpty ? "" : client.settings.prefix + "/"
    let keys = try pages(
      S3Request(
        purpose: "Listing", method: "GET", query: [("list-type", "2"), ("prefix", start)],
        accepted: [200]),
      next: { ($0["NextContinuationToken"]).map { [("continuation-token", $0)] } }
    ) { page in page.all("Contents").compactMap { $0["Key"] } }
    return keys.filter { $0.hasPrefix(start) && $0.hasSuffix(SegmentName.fileExtension) }
      .map { String($0.dropFirst(start.utf8.count)) }.sorted()
  }

  /// All items of a listing that comes in pages.
  ///
  /// - Parameter next: what asks for the page after this one.
  func pages<Item>(
    _ request: S3Request,
    next: (S3Document) -> [(name: String, value: String)]?,
    _ items: (S3Document) -> [Item]
  ) throws(TargetError) -> [Item] {
    var found: [Item] = []
    var page = request
    var lastMark: [String] = []
    while true {
      let answer = try client.send(page)
      guard let document = S3Document(answer.body) else {
        throw .unexpected(
          address: address, attempted: request.purpose, reason: "its listing is not XML")
      }
      found += items(document)
      guard document["IsTruncated"] == "true", let more = next(document) else { return found }
      guard more.map(\.value) != lastMark else {
        throw .unexpected(
          address: address, attempted: request.purpose, reason: "its listing goes round in circles")
      }
      lastMark = more.map(\.value)
      page.query = request.query + more
    }
  }
}
