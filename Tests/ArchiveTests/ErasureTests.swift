import Archive
import EventStore
import Foundation
import GRDB
import Glibc
import History
import Sealing
import Segments
import Streams
import Testing

/// How the segments of users are made, and what a process has done of the erasure when it dies.
private let canary = "canary-5f0c"

extension Scratch {
  /// Two users with a small stream each, in one pack, a large stream of the first alone in a segment,
  /// and a stream of the first that is still hot.
  fileprivate static func withUsers(isEncrypted: Bool) throws -> Scratch {
    let scratch = try Scratch()
    for name in ["user-7-loans", "user-8-loans", "user-7-activity", "user-77-loans"] {
      let stream = try StreamName(name)
      let count: Int64 = name == "user-7-activity" ? 300 : 5
      let events = (0..<count).map { number -> NewEvent in
        var event = event(Int64(name.hashValue & 0xFFFF) << 20 + number, at: day(number / 60))
        let secret = name.hasPrefix("user-7-") ? canary : "other"
        let pad = String(repeating: "\(number) pads ", count: count > 5 ? 200 : 1)
        event.data = Array("{\"secret\":\"\(secret)\",\"pad\":\"\(pad)\"}".utf8)
        event.metadata = Array("{\"by\":\"\(secret)\"}".utf8)
        return event
      }
      try scratch.store.append(AppendRequest(stream, events: events), now: day(5))
    }
    try scratch.store.describe(
      try StreamName("user-7-loans"), description: canary, metadata: "{\"m\":\"\(canary)\"}",
      by: .system)
    let settings = SegmentSettings(isEncrypted: isEncrypted)
    try Archiver(scratch.store, scratch.folder, now: day(40)).run([
      ArchivePolicy(streams: "user-*", coldAfter: days(20), settings: settings)
    ])
    let profile = try StreamName("user-7-profile")
    var hot = event(1, at: day(41))
    hot.data = Array("{\"secret\":\"\(canary)\"}".utf8)
    try scratch.store.append(AppendRequest(profile, events: [hot]), now: day(41))
    return scratch
  }

  fileprivate func eraser(
    onStep: @escaping @Sendable (RewriteStep) -> Void = { _ in }
  ) -> Eraser {
    Eraser(Archiver(store, folder, now: day(50)), onStep: onStep)
  }

  fileprivate func canaries() throws -> [String] { try files(holding: canary) }

  /// Everything that must hold once user 7 is erased.
  fileprivate func expectErased(_ before: [String: String]) throws {
    #expect(try canaries() == [])
    var others = before
    for name in ["user-7-loans", "user-7-activity", "user-7-profile"] {
      others[name] = nil
      #expect {
        try store.record(name)
      } throws: { ($0 as? StoreError)?.code == .streamDeleted }
    }
    #expect(try digests(store, folder) == others)
    #expect(try store.subjectKeys.hasKey(of: "user:7") == false)
    #expect(try store.pendingErasures().map(\.user) == [])
    #expect(try store.audited("SubjectErased").count == 1)
    let report = try SegmentCheck(store: store, folder: folder).run(level: .full, now: day(51))
    #expect(report.isSound)
    #expect(report.chainProblems == [])
    #expect(report.orphans == [])
    let entries = try store.entries()
    #expect(entries.map(\.archiveSeq) == Array(1...Int64(entries.count)))
    for entry in entries {
      #expect(
        FileManager.default.fileExists(atPath: folder.file(entry.file)) == (entry.retired == nil))
    }
  }
}

@Suite struct `Erasing a user` {
  @Test(arguments: [false, true])
  func `leaves nothing of what the user's streams held, and all of the others'`(
    isEncrypted: Bool
  ) throws {
    let scratch = try Scratch.withUsers(isEncrypted: isEncrypted)
    let before = try digests(scratch.store, scratch.folder)
    #expect(before["user-7-activity"] != nil)
    // What is looked for can be found before, or the search proves nothing.
    #expect(!(try scratch.canaries()).isEmpty)
    let plain = try scratch.store.entries().map(\.file)
    let plan = try scratch.eraser().plan(user: "7")
    let report = try scratch.eraser().erase(user: "7", reason: "asked")
    #expect(report.isLogEmpty)
    #expect(report.hadKey == isEncrypted)
    #expect(report.streams == plan.streams)
    #expect(report.events == 306)
    #expect(report.rewritten == (isEncrypted ? [] : plain))
    #expect(report.sealed == (isEncrypted ? plain : []))
    try scratch.expectErased(before)
    // Once more there is nothing to do.
    let again = try scratch.eraser().erase(user: "7", reason: "asked")
    #expect(again.rewritten == [] && again.isLogEmpty)
  }

