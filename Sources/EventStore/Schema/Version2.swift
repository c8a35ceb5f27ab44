extension Schema {
  /// Signatures, further copies, erasure by key and by rewrite, sealed streams, and restores into the
  /// hot store.
  static let version2 = """
    -- Rows that were restored from segments are not released again before this time; µs.
    ALTER TABLE streams ADD COLUMN restored_until INTEGER;
    -- Where the stream begins in this store; above 0 only in an audit copy of a part of a stream.
    ALTER TABLE streams ADD COLUMN first_revision INTEGER NOT NULL DEFAULT 0;

    -- Where the first copy is: NULL is the archive folder, otherwise an address such as
    -- s3://bucket/prefix.
    ALTER TABLE segments ADD COLUMN target TEXT;
    -- Why there is no file any more. The row stays, so that the chain closes.
    ALTER TABLE segments ADD COLUMN retired TEXT CHECK (retired IN ('superseded', 'deleted'));

    -- The id of the key that opens an encrypted chunk.
    ALTER TABLE segment_chunks ADD COLUMN subject TEXT;

    -- Users whose erasure was begun and is not completed.
    CREATE TABLE erasures (
      user TEXT PRIMARY KEY,
      reason TEXT NOT NULL,
      begun_by TEXT NOT NULL,
      started_at INTEGER NOT NULL,
      -- Since when all is done but for copies of segments at targets; µs.
      waiting_since INTEGER
    ) STRICT, WITHOUT ROWID;

    -- Further copies: each was read back after it was written.
    CREATE TABLE segment_copies (
      archive_seq INTEGER NOT NULL REFERENCES segments (archive_seq),
      target TEXT NOT NULL,
      version TEXT,
      locked_until INTEGER,
      verified_at INTEGER NOT NULL,
      PRIMARY KEY (archive_seq, target)
    ) STRICT, WITHOUT ROWID;

    -- The earliest time at which the stream may be deleted, as its policies said when it was
    -- archived; µs.
    ALTER TABLE streams ADD COLUMN retain_until INTEGER;

    -- Legal holds on all streams whose names match, or on all that are in a segment.
    CREATE TABLE holds (
      id INTEGER PRIMARY KEY,
      pattern TEXT UNIQUE,
      segment INTEGER UNIQUE REFERENCES segments (archive_seq),
      reason TEXT NOT NULL,
      placed_at INTEGER NOT NULL,
      placed_by TEXT NOT NULL,
      CHECK ((pattern IS NULL) <> (segment IS NULL))
    ) STRICT;

    -- One event's chunk is found without reading those of all others in its segment.
    CREATE INDEX segment_chunks_last ON segment_chunks (archive_seq, stream_index, last);

    -- Public keys whose signatures are trusted, by the SHA-256 of the key; the newest signs.
    CREATE TABLE signing_keys (
      id TEXT PRIMARY KEY,
      public_key BLOB NOT NULL,
      added_at INTEGER NOT NULL,
      retired_at INTEGER,
      -- The newest segment by then, as its number, a colon and the hash of its manifest; NULL when
      -- nothing was archived.
      retired_head TEXT
    ) STRICT, WITHOUT ROWID;

    -- Patterns of streams whose events are encrypted from their append on.
    CREATE TABLE seals (
      pattern TEXT PRIMARY KEY,
      reason TEXT NOT NULL,
      added_at INTEGER NOT NULL,
      added_by TEXT NOT NULL,
      -- When all rows from before were sealed, and what was left of them overwritten; µs.
      completed_at INTEGER
    ) STRICT, WITHOUT ROWID;

    -- The keys that rows were sealed to, by what the key database calls them.
    CREATE TABLE sealing_keys (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE
    ) STRICT;

    -- NULL for a plain row. A sealed row's data is an age file that holds metadata and data, and
    -- this is the key's number << 32 | the bytes of metadata.
    ALTER TABLE events ADD COLUMN sealed INTEGER;
    -- The key that the stream's sealed rows are sealed to, as soon as there was one.
    ALTER TABLE streams ADD COLUMN sealed_to INTEGER REFERENCES sealing_keys (number);

    -- Streams that were sealed when segments had events of theirs already: the fingerprints of
    -- revisions up to this one are still to be keyed, after those of the ids done.
    CREATE TABLE unkeyed_fingerprints (
      stream INTEGER PRIMARY KEY,
      through INTEGER NOT NULL,
      done BLOB NOT NULL
    ) STRICT;

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
