/// What `restore.mustache` shows: texts only, ready to be placed. As in ``UptimePage``, the names are
/// the template's tags and what may be absent is a list.
struct RestorePage {
  let style: String
  let title: String
  let period: String
  let headline: String
  let tiles: [Tile]
  let warnings: [Warnings]
  let facts: [Fact]
  let streams: [Stream]
  let checks: [String]
  let segmentTables: [SegmentTable]
  let firstCommand: String
  let files: [File]

  struct Tile {
    let label: String
    let value: String
    let note: String
  }

  struct Warnings {
    let sentences: [String]
  }

  struct Fact {
    let label: String
    let value: String
  }

  struct Stream {
    let name: String
    let folders: [String]
    let events: String
    let proven: String
    let revisions: String
    let times: String
  }

  struct SegmentTable {
    let segments: [Segment]

    struct Segment {
      let number: String
      let segment: String
      let chunks: String
      let events: String
      let state: String
      let signedBy: String
      let manifest: String
    }
  }

  struct File {
    let name: String
    let says: String
  }
}
