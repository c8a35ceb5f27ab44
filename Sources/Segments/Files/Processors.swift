internal import Glibc

/// What the machine has to work with.
public enum Processors {
  /// How many threads can work beside the caller's with no two on one core: 0 to 7. More would only
  /// add buffers.
  public static let others = min(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1), 8) - 1
}
