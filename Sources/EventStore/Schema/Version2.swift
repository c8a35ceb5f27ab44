extension Schema {
  /// Signatures, further copies, erasure by key and by rewrite, and restores into the hot store.
  static let version2 = """
    -- The data subject whose key seals the events of this stream from `sealed_from` on.
    ALTER TABLE streams ADD COLUMN subject TEXT;
    ALTER TABLE streams ADD COLUMN sealed_from INTEGER;
    -- Rows that were restored from segments are not released again before this time; µs.
    ALTER TABLE streams ADD COLUMN restored_until INTEGER;
    -- Where the stream begins in this store; above 0 only in an audit copy of a part of a stream.
    ALTER TABLE streams ADD COLUMN first_revision INTEGER NOT NULL DEFAULT 0;

    -- Where the first copy is: NULL is the archive folder, otherwise an address such as
    -- s3://bucket/prefix.
    ALTER TABLE segments ADD COLUMN target TEXT;
    -- Why there is no file any more. The row stays, so that the chain closes.
    ALTER TABLE segments ADD COLUMN retired TEXT CHECK (retired IN ('superseded', 'deleted'));

    -- Further copies: each was read back after it was written.
    CREATE TABLE segment_copies (
      archive_seq INTEGER NOT NULL REFERENCES segments (archive_seq),
      target TEXT NOT NULL,
      version TEXT,
      locked_until INTEGER,
      verified_at INTEGER NOT NULL,
      PRIMARY KEY (archive_seq, target)
    ) STRICT, WITHOUT ROWID;

    -- One event's chunk is found without reading those of all others in its segment.
    CREATE INDEX segment_chunks_last ON segment_chunks (archive_seq, stream_index, last);

    -- Public keys whose signatures are trusted, by the SHA-256 of the key; the newest signs.
    CREATE TABLE signing_keys (
      id TEXT PRIMARY KEY,
      public_key BLOB NOT NULL,
      added_at INTEGER NOT NULL,
      retired_at INTEGER
    ) STRICT, WITHOUT ROWID;
    """
}