  /// What a repair put aside, here and at a mirror; what a lost catalog left; and a cut one.
  @Test func `deletes files put aside that hold the user's events, and says which`() throws {
    let scratch = try Scratch.withUsers(isEncrypted: false)
    let before = try digests(scratch.store, scratch.folder)
    let (folder, files) = (scratch.folder, FileManager.default)
    let mirror = scratch.root + "/mirror"
    try files.createDirectory(atPath: mirror, withIntermediateDirectories: true)
    var policy = ArchivePolicy(streams: "user-*", coldAfter: days(20))
    policy.mirror = mirror
    try Archiver(scratch.store, folder, now: day(41)).run([policy])
    let entries = try scratch.store.entries()
    let large = try #require(entries.max { $0.bytes < $1.bytes })
    let pack = try #require(entries.first { $0.file.contains("pack-") })
    for path in [folder.file(large.file), mirror + "/" + pack.file] {
      try flip(path)
      _ = try SegmentRepair(store: scratch.store, folder: folder).run(now: day(42))
    }
    let cut = folder.file("quarantine/cut.tar.zst")
    let bytes = try #require(files.contents(atPath: folder.file(pack.file)))
    let chunks = try scratch.store.read { try Catalog.chunks($0.db, of: pack.archiveSeq) }
    let end = try #require(chunks.map { Int($0.offset) + $0.compressedBytes }.max())
    try bytes.prefix(end).write(to: URL(filePath: cut))
    try Data("no segment".utf8).write(to: URL(filePath: folder.file("quarantine/notes")))
    let plan = try scratch.eraser().plan(user: "7")
    let report = try scratch.eraser().erase(user: "7", reason: "asked")
    #expect(plan.removed == report.removed && report.removed.count == 3, "\(report)")
    #expect(report.removed.contains("quarantine/cut.tar.zst"))
    #expect(report.removed.contains { $0.hasPrefix(mirror + "/quarantine/") })
    #expect(report.strangers == ["quarantine/notes"])
    try scratch.expectErased(before)
    #expect(files.fileExists(atPath: folder.file("quarantine/notes")))
  }

