internal import Streams

/// Something a user did, with the details the portal keeps.
struct UserAction {
  let name: String
  /// A JSON object.
  let details: [UInt8]

  /// - Parameter isFirst: the day the user came: forms are filled in.
  static func roll(
    _ category: UserCategory, isFirst: Bool, _ dice: inout Dice
  ) -> UserAction {
    switch category {
    case .profile: profile(isFirst, &dice)
    case .preferences: preferences(&dice)
    case .activity: activity(&dice)
    case .loans: loans(&dice)
    case .offers: offers(&dice)
    }
  }

  private static func profile(_ isFirst: Bool, _ dice: inout Dice) -> UserAction {
    var details = JSONDraft()
    details.add("displayName", dice.pick(givenNames) + " " + dice.pick(familyNames))
    details.add("city", dice.pick(["Bergen", "Cape Town", "Dunedin", "Hobart", "Ushuaia"]))
    details.add("postalCode", String(dice.roll(1000..<9999)))
    details.add("marketingConsent", dice.chance(permille: 350))
    let name =
      isFirst ? "registered" : dice.pick(["address-updated", "phone-updated", "email-confirmed"])
    return UserAction(name: name, details: details.closed())
  }

  private static func preferences(_ dice: inout Dice) -> UserAction {
    var details = JSONDraft()
    details.add("language", dice.pick(["en", "de", "nb", "es"]))
    details.add("theme", dice.pick(["light", "dark", "system"]))
    details.add("newsletter", dice.chance(permille: 400))
    details.add("notifications") {
      $0.add("email", dice.chance(permille: 700))
      $0.add("push", dice.chance(permille: 500))
    }
    return UserAction(
      name: dice.pick(["language-changed", "theme-changed", "notifications-changed"]),
      details: details.closed())
  }

  private static func activity(_ dice: inout Dice) -> UserAction {
    let names = [
      "page-viewed", "logged-in", "searched", "document-downloaded", "message-read", "logged-out",
    ]
    let name = names[dice.index(weighted: [52, 16, 12, 8, 8, 4])]
    var details = JSONDraft()
    details.add(
      "page", dice.pick(["/", "/accounts", "/loans", "/offers", "/messages", "/documents"]))
    if name == "searched" {
      details.add("query", dice.pick(["fish futures", "interest", "iceberg", "statement 2025"]))
      details.add("results", dice.roll(0..<40))
    }
    if name == "document-downloaded" { details.add("bytes", dice.roll(20_000..<900_000)) }
    details.add("durationMs", dice.roll(40..<900))
    return UserAction(name: name, details: details.closed())
  }

  private static func loans(_ dice: inout Dice) -> UserAction {
    let names = [
      "loan-simulated", "application-started", "application-submitted", "document-uploaded",
      "instalment-paid",
    ]
    var details = JSONDraft()
    details.add("loanId", "L-" + String(dice.roll(10_000..<99_999)))
    details.add("amountCents", dice.roll(10..<400) * 100_00)
    details.add("currency", "EUR")
    details.add("months", dice.roll(1...10) * 12)
    details.add("rateBasisPoints", dice.roll(240..<790))
    return UserAction(
      name: names[dice.index(weighted: [48, 14, 8, 10, 20])], details: details.closed())
  }

  private static func offers(_ dice: inout Dice) -> UserAction {
    let names = ["offer-viewed", "offer-saved", "offer-accepted", "offer-declined"]
    var details = JSONDraft()
    details.add("offerId", "O-" + String(dice.roll(100..<180)))
    details.add(
      "product", dice.pick(["ice-saver", "krill-card", "nest-loan", "swim-insurance"]))
    details.add("channel", dice.pick(["portal", "mail", "push"]))
    details.add("validDays", dice.pick([7, 14, 30]))
    return UserAction(
      name: names[dice.index(weighted: [68, 14, 7, 11])], details: details.closed())
  }

  private static let givenNames = [
    "Ada", "Bela", "Chinstrap", "Dora", "Erik", "Fiordland", "Gentoo", "Hana", "Ines", "Jonas",
  ]
  private static let familyNames = [
    "Adelie", "Emperor", "Humboldt", "King", "Macaroni", "Magellan", "Rockhopper", "Snares",
  ]
}
