internal import Reports
internal import Streams

/// A folder that has a copy of each night's reports, `latest`, and an index of all of them.
struct FolderDestination: Destination {
  let path: String
  /// Patterns; nil for all.
  let files: [String]?
  let catchUp: CatchUp

  init(_ yaml: YAMLMapping) throws {
    path = try yaml.required(try yaml.text("folder"), "folder")
    guard path.hasPrefix("/") else { throw yaml.wrong("folder", expected: "an absolute path") }
    files = try yaml.texts("files")
    catchUp = try CatchUp(yaml, default: .each)
  }

  var identity: String { "folder \(path)" }

  func attempt(_ parcel: Parcel, _ means: DeliveryMeans) throws -> Attempt {
    let chosen = try parcel.select(files)
    let templates = try means.templates.get()
    do {
      let folder = try ReportFolder(path, parcel.date)
      for file in chosen { try folder.write(file.name, parcel.read(file)) }
      try folder.becomeLatest()
      if means.isLast { try ReportIndex(path).write(templates) }
      return .delivered("\(chosen.count) files in \(folder.path)")
    } catch let error as PipelineError {
      // A disk that is full or not mounted now may be otherwise later.
      return .postponed(error.message)
    }
  }
}
