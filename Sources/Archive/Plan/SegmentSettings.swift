internal import Foundation
public import Segments

/// How a segment is made and where it goes. Streams share a pack only where all of this is equal.
///
/// It is stored with the job (as JSON), so that what a process left when it died is finished as it
/// was begun, whatever the policies say by then.
public struct SegmentSettings: Sendable, Hashable, Codable {
  /// A segment is closed at about this many bytes of event lines.
  public var segmentBytes: Int64
  /// The zstd level, 1...22.
  public var level: Int32
  /// Where the first copy goes: nil is the archive folder, otherwise an address such as
  /// `s3://bucket/prefix`.
  public var target: String?
  /// Where a second copy goes before any row is released; nil for none.
  public var mirror: String?
  /// Its manifest carries an Ed25519 signature.
  public var isSigned: Bool
  /// Its chunks are sealed to the key of the stream's data subject.
  public var isEncrypted: Bool
  /// Bytes of parity beside the segment, in a hundred of its own; 0: none.
  public var parityPercent: Int

  /// 256 MiB.
  public static let segmentBytes: Int64 = 256 << 20

  public init(
    segmentBytes: Int64 = Self.segmentBytes, level: Int32 = SegmentLimits.level,
    target: String? = nil, mirror: String? = nil, isSigned: Bool = false, isEncrypted: Bool = false,
    parityPercent: Int = 0
  ) {
    precondition(segmentBytes > 0)
    self.segmentBytes = segmentBytes
    self.level = level
    self.target = target
    self.mirror = mirror
    self.isSigned = isSigned
    self.isEncrypted = isEncrypted
    self.parityPercent = parityPercent
  }
}

extension SegmentSettings {
  /// The targets that get a copy, as the policy names them.
  var places: [String] { [target, mirror].compactMap { $0 } }

  /// One line of JSON, keys sorted.
  var text: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }

  init(text: Substring) throws {
    self = try JSONDecoder().decode(Self.self, from: Data(text.utf8))
  }
}
