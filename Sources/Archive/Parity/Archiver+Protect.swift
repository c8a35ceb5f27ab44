internal import Segments
internal import Streams

extension Archiver {
  /// Puts parity beside a segment that is durable and verified. A segment without it is whole all
  /// the same: what goes wrong is told, and does not keep it from being archived.
  func protect(_ job: ArchiveJob, _ summary: inout Summary) {
    guard job.settings.parityPercent > 0 else { return }
    let file = job.name.relativePath
    guard job.settings.target == nil else {
      summary.unprotected.append("\(file): parity lies beside segments in the archive folder only")
      return
    }
    if let failure = protect(file, percent: job.settings.parityPercent) {
      summary.unprotected.append(failure)
    } else {
      onStep(.parity)
    }
  }

  /// Puts as much parity beside a segment as the one has whose place it takes.
  ///
  /// - Returns: what went wrong; nil when nothing did.
  func protect(_ file: String, like old: String) -> String? {
    Parity(folder: folder).percent(of: old).flatMap { protect(file, percent: $0) }
  }

  private func protect(_ file: String, percent: Int) -> String? {
    do {
      try Parity(folder: folder).make(for: file, percent: percent)
      return nil
    } catch let error as any CodedError {
      return "\(file): \(error.message) \(error.remedy)"
    } catch {
      return "\(file): \(error)"
    }
  }
}
