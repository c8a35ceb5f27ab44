internal import Archive

extension Targets.Settings {
  /// One of the list under `targets`.
  init(_ yaml: YAMLMapping) throws {
    self.init(
      name: try yaml.required(try yaml.text("name"), "name"),
      address: try yaml.required(try yaml.text("address"), "address"))
    guard (try? TargetAddress(address)) != nil else {
      throw yaml.wrong("address", expected: "s3://bucket/prefix or the path of a folder")
    }
    endpoint = try yaml.text("endpoint")
    region = try yaml.text("region")
    isPathStyle = try yaml.flag("pathStyle")
    credentials = try yaml.text("credentials")
    let mode = try yaml.text("lock").map { text in
      guard let mode = ObjectLock.Mode(rawValue: text) else {
        throw yaml.wrong("lock", expected: "governance or compliance")
      }
      return mode
    }
    if let mode {
      lock = ObjectLock(
        mode: mode, lockFor: try yaml.required(try yaml.duration("lockFor"), "lockFor"))
    }
    try yaml.refuseOtherKeys()
  }
}
