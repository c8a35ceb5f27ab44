internal import Foundation
internal import Glibc
internal import Segments

/// Parity beside a segment: `<segment>.par2`, one file, which heals a damaged sector or hole.
///
/// - I1. It has its name only when it is whole and synced; a killed run leaves nothing but a folder
///   under `.scratch`, which the next one removes.
/// - I2. The segment itself is never written: what is healed is healed in a copy.
///
/// To be used by whoever has the lock of the archive folder.
struct Parity {
  let folder: ArchiveFolder

  static let suffix = ".par2"

  /// Damage of this many bytes in one place is healed, however small the segment and the share.
  private static let holeBytes: Int64 = 8192
  /// A flipped sector spoils one block; par2 takes at most 32768 blocks, and 2000 keep it fast.
  private static let minBlockBytes: Int64 = 4096
  private static let maxBlocks: Int64 = 2000
  private static let memoryMiB = 64

  func has(_ file: String) -> Bool { folder.has(file + Self.suffix) }

  /// How much parity a segment has: bytes in a hundred of its own, 1…100; nil when it has none.
  func percent(of file: String) -> Int? {
    let (bytes, parity) = (folder.size(of: file), folder.size(of: file + Self.suffix))
    guard bytes > 0, parity > 0 else { return nil }
    // Headers make up less than one in a hundred where the share counts and not the least hole.
    return Int(max(1, min(100, parity * 100 / bytes)))
  }

  /// Makes the parity of a segment, unless what is there is sound.
  ///
  /// - Parameter percent: bytes of parity in a hundred bytes of segment, 1…100, at least what heals
  ///   a hole of 8 KiB.
  /// - Throws: ``ParityError``; `ArchiveError` `.folder`.
  func make(for file: String, percent: Int) throws {
    let par2 = try Par2()
    let segment = try absolute(file)
    let base = Folder.parent(of: segment)
    try folder.withScratch { scratch in
      if has(file), try par2.run(["verify", "-q", "-q", "-B", base, segment + Self.suffix]) == 0 {
        return
      }
      let shape = Self.shape(bytes: folder.size(of: file), percent: percent)
      let status = try par2.run([
        "create", "-q", "-q", "-s\(shape.blockBytes)", "-c\(shape.blocks)", "-n1",
        "-m\(Self.memoryMiB)", "-B", base, scratch + "/parity.par2", segment,
      ])
      guard status == 0 else { throw ParityError.failed(segment: file, status: status) }
      // The index file holds nothing that the file with the blocks does not hold, too.
      guard let volume = try Self.names(in: scratch).first(where: { $0.contains(".vol") }) else {
        throw ParityError.io(path: file + Self.suffix, "par2 wrote none")
      }
      try folder.publish(scratch + "/" + volume, as: file + Self.suffix)
    }
  }

  /// How many bytes a block has, and how many blocks of parity there are.
  static func shape(bytes: Int64, percent: Int) -> (blockBytes: Int64, blocks: Int64) {
    let least = (bytes + maxBlocks - 1) / maxBlocks
    let blockBytes = max(1, (least + minBlockBytes - 1) / minBlockBytes) * minBlockBytes
    let blocks = (bytes + blockBytes - 1) / blockBytes
    let share = (blocks * Int64(percent) + 99) / 100
    // A hole of n blocks' length may touch n + 1.
    let hole = (holeBytes + blockBytes - 1) / blockBytes + 1
    return (blockBytes, max(share, hole))
  }

  /// Heals a copy of a damaged segment.
  ///
  /// - Returns: the path of the healed copy in `scratch`; whether it is the segment is for the
  ///   caller to verify.
  /// - Throws: ``ParityError``.
  func heal(_ file: String, in scratch: String) throws -> String {
    let par2 = try Par2()
    let name = file.split(separator: "/").last.map(String.init) ?? file
    try checkNames(in: folder.file(file + Self.suffix), are: name, file)
    let copy = scratch + "/" + name
    try SalvageCopy.write(folder.file(file), to: copy)
    try SalvageCopy.write(folder.file(file + Self.suffix), to: copy + Self.suffix)
    let path = try Self.real(scratch)
    let status = try par2.run([
      "repair", "-q", "-q", "-m\(Self.memoryMiB)", "-B", path, "\(path)/\(name)\(Self.suffix)",
    ])
    guard status == 0 else { throw ParityError.failed(segment: file, status: status) }
    return copy
  }

  /// par2 writes to the names that the parity file says: they must be the segment's own.
  ///
  /// A packet is `PAR2\0PKT`, length (8, little endian), MD5 (16), set (16), type (16), body; the
  /// body of a `FileDesc` is id (16), two MD5 (32), length (8) and the name, padded with zeros
  /// (parchive.github.io, Parity Volume Set Specification 2.0).
  private func checkNames(in path: String, are name: String, _ file: String) throws {
    guard let content = FileManager.default.contents(atPath: path) else {
      throw ParityError.io(path: path, String(cString: strerror(errno)))
    }
    let type = Data("PAR 2.0\0FileDesc".utf8)
    var rest = content[...]
    while let range = rest.range(of: type) {
      rest = content[range.upperBound...]
      let packet = range.lowerBound - 48
      let nameStart = range.upperBound + 56
      guard packet >= 0, nameStart < content.count else { continue }
      let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(content[packet + 8 + $1]) << (8 * $1) }
      guard length < UInt64(content.count), packet + Int(length) > nameStart,
        packet + Int(length) <= content.count
      else { continue }
      let written = content[nameStart..<(packet + Int(length))].prefix { $0 != 0 }
      guard written.elementsEqual(name.utf8) else {
        throw ParityError.wrongSidecar(segment: file, "is for another file")
      }
    }
  }

  private func absolute(_ file: String) throws -> String { try Self.real(folder.file(file)) }

  private static func real(_ path: String) throws -> String {
    guard let real = realpath(path, nil) else {
      throw ParityError.io(path: path, String(cString: strerror(errno)))
    }
    defer { free(real) }
    return String(cString: real)
  }

  private static func names(in path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path)
  }
}
