import EventStore
import Glibc
import Streams

/// A store in a folder of its own, which goes when the test ends.
final class ScratchStore {
  let folder: String
  let store: EventStore

  init() throws {
    var template = Array("/tmp/rookery-demo-XXXXXX".utf8CString)
    folder = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? ""
    }
    store = try EventStore(path: folder + "/store", mode: .createIfMissing)
  }

  deinit {
    for name in ["store", "store-wal", "store-shm", "lines.ndjson"] { unlink("\(folder)/\(name)") }
    rmdir(folder)
  }

  var events: Int64 {
    get throws {
      try store.read { snapshot in
        try snapshot.streams().filter { !$0.name.isReserved }.reduce(0) { $0 + $1.events }
      }
    }
  }
}
