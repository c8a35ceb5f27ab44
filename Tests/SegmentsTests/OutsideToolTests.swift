import Foundation
import Streams
import Testing

@testable import Segments

@Suite struct `Tools that know nothing of Rookery` {
  /// Everything a segment may hold, opened by other programs.
  private func segment(_ folder: TemporaryFolder) throws -> SealedSegment {
    try Sample.write(
      [("odd-payloads", `A segment`.odd), ("uptime", Sample.uptime(500))], in: folder.path,
      options: SegmentWriterOptions(chunkTarget: 16 << 10))
  }

  @Test func `unpack it, to the same files`() throws {
    let folder = try TemporaryFolder()
    let segment = try segment(folder)
    for command in ["tar --zstd -xf", "bsdtar -xf"] {
      let target = try TemporaryFolder()
      #expect(try shell("\(command) \(segment.path)", in: target.path).status == 0)
      let members = segment.chunks.map(\.member)
      #expect(target.files == (members + ["README.txt", "manifest.json", "manifest.sig"]).sorted())
      let manifest = FileManager.default.contents(atPath: target.path + "/manifest.json")
      #expect(manifest.map(Array.init) == segment.manifestBytes)
      for chunk in segment.chunks {
        let bytes = FileManager.default.contents(atPath: target.path + "/" + chunk.member)
        #expect(SHA256Sum(of: Array(bytes ?? Data())) == chunk.sha256)
      }
    }
  }

  @Test func `test it and find it whole`() throws {
    let folder = try TemporaryFolder()
    let segment = try segment(folder)
    let path = segment.path
    #expect(try shell("zstd -t \(path)").status == 0)
    #expect(try shell("echo '\(segment.sha256)  \(path)' | sha256sum -c").status == 0)
    let listing = try shell("tar --zstd -tvf \(path)").lines
    #expect(listing.allSatisfy { $0.hasPrefix("-r--r--r-- 0/0") })
    #expect(listing.first?.hasSuffix("README.txt") == true)
    #expect(listing.last?.hasSuffix("manifest.sig") == true)
    #expect(try shell("zstd -lv \(path) | grep -c Check").status == 0)
  }

  @Test func `open any one frame as an archive`() throws {
    let folder = try TemporaryFolder()
    let segment = try segment(folder)
    let chunk = segment.chunks[segment.chunks.count / 2]
    let result = try shell(
      "tail -c +\(chunk.offset + 1) \(segment.path) | head -c \(chunk.compressedBytes) | zstd -dc"
        + " | tar -xO")
    #expect(SHA256Sum(of: result.output) == chunk.sha256)
  }

  @Test func `read every event and the manifest with jq`() throws {
    let folder = try TemporaryFolder()
    let segment = try segment(folder)
    let target = try TemporaryFolder()
    #expect(try shell("tar --zstd -xf \(segment.path)", in: target.path).status == 0)
    let events = try shell("cat events/*/*.ndjson | jq -c '[.rev, .type]' | wc -l", in: target.path)
    #expect(events.status == 0)
    #expect(events.text.contains(String(`A segment`.odd.count + 500)))
    // Sorted keys, integers only, one line feed: jq writes back the same bytes.
    let manifest = try shell("jq -cS . manifest.json | cmp - manifest.json", in: target.path)
    #expect(manifest.status == 0)
    let binary = try shell(
      "cat events/*/*.ndjson | jq -r 'select(.rev == 12) | .data_b64 // empty' | base64 -d",
      in: target.path)
    #expect(binary.output == `A segment`.odd[7].data)
  }
}
