public import Streams

/// What the users did, summed up so that any figure of any period can be made of it.
///
/// Folding is associative: merging the histories of adjacent ranges, or of different streams, gives
/// the history of both. Memory: about 8 bytes an action; each name of an actor, type or topic once.
public struct ActivityHistory: Hashable, Sendable {
  /// Neighbouring actions of one actor, from `offset` in `packed`.
  struct Run: Hashable, Sendable {
    let actor: Int
    let offset: Int
    var count: Int
  }

  private(set) var actors = Interner()
  private(set) var kinds = ActionKinds()
  private(set) var runs: [Run] = []
  /// An action: time (signed varint, µs after the one before in its run, the first after 1970),
  /// kind (varint), bytes (varint).
  private(set) var packed = ByteWriter()
  private var lastTimeUs: Int64 = 0
  private var firstTimeUs: Int64?

  public init() {}

  public var actionCount: Int { runs.reduce(0) { $0 + $1.count } }

  /// The time of the earliest action; nil when there is none.
  public var firstActionAt: Timestamp? { firstTimeUs.map(Timestamp.init(microseconds:)) }

  /// Adds an event of one of `actor`'s streams. The caller folds one stream after another.
  ///
  /// The data's own top-level `category`, a string, is the action's topic.
  ///
  /// - Parameter category: the category of the stream.
  /// - Complexity: O(n) in the bytes of the data, no allocation for a kind of action just seen.
  public mutating func receive(_ event: EventView, actor: String, category: String) {
    let kind = kinds.number(
      category: category, type: event.type, topic: ActionTopic(of: event.data))
    append(
      Action(
        timeUs: event.timestamp.microseconds, kind: kind,
        bytes: event.data.count + event.metadata.count),
      actor: actor)
  }

  /// Adds what was read after this history was.
  ///
  /// - Complexity: O(n) in the actions of `later`.
  public mutating func merge(_ later: ActivityHistory) {
    var numbers: [Int?] = Array(repeating: nil, count: later.kinds.count)
    for run in later.runs {
      let actor = later.actors[run.actor]
      later.forEachAction(of: run) { action in
        var action = action
        let number = numbers[action.kind] ?? kinds.number(of: later.kinds[action.kind])
        numbers[action.kind] = number
        action.kind = number
        append(action, actor: actor)
      }
    }
  }

  mutating func intern(_ kind: ActionKinds.Kind) -> Int { kinds.number(of: kind) }

  mutating func append(_ action: Action, actor: String) {
    continueRun(of: actor)
    packed.signed(action.timeUs &- lastTimeUs)
    packed.count(action.kind)
    packed.count(action.bytes)
    lastTimeUs = action.timeUs
    runs[runs.count - 1].count += 1
    firstTimeUs = min(firstTimeUs ?? action.timeUs, action.timeUs)
  }

  private mutating func continueRun(of actor: String) {
    if let run = runs.last, actors[run.actor] == actor { return }
    runs.append(Run(actor: actors.intern(actor), offset: packed.bytes.count, count: 0))
    lastTimeUs = 0
  }

  /// Calls `body` with each action of `run`, in the order they were read.
  func forEachAction(of run: Run, _ body: (Action) -> Void) {
    packed.bytes.withUnsafeBytes { bytes in
      var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[run.offset...]))
      var timeUs: Int64 = 0
      for _ in 0..<run.count { body(Action(from: &reader, after: &timeUs)) }
    }
  }

  public static func == (a: ActivityHistory, b: ActivityHistory) -> Bool {
    a.actors == b.actors && a.kinds == b.kinds && a.runs == b.runs && a.packed == b.packed
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(actors)
    hasher.combine(packed)
  }
}

/// One event of one user.
struct Action {
  var timeUs: Int64
  var kind: Int
  /// Of data and metadata.
  var bytes: Int

  init(timeUs: Int64, kind: Int, bytes: Int) {
    self.timeUs = timeUs
    self.kind = kind
    self.bytes = bytes
  }

  @inline(__always)
  init(from reader: inout ByteReader, after lastTimeUs: inout Int64) {
    lastTimeUs &+= reader.signed()
    timeUs = lastTimeUs
    kind = Int(truncatingIfNeeded: reader.varint())
    bytes = Int(truncatingIfNeeded: reader.varint())
  }
}
