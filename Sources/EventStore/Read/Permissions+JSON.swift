internal import Streams

extension Permissions {
  /// Reads `{"read":["*"],"write":["user:42"]}`; a name it does not know grants nothing.
  init?(json: String) {
    var grants: [Action: Set<Grantee>] = [:]
    var json = json
    let isObject = json.withUTF8 { utf8 in
      JSONMembers.forEach(in: UnsafeRawBufferPointer(utf8)) { key, value in
        guard let action = Action(rawValue: String(decoding: key, as: UTF8.self)) else { return }
        var grantees: Set<Grantee> = []
        JSONMembers.forEachElement(in: value.bytes) { element in
          if let grantee = element.string.flatMap({ Grantee($0) }) { grantees.insert(grantee) }
        }
        grants[action] = grantees
      }
    }
    guard isObject else { return nil }
    self.init(grants)
  }
}
