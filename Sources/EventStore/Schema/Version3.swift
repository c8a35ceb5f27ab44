extension Schema {
  /// Events by position through the archive, deletion in slices, erasures that wait for copies, keys
  /// that are retired by segment.
  static let version3 = """
    -- Since when all of an erasure is done but for copies of segments at targets; µs.
    ALTER TABLE erasures ADD COLUMN waiting_since INTEGER;

    -- The newest segment when the key was retired, as its number, a colon and the hash of its
    -- manifest; NULL when nothing was archived.
    ALTER TABLE signing_keys ADD COLUMN retired_head TEXT;
    UPDATE signing_keys SET retired_head = (
      SELECT archive_seq || ':' || manifest_sha256 FROM segments
      WHERE archived_at <= retired_at ORDER BY archive_seq DESC LIMIT 1)
    WHERE retired_at IS NOT NULL;

    -- The positions of a range's events, bounds of them where nobody knows: what is read by position
    -- opens no segment before its turn. The manifests of segments from before tell theirs.
    ALTER TABLE segment_ranges ADD COLUMN first_position INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE segment_ranges
      ADD COLUMN last_position INTEGER NOT NULL DEFAULT 9223372036854775807;
    CREATE INDEX segment_ranges_position ON segment_ranges (last_position);
    UPDATE segment_ranges SET first_position = told.first, last_position = told.last
    FROM (
      SELECT archive_seq, stream.key AS stream_index,
        json_extract(stream.value, '$.seq_first') AS first,
        json_extract(stream.value, '$.seq_last') AS last
      FROM segments, json_each(
        iif(json_valid(CAST(manifest AS TEXT)), CAST(manifest AS TEXT), '{}'), '$.streams'
      ) AS stream
      WHERE typeof(json_extract(stream.value, '$.seq_first')) = 'integer'
        AND typeof(json_extract(stream.value, '$.seq_last')) = 'integer'
    ) AS told
    WHERE told.archive_seq = segment_ranges.archive_seq
      AND told.stream_index = segment_ranges.stream_index;

    -- Counts what takes events away from where they were: released, restored, deleted. Who reads page
    -- by page knows by it that what it found out before may not be so any more.
    INSERT INTO sequences VALUES ('moves', 0);
    CREATE TRIGGER streams_moved AFTER UPDATE OF pruned_to, deleted_at ON streams
    WHEN new.pruned_to <> old.pruned_to OR new.deleted_at IS NOT old.deleted_at
    BEGIN
      UPDATE sequences SET next = next + 1 WHERE name = 'moves';
    END;

    -- Deleted streams that still have rows: they go in slices.
    CREATE TABLE removals (
      stream INTEGER PRIMARY KEY REFERENCES streams (id)
    ) STRICT;
    """
}
