public import Foundation
internal import Streams

/// A report in a file.
public enum ReportFile {
  /// Writes it so that a reader sees the old one or the new one, whole.
  ///
  /// - Throws: ``PipelineError/unwritable(path:detail:)``.
  public static func write(_ data: Data, to path: String) throws(PipelineError) {
    do {
      try data.write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw .unwritable(path: path, detail: "\(error.localizedDescription)")
    }
  }
}
