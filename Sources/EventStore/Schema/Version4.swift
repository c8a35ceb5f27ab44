extension Schema {
  static let version4 = [deliveries].joined(separator: "\n")
}
