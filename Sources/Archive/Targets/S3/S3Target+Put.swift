internal import Crypto
internal import EventStore
internal import Foundation
internal import Segments
internal import Streams
internal import Transport

extension S3Target {
  /// A part of an upload, and the longest object that is sent in one piece. S3 allows 10,000 parts
  /// and no part but the last under 5 MiB: segments of up to 160 GB.
  static let partBytes = 16 << 20

  func put(_ file: any ByteSource, as name: String, sha256: SHA256Sum) throws(TargetError) -> Bool {
    guard try stat(name) == nil else { return false }
    let bytes = try local { () throws(SegmentError) in try file.size() }
    guard bytes <= Int64(Self.partBytes) else {
      return try putInParts(file, bytes: bytes, as: name, sha256: sha256)
    }
    let body = try local { () throws(SegmentError) in try file.bytes(at: 0, count: Int(bytes)) }
    guard SHA256Sum(of: body) == sha256 else { throw changed(name) }
    let answer = try client.send(
      S3Request(
        purpose: "Uploading \(name)", method: "PUT", key: key(name),
        headers: lockHeaders + [
          ("if-none-match", "*"), ("x-amz-checksum-sha256", sha256.base64),
        ], body: body, accepted: [200, 412]))
    return answer.status == 200
  }

  /// Sends the parts that an earlier attempt did not, and puts them together under the name.
  private func putInParts(
    _ file: any ByteSource, bytes: Int64, as name: String, sha256: SHA256Sum
  ) throws(TargetError) -> Bool {
    let upload = try openUpload(of: name)
    let there = try parts(of: upload)
    var sent: [S3Part] = []
    var whole = SHA256()
    for number in 1...Int((bytes - 1) / Int64(Self.partBytes) + 1) {
      let offset = Int64(number - 1) * Int64(Self.partBytes)
      let body = try local { () throws(SegmentError) in
        try file.bytes(at: offset, count: Int(min(Int64(Self.partBytes), bytes - offset)))
      }
      whole.update(data: body)
      if let part = there[number], let same = part.matching(body) {
        sent.append(same)
      } else {
        sent.append(try send(body, number, of: upload))
      }
    }
    guard whole.finalize().elementsEqual(sha256.bytes) else {
      try abort(upload)
      throw changed(name)
    }
    return try complete(upload, sent)
  }

  private func send(
    _ body: [UInt8], _ number: Int, of upload: S3Upload
  ) throws(TargetError) -> S3Part {
    let purpose = "Uploading part \(number) of \(upload.name)"
    let sum = SHA256Sum(of: body).base64
    let answer = try client.send(
      S3Request(
        purpose: purpose, method: "PUT", key: key(upload.name),
        query: [("partNumber", String(number)), ("uploadId", upload.id)],
        headers: [("x-amz-checksum-sha256", sum)], body: body, accepted: [200]))
    guard let tag = answer.headers["etag"] else {
      throw .unexpected(address: address, attempted: purpose, reason: "it gave the part no tag")
    }
    return S3Part(number: number, bytes: body.count, tag: tag, sha256: sum)
  }

  /// The upload that an earlier attempt left, or a new one. There is one archiver at a time: what is
  /// under way for this key is its own.
  private func openUpload(of name: String) throws(TargetError) -> S3Upload {
    let key = key(name)
    var left = try pages(
      S3Request(
        purpose: "Listing uploads of \(name)", method: "GET",
        query: [("uploads", ""), ("prefix", key)], accepted: [200]),
      next: { page in
        guard let key = page["NextKeyMarker"], let id = page["NextUploadIdMarker"] else {
          return nil
        }
        return [("key-marker", key), ("upload-id-marker", id)]
      }
    ) { page in page.all("Upload").filter { $0["Key"] == key }.compactMap { $0["UploadId"] } }
    let latest = left.popLast()
    for id in left { try abort(S3Upload(name: name, id: id)) }
    if let latest { return S3Upload(name: name, id: latest) }
    let purpose = "Starting the upload of \(name)"
    let answer = try client.send(
      S3Request(
        purpose: purpose, method: "POST", key: key, query: [("uploads", "")],
        headers: lockHeaders + [("x-amz-checksum-algorithm", "SHA256")], body: [],
        accepted: [200]))
    guard let id = S3Document(answer.body)?["UploadId"] else {
      throw .unexpected(address: address, attempted: purpose, reason: "it gave the upload no id")
    }
    return S3Upload(name: name, id: id)
  }

