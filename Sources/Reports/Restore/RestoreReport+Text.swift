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
      + table.text + "\n" + checks.map { "- \($0)\n" }.joined()
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
    for segment in segments where !segment.damage.isEmpty {
      lines.append("DAMAGED: \(segment.file): \(segment.damage.joined(separator: "; ")).")
    }
    if let head = chain.head {
      lines.append(
        chain.problems.isEmpty
          ? "The chain of manifests closes, through \(chain.segments) segments; its head is \(head)."
          : "THE CHAIN DOES NOT CLOSE: \(chain.problems.joined(separator: "; ")).")
    }
    return lines
  }
}
