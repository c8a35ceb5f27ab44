import EventStore
import Foundation
import Glibc
import Ingest
import Streams
import Testing

@Suite struct `An input file` {
  @Test(arguments: [
    ("events.ndjson", []),
    ("events.ndjson.gz", ["gzip", "events.ndjson"]),
    ("events.ndjson.zst", ["zstd", "-q", "--rm", "events.ndjson"]),
    ("events.ndjson.xz", ["xz", "events.ndjson"]),
    ("events.ndjson.bz2", ["bzip2", "events.ndjson"]),
    ("events.tar", ["tar", "-cf", "events.tar", "events.ndjson"]),
    ("events.tar.gz", ["tar", "-czf", "events.tar.gz", "events.ndjson"]),
    ("events.tar.zst", ["tar", "--zstd", "-cf", "events.tar.zst", "events.ndjson"]),
  ])
  func `may be plain, compressed or in an archive`(name: String, command: [String]) async throws {
    let scratch = try Scratch()
    _ = try scratch.file("events.ndjson", lines(0..<3000))
    if let program = command.first {
      try run(program, Array(command.dropFirst()), in: scratch.folder)
    }
    let store = try scratch.store()
    let loaded = try await load(scratch.path(name), into: store)
    #expect(loaded.summary.lines == 3000 && loaded.summary.appended == 3000)
    #expect(loaded.rejects.isEmpty)
    #expect(loaded.summary.totalBytes > 0)
    #expect(loaded.summary.bytesRead <= loaded.summary.totalBytes)
    let found = try events(of: "orders-1", in: store)
    #expect(found.map { data($0) } == (0..<3000).map { #"{"n":\#($0)}"# })
  }

