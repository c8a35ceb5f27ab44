import Foundation

/// A file system in memory that knows what is durable and what is not.
///
/// It is as mean as POSIX allows: a sync of a file keeps its bytes, length and mode and nothing
/// else, a sync of a folder the names in it; of all other changes a power cut keeps any part.
struct RecordedDisk {
  /// A change to a file or a folder that was not synced yet.
  private enum Change {
    case write(at: Int, ArraySlice<UInt8>)
    case truncate(Int)
    case mode(Int)
    case enter(String, inode: Int)
    case leave(String)
  }

  private struct Content {
    var bytes: [UInt8] = []
    var mode = 0o600
    var names: [String: Int] = [:]
    var isFolder = false

    mutating func apply(_ change: Change) {
      switch change {
      case .write(let offset, let new):
        if bytes.count < offset + new.count {
          bytes += [UInt8](repeating: 0, count: offset + new.count - bytes.count)
        }
        bytes.replaceSubrange(offset..<offset + new.count, with: new)
      case .truncate(let count):
        bytes = Array(bytes.prefix(count)) + Array(repeating: 0, count: max(0, count - bytes.count))
      case .mode(let mode): self.mode = mode
      case .enter(let name, let inode): names[name] = inode
      case .leave(let name): names[name] = nil
      }
    }
  }

  private struct Inode {
    var now: Content
    var durable: Content
    var pending: [Change] = []
  }

  /// What a disk writes whole or not at all.
  private static let pageBytes = 4096
  private var inodes = [
    Inode(now: Content(isFolder: true), durable: Content(isFolder: true))
  ]

  /// Everything under `path`, durable.
  init(copying path: String) throws {
    for name in FileManager.default.subpaths(atPath: path)?.sorted() ?? [] {
      if isDirectory(path + "/" + name) {
        make(name, isFolder: true)
      } else {
        make(name, isFolder: false)
        let bytes = FileManager.default.contents(atPath: path + "/" + name) ?? Data()
        change(name, .write(at: 0, Array(bytes)[...]))
      }
    }
    for inode in inodes.indices { sync(inode) }
  }

  // MARK: - Calls

  mutating func apply(_ call: RecordedCall) {
    switch call {
    case .create(let path): if inode(path) == nil { make(path, isFolder: false) }
    case .makeFolder(let path): make(path, isFolder: true)
    case .write(let path, let offset, let bytes):
      let start = offset ?? inode(path).map { inodes[$0].now.bytes.count } ?? 0
      for page in stride(from: 0, to: bytes.count, by: Self.pageBytes) {
        let part = bytes[page..<min(page + Self.pageBytes, bytes.count)]
        change(path, .write(at: start + page, part))
      }
    case .truncate(let path, let count): change(path, .truncate(count))
    case .mode(let path, let mode): change(path, .mode(mode))
    case .link(let path, let other):
      if let inode = inode(path) { enter(other, inode) }
    case .rename(let path, let other):
      if let inode = inode(path) { enter(other, inode) }
      change(Self.parent(path), .leave(Self.name(path)))
    case .unlink(let path): change(Self.parent(path), .leave(Self.name(path)))
    case .sync(let path): if let inode = inode(path) { sync(inode) }
    case .step: break
    }
  }

  private mutating func make(_ path: String, isFolder: Bool) {
    let content = Content(isFolder: isFolder)
    inodes.append(Inode(now: content, durable: content))
    enter(path, inodes.count - 1)
  }

  private mutating func enter(_ path: String, _ inode: Int) {
    change(Self.parent(path), .enter(Self.name(path), inode: inode))
  }

  private mutating func change(_ path: String, _ change: Change) {
    guard let inode = inode(path) else { return }
    inodes[inode].now.apply(change)
    inodes[inode].pending.append(change)
  }

  private mutating func sync(_ inode: Int) {
    inodes[inode].durable = inodes[inode].now
    inodes[inode].pending = []
  }

  private func inode(_ path: String) -> Int? {
    path.split(separator: "/").reduce(0 as Int?) { folder, name in
      folder.flatMap { inodes[$0].now.names[String(name)] }
    }
  }

  private static func parent(_ path: String) -> String {
    path.split(separator: "/").dropLast().joined(separator: "/")
  }

  private static func name(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? ""
  }

  // MARK: - The end

  /// As it is for those who have not lost the power.
  func write(to path: String) throws { try write(0, path) { $0.now } }

  /// As it is after a power cut: what was synced, and of the rest what `random` leaves.
  func write(to path: String, keepingSomeBy random: inout some RandomNumberGenerator) throws {
    try write(0, path) { inode in
      var content = inode.durable
      for change in inode.pending where Bool.random(using: &random) { content.apply(change) }
      return content
    }
  }

  /// As it is after a power cut that leaves nothing but what was synced.
  func writeDurable(to path: String) throws { try write(0, path) { $0.durable } }

  private func write(_ inode: Int, _ path: String, _ choose: (Inode) -> Content) throws {
    let content = choose(inodes[inode])
    guard content.isFolder else {
      try Data(content.bytes).write(to: URL(filePath: path))
      return try FileManager.default.setAttributes(
        [.posixPermissions: content.mode], ofItemAtPath: path)
    }
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for (name, inode) in content.names.sorted(by: { $0.key < $1.key }) {
      try write(inode, path + "/" + name, choose)
    }
  }
}