  private func parts(of upload: S3Upload) throws(TargetError) -> [Int: S3Part] {
    let parts = try pages(
      S3Request(
        purpose: "Listing parts of \(upload.name)", method: "GET", key: key(upload.name),
        query: [("uploadId", upload.id)], accepted: [200]),
      next: { page in page["NextPartNumberMarker"].map { [("part-number-marker", $0)] } }
    ) { page in page.all("Part").compactMap(S3Part.init) }
    return Dictionary(parts.map { ($0.number, $0) }, uniquingKeysWith: { $1 })
  }

  private func complete(_ upload: S3Upload, _ parts: [S3Part]) throws(TargetError) -> Bool {
    let body =
      "<CompleteMultipartUpload>" + parts.map(\.element).joined() + "</CompleteMultipartUpload>"
    // 404: an earlier attempt, whose answer got lost, may have put the parts together.
    let answer = try client.send(
      S3Request(
        purpose: "Completing the upload of \(upload.name)", method: "POST", key: key(upload.name),
        query: [("uploadId", upload.id)], headers: [("if-none-match", "*")],
        body: Array(body.utf8), accepted: [200, 404, 412]))
    if answer.status == 412 { try abort(upload) }
    return answer.status == 200
  }

  private func abort(_ upload: S3Upload) throws(TargetError) {
    _ = try client.send(
      S3Request(
        purpose: "Dropping an upload of \(upload.name)", method: "DELETE", key: key(upload.name),
        query: [("uploadId", upload.id)], accepted: [200, 204, 404]))
  }

  private var lockHeaders: [(String, String)] {
    guard let lock = client.settings.lock else { return [] }
    let seconds = (Timestamp.now().microseconds + lock.lockFor) / Timestamp.microsecondsPerSecond
    let until = Timestamp(microseconds: seconds * Timestamp.microsecondsPerSecond)
    return [
      ("x-amz-object-lock-mode", lock.mode.rawValue.uppercased()),
      ("x-amz-object-lock-retain-until-date", until.rfc3339),
    ]
  }

  private func changed(_ name: String) -> TargetError {
    .differs(address: address, name: name, reason: "the local file is not what was verified")
  }

  private func local<R>(_ body: () throws(SegmentError) -> R) throws(TargetError) -> R {
    do throws(SegmentError) { return try body() } catch { throw .local(.init(error)) }
  }
}

/// An upload in parts that is under way.
private struct S3Upload {
  var name: String
  var id: String
}

/// A part of an upload that the server has.
private struct S3Part {
  var number: Int
  var bytes: Int
  /// As the server wrote it, with its quotes.
  var tag: String
  /// In base64; nil when the server does not tell.
  var sha256: String?

  init(number: Int, bytes: Int, tag: String, sha256: String?) {
    self.number = number
    self.bytes = bytes
    self.tag = tag
    self.sha256 = sha256
  }

  init?(_ element: S3Document) {
    guard let number = element["PartNumber"].flatMap({ Int($0) }),
      let bytes = element["Size"].flatMap({ Int($0) }), let tag = element["ETag"]
    else { return nil }
    self.init(number: number, bytes: bytes, tag: tag, sha256: element["ChecksumSHA256"])
  }

  /// This part if it holds `body`; nil if it does not, or nobody can tell. A server that tells no
  /// SHA-256 may still tell an MD5: good enough to spare sending a part twice, as the whole object
  /// is read back in any case.
  func matching(_ body: [UInt8]) -> S3Part? {
    guard bytes == body.count else { return nil }
    let sum = SHA256Sum(of: body).base64
    if let sha256 {
      guard sha256 == sum else { return nil }
    } else {
      let md5 = Insecure.MD5.hash(data: body).map { byte in
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }.joined()
      guard tag.filter({ $0 != "\"" }) == md5 else { return nil }
    }
    return S3Part(number: number, bytes: bytes, tag: tag, sha256: sum)
  }

  var element: String {
    let tag = tag.filter { $0 != "<" && $0 != "&" }
    return "<Part><PartNumber>\(number)</PartNumber><ETag>\(tag)</ETag>"
      + "<ChecksumSHA256>\(sha256 ?? "")</ChecksumSHA256></Part>"
  }
}
