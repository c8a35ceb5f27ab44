internal import EventStore
internal import Segments

extension Archiver {
  /// Settles what a process left that died while it archived; it may itself be killed anywhere.
  ///
  /// A job whose file has its final name is verified and adopted; any other starts again from
  /// nothing. Only this job's temporary file is deleted. A job whose stream was deleted meanwhile is
  /// dropped, and what it had published is moved aside. Copies that are owed are made first.
  ///
  /// Of the streams of somebody whose erasure was begun nothing is archived or sent to a target any
  /// more, if that can be helped: a job that has one is cancelled, and its other streams are cold in
  /// the next run as well.
  ///
  /// - Parameter user: whose erasure is about to be begun.
  func recover(_ summary: inout Summary, erasing user: String? = nil) throws {
    let begun = try store.pendingErasures().filter { $0.waitingSince == nil }.map(\.user)
    let streams = try store.read { snapshot in
      Set(
        try (begun + [user].compactMap(\.self)).flatMap { try snapshot.streams(ofUser: $0) }.map(
          \.id))
    }
    try completeCopies(&summary, erasing: streams)
    // There is one at most, unless the catalog lost segments that owed a copy.
    while let job = try store.read({ try ArchiveJob.pending($0.db, storeID: store.id) }) {
      if job.ranges.contains(where: { streams.contains($0.stream) }), try cancel(job) { continue }
      try settle(job, &summary)
    }
  }

  /// Gives a job up, with all that there is of its segment, here and at targets; its rows stay.
  ///
  /// - Returns: false when a lock keeps a copy, or a target that may have one is away: then the catalog
  ///   is to know of it.
  private func cancel(_ job: ArchiveJob) throws -> Bool {
    do {
      for place in job.settings.places {
        try folder.targets.target(place).delete(job.name.relativePath) { file in
          file.manifest?.storeID == store.id && file.manifest?.archiveSeq == job.archiveSeq
        }
      }
    } catch is TargetError {
      return false
    }
    let home = home(of: job)
    try SegmentWriter.removePartials(of: job.id, in: home.path)
    try home.remove(job.name.relativePath)
    try store.write { try ArchiveJob.delete($0, job.archiveSeq) }
    return true
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
