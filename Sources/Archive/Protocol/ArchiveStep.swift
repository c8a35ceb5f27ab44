/// The steps of the archive protocol, in order; a crash right after any of them loses nothing.
public enum ArchiveStep: String, CaseIterable, Sendable {
  /// P0: the job and its ranges are recorded.
  case sealed
  /// P1: the chunks are written, under a temporary name.
  case written
  /// P2: manifest and seek table are written, the file is read-only and synced.
  case finished
  /// P3: the file has its final name.
  case published
  /// P4: the folder is synced.
  case durable
  /// P5: the file was read again from disk and every event compared with its row.
  case verified
  /// Parity lies beside the file, where the policy asks for it.
  case parity
  /// P6: the copies at targets were written and read back, if there are to be any.
  case copied
  /// P7: the catalog knows the segment; both copies live.
  case archived
  /// P9: after the grace period the file was read once more.
  case verifiedAgain
  /// P10: one slice of rows is gone.
  case released
  /// P10: the catalog says that all rows of the segment are gone.
  case pruned
  /// P11: the space is back with the file system.
  case vacuumed
}
