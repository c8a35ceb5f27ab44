internal import EventStore
internal import Segments

extension Archiver {
  /// Settles what a process left that died while it archived; it may itself be killed anywhere.
  ///
  /// A job whose file has its final name is verified and adopted; any other starts again from
  /// nothing. Only this job's temporary file is deleted. A job whose stream was deleted meanwhile is
  /// dropped, and what it had published is moved aside. Copies that are owed are made first.
  func recover(_ summary: inout Summary) throws {
    try completeCopies(&summary)
    // There is one at most, unless the catalog lost segments that owed a copy.
    while let job = try store.read({ try ArchiveJob.pending($0.db, storeID: store.id) }) {
      try settle(job, &summary)
    }
  }

  private func settle(_ job: ArchiveJob, _ summary: inout Summary) throws {
    let home = home(of: job)
    try SegmentWriter.removePartials(of: job.id, in: home.path)
    guard try store.read({ try job.isPossible($0) }) else { return try drop(job) }
    if home.has(job.name.relativePath) {
      // The process may have died between naming the file and making the name durable.
      try SegmentWriter.syncFolders(of: job.name, in: home.path)
      onStep(.durable)
    } else {
      try write(job)
    }
    try adopt(job, &summary)
  }
}