  /// In the folder itself, in that of what is to be sent, in a mirror's, and in the one for repairs.
  @Test func `deletes what killed runs left half-written, and a staged file that nobody knows`()
    throws
  {
    let scratch = try Scratch.withUsers(isEncrypted: false)
    let before = try digests(scratch.store, scratch.folder)
    let mirror = scratch.root + "/mirror"
    let files = FileManager.default
    let folder = ArchiveFolder(
      path: scratch.folder.path, targets: Targets([.init(name: "second", address: mirror)]))
    let pack = try #require(try scratch.store.entries().first { $0.file.contains("pack-") })
    let bytes = try #require(files.contents(atPath: folder.file(pack.file)))
    func put(_ bytes: Data, at path: String) throws {
      try files.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try bytes.write(to: URL(filePath: path))
    }
    let partial = "ff/pack-9-g1.tar.zst.job-9.partial"
    let left = [
      folder.file(partial), folder.file("staging/" + partial),
      mirror + "/ff/pack-9-g1.tar.zst.copy.partial", folder.file(".scratch/7/healed"),
      folder.file("staging/ff/pack-9-g1.tar.zst"),
      folder.file("staging/quarantine/pack-8-g1.tar.zst"),
    ]
    for path in left {
      // Where it was cut nothing can be read any more, but for who looks closely.
      try put(path.hasSuffix("zst") ? bytes : bytes.prefix(bytes.count / 2), at: path)
    }
    // Of another program: nothing that is called so is ours.
    try put(Data("other".utf8), at: mirror + "/ff/download.partial")
    let report = try Eraser(Archiver(scratch.store, folder, now: day(50)))
      .erase(user: "7", reason: "asked")
    #expect(left.filter { files.fileExists(atPath: $0) } == [])
    #expect(files.fileExists(atPath: mirror + "/ff/download.partial"))
    #expect(
      Set(report.removed) == [
        ".scratch", partial, "staging/" + partial, mirror + "/ff/pack-9-g1.tar.zst.copy.partial",
        "staging/ff/pack-9-g1.tar.zst", "staging/quarantine/pack-8-g1.tar.zst",
      ])
    try scratch.expectErased(before)
  }

  @Test func `leaves a file alone that has the events of others which are nowhere else`() throws {
    let scratch = try Scratch.withUsers(isEncrypted: false)
    let pack = try #require(try scratch.store.entries().first { $0.file.contains("pack-") })
    let stranger = scratch.folder.file("ff/pack-99-g1.tar.zst")
    try FileManager.default.createDirectory(
      atPath: scratch.folder.file("ff"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: scratch.folder.file(pack.file), toPath: stranger)
    // The store forgets that it ever had the last events of user 8.
    try scratch.store.write {
      try $0.execute(sql: "UPDATE streams SET events = 3 WHERE name = 'user-8-loans'")
    }
    let plan = try scratch.eraser().plan(user: "7")
    #expect(plan.removed == [] && plan.strangers == ["ff/pack-99-g1.tar.zst"])
  }

  @Test func `keeps as much parity beside a rewritten segment as there was`() throws {
    let scratch = try Scratch()
    for name in ["user-7-activity", "user-8-activity"] {
      try scratch.store.fill(name, days: 5, bytes: 100_000)
    }
    for name in ["user-7-loans", "user-8-loans"] { try scratch.store.fill(name, days: 5) }
    try Archiver(scratch.store, scratch.folder, now: day(40)).run([
      ArchivePolicy(
        streams: "user-*", coldAfter: days(20), settings: SegmentSettings(parityPercent: 20))
    ])
    let report = try scratch.eraser().erase(user: "7", reason: "asked")
    #expect(!report.rewritten.isEmpty && report.unprotected == [])
    for entry in try scratch.store.entries() where entry.retired == nil {
      let file = scratch.folder.file(entry.file)
      let parity = try #require(FileManager.default.contents(atPath: file + ".par2"))
      if entry.bytes > 100_000 {
        #expect((19...30).contains(Int64(parity.count) * 100 / entry.bytes))
      }
      try flip(file)
      #expect(
        try SegmentRepair(store: scratch.store, folder: scratch.folder)
          .run([entry.file], now: day(60)).healed.count == 1)
    }
    for entry in try scratch.store.entries() where entry.retired != nil {
      #expect(access(scratch.folder.file(entry.file) + ".par2", F_OK) != 0)
    }
  }

  @Test func `keeps the bytes of others in a rewritten pack, and its place in the chain`() throws {
    let scratch = try Scratch.withUsers(isEncrypted: false)
    let old = try #require(try scratch.store.entries().first { $0.file.contains("pack-") })
    let before = try scratch.store.manifest(of: old)
    _ = try scratch.eraser().erase(user: "7", reason: "asked")
    let new = try #require(
      try scratch.store.entries().last { $0.file.contains("pack-") && $0.retired == nil })
    let after = try scratch.store.manifest(of: new)
    #expect(after.supersedes?.manifestSHA256.description == old.manifestSHA256)
    #expect(after.supersedes?.reason == "asked")
    #expect(after.generation == 2)
    for (index, stream) in after.streams.enumerated() {
      let (chunks, were) = (
        after.chunks.filter { $0.stream == index }, before.chunks.filter { $0.stream == index }
      )
      if stream.info.name.rawValue == "user-7-loans" {
        #expect(stream.info.lifecycle == .deleted && stream.info.metadata == nil)
        #expect(stream.types == before.streams[index].types)
        #expect(chunks != were)
      } else {
        #expect(stream == before.streams[index])
        #expect(chunks == were)
      }
    }
    // The old manifest told of the stream: only its hash stays.
    let retired = try scratch.store.entries().first { $0.archiveSeq == old.archiveSeq }
    #expect(retired?.hasManifest == false && retired?.manifestSHA256 == old.manifestSHA256)
  }

  /// Even one that says nothing else of the stream.
  @Test func `leaves of an old manifest only its hash where it says why the stream was held`()
    throws
  {
    let scratch = try Scratch()
    let name = try scratch.store.fill("user-7-loans", days: 5)
    try scratch.store.placeHold(on: name, reason: canary, by: .system)
    try Archiver(scratch.store, scratch.folder, now: day(40)).run([
      ArchivePolicy(streams: "user-*", coldAfter: days(20))
    ])
    let kept = try scratch.store.read { try Catalog.manifest($0.db, 1) }
    try #require(String(decoding: kept ?? [], as: UTF8.self).contains(canary))
    try scratch.store.liftHold(on: name, reason: "closed", by: .system)
    _ = try scratch.eraser().erase(user: "7", reason: "asked")
    #expect(try scratch.store.entries().map(\.hasManifest) == [false, true])
    #expect(try scratch.store.entries()[1].retired == nil)
    let check = try SegmentCheck(store: scratch.store, folder: scratch.folder)
      .run(level: .full, now: day(51))
    #expect(check.isSound)
  }

  @Test(arguments: [false, true])
  func `is still so in a store that is rebuilt from the segments`(isEncrypted: Bool) throws {
    let scratch = try Scratch.withUsers(isEncrypted: isEncrypted)
    _ = try scratch.eraser().erase(user: "7", reason: "asked")
    let others = try digests(scratch.store, scratch.folder)
    try #require(others.count == 2)
    let path = scratch.root + "/new.db"
    let report = try StoreRebuild(
      path: path, folder: scratch.folder, keyFiles: scratch.store.subjectKeys.files
    ).run(now: day(60))
    #expect(report.isSound)
    let store = try EventStore(path: path, keyFiles: scratch.store.subjectKeys.files)
    let history = History(store: store, folder: scratch.folder)
    for (name, digest) in others { #expect(try digests(store, scratch.folder)[name] == digest) }
    for name in try ["user-7-loans", "user-7-activity"].map({ try StreamName($0) }) {
      guard isEncrypted else {
        #expect {
          try history.forEachEvent(of: name) { _ in true }
        } throws: { ($0 as? StoreError)?.code == .streamDeleted }
        continue
      }
      var erased: Int64 = 0
      try history.forEachEvent(of: name) { event in
        erased += event.isErased && event.data.isEmpty ? 1 : 0
        return true
      }
      #expect(erased == (try store.read { try $0.readableStream(name).events }))
    }
    let check = try SegmentCheck(store: store, folder: scratch.folder)
      .run(level: .full, now: day(61))
    #expect(check.isSound)
  }

  @Test func `is forbidden by a legal hold on any of the user's streams`() throws {
    let scratch = try Scratch.withUsers(isEncrypted: true)
    let before = try digests(scratch.store, scratch.folder)
    let files = try fileSums(scratch.folder)
    try scratch.store.placeHold(on: try StreamName("user-7-loans"), reason: "case 17", by: .system)
    #expect(throws: StoreError.onHold(try StreamName("user-7-loans"), reason: "case 17")) {
      try scratch.eraser().erase(user: "7", reason: "asked")
    }
    #expect(try digests(scratch.store, scratch.folder) == before)
    #expect(try fileSums(scratch.folder) == files)
    #expect(try scratch.store.subjectKeys.hasKey(of: "user:7"))
    #expect(try scratch.store.pendingErasures().map(\.user) == [])
  }

  @Test func `reaches streams that were deleted before`() throws {
    let scratch = try Scratch.withUsers(isEncrypted: false)
    let before = try digests(scratch.store, scratch.folder)
    try scratch.store.delete(try StreamName("user-7-loans"), by: .system, reason: "retention")
    _ = try scratch.eraser().erase(user: "7", reason: "asked")
    try scratch.expectErased(before)
  }

  @Test(arguments: RewriteStep.allCases)
  func `is completed by the next run when it is killed`(step: RewriteStep) async throws {
    let scratch = try Scratch.withUsers(isEncrypted: false)
    let before = try digests(scratch.store, scratch.folder)
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [root = scratch.root as String, name = step.rawValue as String] in
      let store = try EventStore(path: root + "/store.db")
      let archiver = Archiver(store, ArchiveFolder(path: root + "/segments"), now: day(50))
      _ = try Eraser(archiver) { if $0.rawValue == name { raise(SIGKILL) } }
        .erase(user: "7", reason: "asked")
    }
    #expect(try scratch.store.pendingErasures().map(\.user) == ["7"])
    _ = try scratch.eraser().erase(user: "7", reason: "asked")
    try scratch.expectErased(before)
  }

  /// Its number is taken by then, and its name, here and at the target, is still its own.
  @Test func `is completed when something was archived between the kill and the next run`()
    async throws
  {
    let scratch = try Scratch()
    let mirror = scratch.root + "/mirror"
    try FileManager.default.createDirectory(atPath: mirror, withIntermediateDirectories: true)
    try scratch.store.fill("user-7-activity", days: 5, bytes: 160_000)
    func archive(_ streams: String, at now: Int64) throws {
      try Archiver(scratch.store, scratch.folder, now: day(now)).run([
        ArchivePolicy(
          streams: streams, coldAfter: days(20), settings: SegmentSettings(mirror: mirror))
      ])
    }
    try archive("user-*", at: 40)
    await #expect(processExitsWith: .signal(SIGKILL)) { [root = scratch.root as String] in
      let store = try EventStore(path: root + "/store.db")
      let archiver = Archiver(store, ArchiveFolder(path: root + "/segments"), now: day(50))
      _ = try Eraser(archiver) { if $0 == .copied { raise(SIGKILL) } }
        .erase(user: "7", reason: "asked")
    }
    try scratch.store.fill("service-uptime-api", days: 5)
    try archive("service-*", at: 51)
    let archiver = Archiver(scratch.store, scratch.folder, now: day(52))
    _ = try Eraser(archiver).erase(user: "7", reason: "asked")
    let entries = try scratch.store.entries()
    #expect(entries.map(\.retired) == [.superseded, nil, nil])
    let living = entries.filter { $0.retired == nil }.map(\.file).sorted()
    #expect(scratch.folder.files() == living)
    #expect(ArchiveFolder(path: mirror).files() == living)
    let check = try SegmentCheck(store: scratch.store, folder: scratch.folder)
      .run(level: .full, now: day(53))
    #expect(check.isSound && check.orphans == [])
  }

  /// Some of the user's events are sealed, and some are not: those the key does not keep secret.
  @Test func `whose key is gone and whose segments are not rewritten yet is completed`()
    async throws
  {
    let scratch = try Scratch.withUsers(isEncrypted: true)
    try scratch.store.fill("user-8-profile", days: 3, from: 38)
    try Archiver(scratch.store, scratch.folder, now: day(90)).run([
      ArchivePolicy(streams: "user-*-profile", coldAfter: days(20))
    ])
    let before = try digests(scratch.store, scratch.folder)
    try #require(before["user-7-profile"] != nil)
    await #expect(processExitsWith: .signal(SIGKILL)) { [root = scratch.root as String] in
      let store = try EventStore(path: root + "/store.db")
      let archiver = Archiver(store, ArchiveFolder(path: root + "/segments"), now: day(91))
      _ = try Eraser(archiver) { if $0 == .keyDestroyed { raise(SIGKILL) } }
        .erase(user: "7", reason: "asked")
    }
    let store = try EventStore(path: scratch.root + "/store.db")
    #expect(try store.pendingErasures().map(\.user) == ["7"])
    #expect(try store.subjectKeys.hasKey(of: "user:7") == false)
    let history = History(store: store, folder: scratch.folder)
    for name in ["user-7-loans", "user-7-activity", "user-7-profile"] {
      #expect {
        try history.forEachEvent(of: try StreamName(name)) { _ in true }
      } throws: { ($0 as? StoreError)?.code == .streamDeleted }
    }
    _ = try Eraser(Archiver(store, scratch.folder, now: day(92))).erase(user: "7", reason: "asked")
    try scratch.expectErased(before)
  }

  @Test func `stops, to be gone on with, at a segment that is damaged`() throws {
    let scratch = try Scratch.withUsers(isEncrypted: false)
    let pack = try #require(try scratch.store.entries().first { $0.file.contains("pack-") })
    let kept = try #require(
      try scratch.store.read { try Catalog.chunks($0.db, of: pack.archiveSeq) }.last)
    try flip(
      scratch.folder.file(pack.file), at: { _ in Int(kept.offset) + kept.compressedBytes / 2 })
    #expect(throws: (any Error).self) { try scratch.eraser().erase(user: "7", reason: "asked") }
    #expect(try scratch.store.pendingErasures().map(\.user) == ["7"])
    #expect(FileManager.default.fileExists(atPath: scratch.folder.file(pack.file)))
  }
}

