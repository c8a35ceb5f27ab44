package import Analytics
internal import Streams

extension Correction {
  /// Its kind in data files.
  package var kind: String {
    switch effect {
    case .annotation: "annotation"
    case .reclassification: "reclassification"
    case .exclusion: "exclusion"
    case .maintenance: "maintenance"
    }
  }

  /// What it says, in words.
  package var says: String {
    switch effect {
    case .annotation: "cause: \(asCause)"
    case .reclassification(let state): "was \(state.word)"
    case .exclusion: "excluded"
    case .maintenance: "planned maintenance"
    }
  }

  /// What it adds to the cause of an incident.
  var asCause: String {
    guard case .annotation(let text, let link) = effect else { return says }
    return text + (link.map { " (\($0))" } ?? "")
  }

  /// `system-incidents revision 3`
  package var place: String { source.place }
}

extension EventReference {
  package var place: String { "\(stream) revision \(revision)" }
}
