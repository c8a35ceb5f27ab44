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
    do {
      try Parity(folder: folder).make(for: file, percent: job.settings.parityPercent)
      onStep(.parity)
    } catch let error as any CodedError {
      summary.unprotected.append("\(file): \(error.message) \(error.remedy)")
    } catch {
      summary.unprotected.append("\(file): \(error)")
    }
  }
}
