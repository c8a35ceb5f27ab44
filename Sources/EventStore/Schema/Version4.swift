extension Schema {
  static let version4 = [deliveries, publications].joined(separator: "\n")
}