  @Test(arguments: ["gzip", "zstd"])
  func `may be several compressed files one after the other`(program: String) async throws {
    let scratch = try Scratch()
    var whole = Data()
    for part in 0..<3 {
      let path = try scratch.file("part\(part)", lines(part * 10..<part * 10 + 10))
      try run("sh", ["-c", "\(program) -c part\(part) > part\(part).z"], in: scratch.folder)
      whole += try Data(contentsOf: URL(fileURLWithPath: path + ".z"))
    }
    let store = try scratch.store()
    #expect(
      try await load(try scratch.file("all.z", bytes: whole), into: store).summary.appended == 30)
  }

  @Test func `that is an archive of several is read member by member, lines counted in each`()
    async throws
  {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(
      atPath: scratch.path("sub"), withIntermediateDirectories: true)
    _ = try scratch.file("a.ndjson", lines(0..<5) + "not json\n")
    _ = try scratch.file("empty.ndjson", "")
    _ = try scratch.file("sub/b.ndjson", "\n" + lines(5..<9) + "{}")
    try run(
      "tar", ["--zstd", "-cf", "all.tar.zst", "a.ndjson", "empty.ndjson", "sub"], in: scratch.folder
    )
    let store = try scratch.store()
    let path = scratch.path("all.tar.zst")
    let loaded = try await load(path, into: store)
    #expect(loaded.summary.appended == 9)
    #expect(loaded.rejects.map(\.file) == [path + ":a.ndjson", path + ":sub/b.ndjson"])
    #expect(loaded.rejects.map(\.line) == [6, 6])
  }

  @Test(arguments: [
    "\(line(0))\r\n\(line(1))\r\n", "\(line(0))\n\(line(1))",
    "\n\n\(line(0))\n  \n\r\n\(line(1))\n\n",
    "  \(line(0))\t\n\t\(line(1))  ",
  ])
  func `may have any line ends, blank lines, and no end of the last line`(text: String) async throws
  {
    let scratch = try Scratch()
    let store = try scratch.store()
    let loaded = try await load(try scratch.file("f", text), into: store)
    #expect(loaded.summary.lines == 2 && loaded.summary.appended == 2 && loaded.rejects.isEmpty)
    #expect(try events(of: "orders-1", in: store).map { data($0) } == [#"{"n":0}"#, #"{"n":1}"#])
  }

  @Test(arguments: ["", "\n", " \n\r\n\n"])
  func `may be empty`(text: String) async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let loaded = try await load(try scratch.file("f", text), into: store)
    #expect(loaded.summary.lines == 0 && loaded.rejects.isEmpty)
    #expect(try store.read { try $0.streams().isEmpty })
  }

  @Test func `that is empty may be compressed`() async throws {
    let scratch = try Scratch()
    _ = try scratch.file("f", "")
    try run("gzip", ["f"], in: scratch.folder)
    #expect(try await load(scratch.path("f.gz"), into: scratch.store()).summary.lines == 0)
  }

  @Test func `with lines longer than a block of the reader is read whole`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let sizes = [1, 65_500, 262_100, 262_144, 700_000, 3, 2_000_000, 5]
    let text = sizes.enumerated().map { index, size in
      line(index, data: "\"\(String(repeating: "x", count: size))\"") + "\n"
    }.joined()
    let loaded = try await load(try scratch.file("f", text), into: store)
    #expect(loaded.summary.appended == sizes.count)
    #expect(try events(of: "orders-1", in: store).map(\.data.count) == sizes.map { $0 + 2 })
  }

  /// As `rookery ingest <(producer)` names it.
  @Test func `that is a named pipe is stored as it comes, not when it ends`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let path = scratch.path("pipe")
    try #require(mkfifo(path, 0o600) == 0)
    let areStored = DispatchSemaphore(value: 0)
    let text = lines(0..<600)
    let writer = Task.detached {
      await withCheckedContinuation { done in
        Thread.detachNewThread {
          let descriptor = open(path, O_WRONLY)
          _ = text.utf8.withContiguousStorageIfAvailable {
            write(descriptor, $0.baseAddress, $0.count)
          }
          // Only a load that waits for the end is not done by then.
          let isInTime = areStored.wait(timeout: .now() + 300) == .success
          close(descriptor)
          done.resume(returning: isInTime)
        }
      }
    }
    let summary = try await Ingest(into: store, format: .events).load(path, reject: { _ in }) {
      if $0.appended == 600 { areStored.signal() }
      return true
    }
    #expect(await writer.value)
    #expect(summary.appended == 600 && summary.totalBytes == 0)
  }

  @Test func `has bytes that are no JSON, or not on one line, in base64`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let text = #"""
      {"stream":"s","type":"T","data_b64":"AP8KDSI=","metadata_b64":""}
      {"stream":"s","type":"T","data":{ "a":1},"data_b64":"eyAKImEiOjF9","metadata_b64":"DQo="}
      {"stream":"s","type":"T","data_b64":"","metadata":{}}
      """#
    let path = try scratch.file("f", text)
    #expect(try await load(path, into: store).summary.appended == 3)
    let found = try events(of: "s", in: store)
    #expect(found.map(\.data) == [[0, 255, 10, 13, 34], Array("{ \n\"a\":1}".utf8), []])
    #expect(found.map(\.metadata) == [[], [13, 10], Array("{}".utf8)])
    #expect(try await load(path, into: store).summary.duplicates == 3)
  }

  @Test func `that is not there is reported by name`() async throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    for path in [scratch.path("none.ndjson"), scratch.folder] {
      await #expect {
        _ = try await load(path, into: store)
      } throws: {
        let error = $0 as? IngestError
        return error?.code == .ioError && error?.message.contains(path) == true
      }
    }
  }

  @Test(arguments: [("gzip", "gz"), ("zstd", "zst"), ("xz", "xz")])
  func `cut short is damaged, and what came before is stored`(program: String, suffix: String)
    async throws
  {
    let scratch = try Scratch()
    _ = try scratch.file("f", lines(0..<12_000))
    try run(program, ["-q", "f"], in: scratch.folder)
    let whole = try Data(contentsOf: URL(fileURLWithPath: scratch.path("f." + suffix)))
    let path = try scratch.file("cut." + suffix, bytes: whole.prefix(whole.count / 2))
    let store = try scratch.store()
    do {
      _ = try await load(path, into: store)
      Issue.record("a damaged file was taken for whole")
    } catch let IngestError.damaged(file, line, _) {
      #expect(file == path)
      let found = try events(of: "orders-1", in: store)
      #expect(found.count == line && line > 100)
      #expect(found.map { data($0) } == (0..<found.count).map { #"{"n":\#($0)}"# })
    }
    let again = try await load(scratch.path("f." + suffix), into: store)
    #expect(again.summary.appended + again.summary.duplicates == 12_000)
    #expect(try events(of: "orders-1", in: store).count == 12_000)
  }

  @Test func `with a flipped byte is damaged`() async throws {
    let scratch = try Scratch()
    _ = try scratch.file("f", lines(0..<5000))
    try run("zstd", ["-q", "--check", "f"], in: scratch.folder)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: scratch.path("f.zst")))
    bytes[bytes.count / 2] ^= 0x55
    let path = try scratch.file("flipped.zst", bytes: bytes)
    await #expect {
      _ = try await load(path, into: scratch.store())
    } throws: {
      if case .damaged = $0 as? IngestError { true } else { false }
    }
  }
}
