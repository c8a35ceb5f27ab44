/// What happened in one category, in one of its types, or in one topic of a type.
public struct ActivityBreakdown: Hashable, Sendable {
  /// The category of the stream (`profile`, `activity`, …).
  public var category: String
  /// Nil for all types of the category.
  public var type: String?
  /// The data's own `category`, where it has one.
  public var topic: String?
  public var events: Int
  public var actors: Int
  public var bytes: Int64
  /// Events per actor, nearest rank.
  public var perActorP50: Int
  public var perActorP95: Int
  public var perActorMax: Int

  public init(
    category: String, type: String?, topic: String?, events: Int, actors: Int, bytes: Int64,
    perActorP50: Int, perActorP95: Int, perActorMax: Int
  ) {
    self.category = category
    self.type = type
    self.topic = topic
    self.events = events
    self.actors = actors
    self.bytes = bytes
    self.perActorP50 = perActorP50
    self.perActorP95 = perActorP95
    self.perActorMax = perActorMax
  }
}
