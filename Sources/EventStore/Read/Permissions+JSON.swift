public import Streams

extension Permissions {
  /// Reads `{"read":["*"],"write":["user:42"]}`, as somebody sets it.
  ///
  /// - Throws: `SchemaViolation` for anything else: a rule that was misread would leave open what
  ///   was to be closed.
  public init(checking json: String) throws(SchemaViolation) {
    var problem: SchemaViolation?
    let permissions = Self.read(json) { problem = problem ?? $0 }
    if let problem { throw problem }
    self = permissions ?? Permissions()
  }

  /// Reads what the store holds; a name it does not know grants nothing.
  init?(json: String) {
    guard let permissions = Self.read(json, { _ in }) else { return nil }
    self = permissions
  }

  private static func read(
    _ json: String, _ report: (SchemaViolation) -> Void
  ) -> Permissions? {
    var grants: [Action: Set<Grantee>] = [:]
    var json = json
    let isObject = json.withUTF8 { utf8 in
      JSONMembers.forEach(in: UnsafeRawBufferPointer(utf8)) { key, value in
        let name = String(decoding: key, as: UTF8.self)
        guard let action = Action(rawValue: name) else {
          return report(
            SchemaViolation(
              field: "permissions.\(name)", reason: "is none of read, write, administer"))
        }
        grants[action] = grantees(value, name, report)
      }
    }
    guard isObject else {
      report(SchemaViolation(field: "permissions", reason: "must be a JSON object"))
      return nil
    }
    return Permissions(grants)
  }

  private static func grantees(
    _ value: JSONSlice, _ action: String, _ report: (SchemaViolation) -> Void
  ) -> Set<Grantee> {
    let expected = "must be a list of *, system, anonymous or user:ID"
    var grantees: Set<Grantee> = []
    let isArray = JSONMembers.forEachElement(in: value.bytes) { element in
      if let grantee = element.string.flatMap({ Grantee($0) }) {
        grantees.insert(grantee)
      } else {
        report(SchemaViolation(field: "permissions.\(action)", reason: expected))
      }
    }
    if !isArray { report(SchemaViolation(field: "permissions.\(action)", reason: expected)) }
    return grantees
  }
}
