internal import Glibc

/// Folders on disk.
package enum Folder {
  /// Makes `path` and its missing parents; returns those that now have a new entry to be synced.
  static func make(_ path: String) throws(SegmentError) -> [String] {
    if exists(path) { return [] }
    let parent = parent(of: path)
    let changed = try make(parent)
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
      throw .io(operation: "mkdir", path: path, errno: errno)
    }
    return changed + [parent]
  }

  /// Makes the names in a folder durable.
  package static func sync(_ path: String) throws(SegmentError) {
    try OpenFile(path, flags: O_RDONLY | O_DIRECTORY).sync()
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// The names in `path`, without `.` and `..`; none if there is no such folder.
  package static func names(in path: String) throws(SegmentError) -> [String] {
    guard let folder = opendir(path) else {
      if errno == ENOENT { return [] }
      throw .io(operation: "opendir", path: path, errno: errno)
    }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  package static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
