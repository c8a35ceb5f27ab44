extension Schema {
  static let version1 = """
    CREATE TABLE store (
      key TEXT PRIMARY KEY,
      value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE sequences (
      name TEXT PRIMARY KEY,
      next INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    INSERT INTO sequences VALUES ('position', 0);

    CREATE TABLE event_types (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE
    ) STRICT;

    CREATE TABLE streams (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      description TEXT NOT NULL DEFAULT '',
      data TEXT,
      metadata TEXT,
      permissions TEXT,
      status TEXT NOT NULL CHECK (status IN ('created', 'active', 'archived', 'deleted')),
      created_at INTEGER NOT NULL,
      events INTEGER NOT NULL DEFAULT 0,
      bytes INTEGER NOT NULL DEFAULT 0,
      first_at INTEGER,
      last_at INTEGER,
      pruned_to INTEGER NOT NULL DEFAULT -1,
      hold_reason TEXT,
      deleted_at INTEGER,
      deleted_by TEXT,
      deleted_reason TEXT
    ) STRICT;

    CREATE TABLE events (
      key INTEGER PRIMARY KEY,
      position INTEGER NOT NULL,
      id BLOB NOT NULL,
      type INTEGER NOT NULL,
      timestamp INTEGER NOT NULL,
      recorded_at INTEGER NOT NULL,
      metadata BLOB NOT NULL,
      data BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX events_position ON events (position);

    CREATE TABLE event_ids (
      stream INTEGER NOT NULL,
      id BLOB NOT NULL,
      revision INTEGER NOT NULL,
      fingerprint INTEGER NOT NULL,
      PRIMARY KEY (stream, id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE stream_days (
      stream INTEGER NOT NULL,
      day INTEGER NOT NULL,
      type INTEGER NOT NULL,
      events INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      PRIMARY KEY (stream, day, type)
    ) STRICT, WITHOUT ROWID;

    -- The catalog: which segment holds which revisions of which stream.
    CREATE TABLE segments (
      archive_seq INTEGER PRIMARY KEY,
      segment_id TEXT NOT NULL UNIQUE,
      file TEXT NOT NULL UNIQUE,
      generation INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      raw_bytes INTEGER NOT NULL,
      sha256 TEXT NOT NULL,
      manifest BLOB NOT NULL,
      manifest_sha256 TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('archived', 'pruned', 'quarantined')),
      archived_at INTEGER NOT NULL,
      verified_at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE segment_ranges (
      stream INTEGER NOT NULL REFERENCES streams (id),
      first INTEGER NOT NULL,
      last INTEGER NOT NULL,
      archive_seq INTEGER NOT NULL REFERENCES segments (archive_seq),
      stream_index INTEGER NOT NULL,
      PRIMARY KEY (stream, first)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE segment_chunks (
      archive_seq INTEGER NOT NULL REFERENCES segments (archive_seq),
      chunk INTEGER NOT NULL,
      stream_index INTEGER NOT NULL,
      member TEXT NOT NULL,
      first INTEGER NOT NULL,
      last INTEGER NOT NULL,
      events INTEGER NOT NULL,
      offset INTEGER NOT NULL,
      compressed INTEGER NOT NULL,
      raw INTEGER NOT NULL,
      sha256 TEXT NOT NULL,
      PRIMARY KEY (archive_seq, stream_index, chunk)
    ) STRICT, WITHOUT ROWID;

    -- The archive job that is under way, or was when the process died.
    CREATE TABLE archive_jobs (
      archive_seq INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      plan TEXT NOT NULL,
      started_at INTEGER NOT NULL
    ) STRICT;

    -- Summaries of closed ranges of revisions; a stream's follow one another without a gap.
    CREATE TABLE rollups (
      stream INTEGER NOT NULL,
      first INTEGER NOT NULL,
      last INTEGER NOT NULL,
      summary BLOB NOT NULL,
      PRIMARY KEY (stream, first)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE runs (
      id INTEGER PRIMARY KEY,
      pipeline TEXT NOT NULL,
      date TEXT NOT NULL,
      started_at INTEGER NOT NULL,
      ended_at INTEGER,
      result TEXT NOT NULL CHECK (result IN ('running', 'done', 'failed', 'interrupted')),
      through_position INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX runs_by_pipeline ON runs (pipeline, date);

    CREATE TABLE run_steps (
      run INTEGER NOT NULL REFERENCES runs (id),
      step TEXT NOT NULL,
      ordinal INTEGER NOT NULL,
      started_at INTEGER NOT NULL,
      ended_at INTEGER,
      result TEXT NOT NULL CHECK (result IN ('running', 'done', 'failed', 'skipped')),
      detail TEXT NOT NULL DEFAULT '',
      PRIMARY KEY (run, ordinal)
    ) STRICT, WITHOUT ROWID;
    """
}
