internal import Archive
package import History
internal import Streams

extension RestoreReport {
  /// The report for a terminal.
  ///
  /// - Parameter target: where the events are now.
  package func text(_ target: String) -> String {
    var table = TextTable([
      ("STREAM", .left), ("EVENTS", .right), ("COLD", .right), ("REVISIONS", .left),
      ("SHA-256 OF THE EVENT LINES", .left),
    ])
    for stream in streams {
      let revisions = stream.span?.revisions
      table.append([
        stream.stream.rawValue, String(stream.events), String(stream.cold),
        revisions.map { "\($0.lowerBound) to \($0.upperBound)" } ?? "-",
        stream.events > 0 ? stream.digest : "-",
      ])
    }
    return "\(events) events of \(streams.count) streams restored into \(target).\n\n"
      + table.text + "\n"
      + (checks + problems.map { "NOT SOUND: \($0)" }).map { "- \($0)\n" }.joined()
  }

  /// What was checked, a sentence each.
  package var checks: [String] {
    var lines: [String] = []
    let outside = streams.reduce(0) { $0 + $1.outside }
    if outside > 0 {
      lines.append(
        "\(outside) events happened outside the period and came along between others of it.")
    }
    lines.append(
      "Segments read whole: \(segments.count). Chunks that passed zstd's checksum and their SHA-256: "
        + "\(chunks).")
    if let head = chain.head, chain.problems.isEmpty {
      lines.append(
        "The chain of manifests closes, through \(chain.segments) segments; its head is \(head).")
    }
    return lines
  }

  /// What is wrong with the archive, a sentence each.
  package var problems: [String] {
    segments.filter { !$0.damage.isEmpty }
      .map { "Segment \($0.file): \($0.damage.joined(separator: "; "))." }
      + chain.problems.map { "The chain of manifests does not close: \($0)." }
  }
}
