extension Schema {
  static let version4 = [deliveries, publications, oldRollups].joined(separator: "\n")

  /// Summaries of status facts are encoded otherwise now: the next night makes them anew.
  private static let oldRollups = """
    DELETE FROM rollups WHERE substr(summary, 1, 5) = x'526B534801';
    """
}
