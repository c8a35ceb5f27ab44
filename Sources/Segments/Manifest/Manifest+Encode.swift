internal import Streams

extension Manifest {
  static let format = "rookery-segment"

  /// The manifest's bytes: deterministic, and what ``SHA256Sum`` of a manifest is taken of.
  public var encoded: [UInt8] {
    let members = [
      JSONMember("format", Self.format),
      JSONMember("version", SegmentLimits.version),
      JSONMember("segment_id", segmentID),
      JSONMember("store_id", storeID),
      JSONMember("archive_seq", archiveSeq),
      JSONMember("generation", generation),
      JSONMember("created_at", createdAt.rfc3339),
      JSONMember("writer", writer.encoded),
      JSONMember("streams", array: streams.map(\.encoded)),
      JSONMember("chunks", array: chunks.map(\.encoded)),
      JSONMember("root", root.description),
      prev.map { JSONMember("prev", $0.encoded) } ?? JSONMember("prev", nil),
      supersedes.map { JSONMember("supersedes", $0.encoded) } ?? JSONMember("supersedes", nil),
      JSONMember("signing_key", signingKey?.description),
    ]
    return JSONMember.object(members + unknown) + [0x0A]
  }
}

extension Manifest.Writer {
  fileprivate var encoded: [UInt8] {
    JSONMember.object(
      [
        JSONMember("name", name), JSONMember("version", version), JSONMember("level", level),
        JSONMember("frame_target", frameTarget),
      ] + unknown)
  }
}

extension Manifest.Link {
  fileprivate var encoded: [UInt8] {
    JSONMember.object(
      [
        JSONMember("archive_seq", archiveSeq),
        JSONMember("manifest_sha256", manifestSHA256.description),
      ] + unknown)
  }
}

extension Manifest.Supersession {
  fileprivate var encoded: [UInt8] {
    let places =
      generations.isEmpty
      ? [] : [JSONMember("generations", array: generations.map(\.encoded))]
    return JSONMember.object(
      [JSONMember("manifest_sha256", manifestSHA256.description), JSONMember("reason", reason)]
        + places + unknown)
  }
}

extension Manifest.Generation {
  fileprivate var encoded: [UInt8] {
    JSONMember.object(
      [
        JSONMember("archive_seq", archiveSeq),
        JSONMember("manifest_sha256", manifestSHA256.description),
        JSONMember("prev", prev?.description),
      ] + unknown)
  }
}

extension Manifest.Stream {
  fileprivate var encoded: [UInt8] {
    JSONMember.object(
      [
        JSONMember("name", info.name.rawValue),
        JSONMember("category", info.category),
        JSONMember("first", first.rawValue),
        JSONMember("last", last.rawValue),
        JSONMember("count", count),
        JSONMember("first_at", firstAt.rfc3339),
        JSONMember("last_at", lastAt.rfc3339),
        JSONMember("seq_first", firstPosition.rawValue),
        JSONMember("seq_last", lastPosition.rawValue),
        JSONMember("types", encodedTypes),
        JSONMember("lifecycle", info.lifecycle.rawValue),
        JSONMember("acl", info.acl),
        JSONMember("metadata", info.metadata),
        JSONMember("retain_until", info.retainUntil?.rfc3339),
        JSONMember("legal_hold", info.legalHold),
        JSONMember("subject", info.subject),
        JSONMember("prev", info.prev?.description),
      ] + (info.tombstone.map { [JSONMember("deleted", $0.encoded)] } ?? []) + unknown)
  }

  /// In the order of the types themselves, which escapes may not disturb.
  private var encodedTypes: [UInt8] {
    let members = types.map { JSONEscapes.quote($0.type) + ":" + String($0.count) }
    return Array("{\(members.joined(separator: ","))}".utf8)
  }
}

extension Tombstone {
  fileprivate var encoded: [UInt8] {
    JSONMember.object([
      JSONMember("at", deletedAt.rfc3339), JSONMember("by", deletedBy.description),
      JSONMember("reason", reason),
    ])
  }
}

extension Manifest.Chunk {
  fileprivate var encoded: [UInt8] {
    JSONMember.object(
      [
        JSONMember("member", member),
        JSONMember("stream", Int64(stream)),
        JSONMember("first", first.rawValue),
        JSONMember("last", last.rawValue),
        JSONMember("count", count),
        JSONMember("bytes", Int64(bytes)),
        JSONMember("sha256", sha256.description),
        JSONMember("enc", encryption.rawValue),
      ] + unknown)
  }
}
