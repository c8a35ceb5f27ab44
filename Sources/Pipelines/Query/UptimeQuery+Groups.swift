internal import Analytics

extension UptimeQuery.Group {
  /// Reads `web=http,websocket` or `web=http,websocket:best`: name, members, rule (worst unless said).
  ///
  /// What follows the last `:` is the rule, so that a member may hold one; a name with `,` or `=` needs
  /// the options object.
  ///
  /// - Throws: ``QueryError/wrongValue(field:expected:)``.
  public init(_ text: String) throws(QueryError) {
    let wrong = QueryError.wrongValue(
      field: "group", expected: "NAME=MEMBER,MEMBER:RULE, with worst or best as the rule")
    guard let equals = text.firstIndex(of: "=") else { throw wrong }
    var list = text[text.index(after: equals)...]
    var rule = GroupRule.worst
    if let colon = list.lastIndex(of: ":") {
      guard let named = GroupRule(rawValue: String(list[list.index(after: colon)...])) else {
        throw wrong
      }
      rule = named
      list = list[..<colon]
    }
    let members = list.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard equals > text.startIndex, members.allSatisfy({ !$0.isEmpty }) else { throw wrong }
    self.init(name: String(text[..<equals]), members: members, rule: rule)
  }
}