@Suite struct `The keys of data subjects` {
  @Test func `are needed to read an encrypted segment, and are never taken for destroyed`() throws {
    let scratch = try Scratch.withUsers(isEncrypted: true)
    let files = scratch.store.subjectKeys.files
    #expect(throws: Never.self) { try digests(scratch.store, scratch.folder) }
    for path in [files.operatorKey, files.database] {
      try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
      #expect {
        try digests(scratch.store, scratch.folder)
      } throws: { ($0 as? HistoryError)?.code == .keyUnavailable }
      // Without a key everything is still held against its hash.
      let report = try SegmentCheck(store: scratch.store, folder: scratch.folder)
        .run(level: .full, now: day(51))
      #expect(report.isSound)
      try FileManager.default.moveItem(atPath: path + ".away", toPath: path)
    }
    try Data((String(repeating: "A", count: 43) + "=\n").utf8)
      .write(to: URL(filePath: files.operatorKey))
    #expect {
      try digests(scratch.store, scratch.folder)
    } throws: { ($0 as? HistoryError)?.code == .keyUnavailable }
  }

  @Test func `are readable by their owner only, and one a subject`() throws {
    let scratch = try Scratch()
    let keys = scratch.store.subjectKeys
    let loans = try keys.sealingKey(of: SubjectKeys.subject(of: try StreamName("user-7-loans")))
    #expect(try keys.sealingKey(of: "user:7") == loans)
    #expect(try scratch.store.subjectKeys.sealingKey(of: "user:7") == loans)
    #expect(try keys.sealingKey(of: "user:8") != loans)
    #expect(try keys.identity(loans.id)?.recipient == loans.recipient)
    for path in [keys.files.database, keys.files.operatorKey] {
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
      #expect(mode as? Int == 0o600)
    }
  }

  @Test func `are gone from their file when they are destroyed`() throws {
    let scratch = try Scratch()
    let keys = scratch.store.subjectKeys
    let id = try keys.sealingKey(of: "user:7").id
    _ = try keys.sealingKey(of: "user:8")
    func file() -> Data { FileManager.default.contents(atPath: keys.files.database) ?? Data() }
    #expect(file().range(of: Data(id.utf8)) != nil)
    #expect(try keys.destroy("user:7"))
    #expect(file().range(of: Data(id.utf8)) == nil)
    #expect(try keys.identity(id) == nil)
    #expect(try keys.destroy("user:7") == false)
    let left = try FileManager.default.contentsOfDirectory(atPath: scratch.root)
    #expect(left.filter { $0.hasPrefix("store.db.keys") } == ["store.db.keys"])
    // A new key has another id: what was sealed to the old one stays erased.
    #expect(try keys.sealingKey(of: "user:7").id != id)
  }

  @Test func `are not made anew under another operator's key`() throws {
    let scratch = try Scratch()
    let files = scratch.store.subjectKeys.files
    _ = try scratch.store.subjectKeys.sealingKey(of: "user:7")
    try FileManager.default.removeItem(atPath: files.operatorKey)
    #expect(throws: SubjectKeyError.self) {
      try scratch.store.subjectKeys.sealingKey(of: "user:8")
    }
    #expect(!FileManager.default.fileExists(atPath: files.operatorKey))
  }
}
