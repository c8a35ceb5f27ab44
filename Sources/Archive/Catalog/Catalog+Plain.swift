public import GRDB

extension Catalog {
  /// The segments that hold events of sealed streams matching `pattern` unencrypted, from before they
  /// were sealed.
  public static func plainSegments(_ db: Database, ofSealed pattern: String) throws -> [String] {
    try String.fetchAll(
      db,
      sql: """
        SELECT file FROM segments WHERE retired IS NULL AND EXISTS (
          SELECT * FROM segment_ranges AS r
          JOIN streams AS s ON s.id = r.stream
          JOIN segment_chunks AS c
            ON c.archive_seq = r.archive_seq AND c.stream_index = r.stream_index
          WHERE r.archive_seq = segments.archive_seq AND c.subject IS NULL
            AND s.name GLOB ? AND s.name NOT GLOB '$*' AND s.deleted_at IS NULL
            AND EXISTS (SELECT * FROM seals WHERE s.name GLOB pattern))
        ORDER BY archive_seq
        """, arguments: [pattern])
  }

  /// Streams whose segments are encrypted, and whose rows are not.
  public static func plainRows(_ db: Database) throws -> [String] {
    try String.fetchAll(
      db,
      sql: """
        SELECT name FROM streams WHERE deleted_at IS NULL AND EXISTS (
          SELECT * FROM segment_ranges AS r
          JOIN segment_chunks AS c
            ON c.archive_seq = r.archive_seq AND c.stream_index = r.stream_index
          WHERE r.stream = streams.id AND c.subject IS NOT NULL)
          AND NOT EXISTS (SELECT * FROM seals WHERE name GLOB pattern)
        ORDER BY name
        """)
  }
}
