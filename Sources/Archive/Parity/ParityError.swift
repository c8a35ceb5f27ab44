public import Streams

/// Why there is no parity beside a segment, or why it does not heal. The segment is as it was.
public enum ParityError: CodedError, Equatable {
  /// The tool is not on this machine.
  case toolMissing
  /// The tool ended with this status (par2cmdline, `libpar2.h`).
  case failed(segment: String, status: Int32)
  /// There is parity, and no file that it could heal.
  case nothingToHeal(segment: String)
  /// The parity file is not one for this segment.
  case wrongSidecar(segment: String, String)
  case io(path: String, String)

  public var code: ErrorCode {
    switch self {
    case .toolMissing: .toolMissing
    case .nothingToHeal: .segmentMissing
    case .failed, .wrongSidecar: .segmentCorrupt
    case .io: .ioError
    }
  }

  public var message: String {
    switch self {
    case .toolMissing: "The tool par2, which makes and uses parity, is not installed."
    case .failed(let segment, let status):
      "par2 failed on segment \(segment): \(Self.meaning(status))."
    case .nothingToHeal(let segment):
      "There is parity for segment \(segment), but it heals a damaged file and can't replace one."
    case .wrongSidecar(let segment, let why): "The parity beside segment \(segment) \(why)."
    case .io(let path, let why): "The parity file \(path) can't be written or read: \(why)."
    }
  }

  public var remedy: String {
    switch self {
    case .toolMissing: "Install the package par2 (apt-get install par2) and run again."
    case .nothingToHeal, .failed(_, 2), .failed(_, 4): "Use another copy of the segment."
    case .failed: "Check the disk and its free space, and run again."
    case .wrongSidecar: "Move it away; it is of no use here."
    case .io: "Check the disk, its free space and the rights to the archive folder."
    }
  }

  private static func meaning(_ status: Int32) -> String {
    switch status {
    case 1: "it is damaged and was not repaired"
    case 2: "there is more damage than parity"
    case 3: "it does not take these arguments"
    case 4: "the parity file is damaged itself"
    case 5: "the repair did not give the file it should"
    case 6: "a file can't be read or written"
    case 8: "there is not enough memory"
    default: "it ended with status \(status)"
    }
  }
}
