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
      started_at INTEGER NOT NULL
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
      retired_at INTEGER
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
    """
}
