extension Schema {
  /// What was published.
  static let publications = """
    -- Every report that was put where readers find it, so that a later one of the same period can say
    -- what was said then. The figures are not kept: they are reckoned again, from what the store held
    -- at the position.
    CREATE TABLE publications (
      id INTEGER PRIMARY KEY,
      kind TEXT NOT NULL,
      -- µs
      period_start INTEGER NOT NULL,
      period_end INTEGER NOT NULL,
      zone TEXT NOT NULL,
      -- What the figures of a service rest on, and the groups, both as canonical JSON.
      rules TEXT NOT NULL,
      group_rules TEXT NOT NULL,
      as_of INTEGER NOT NULL,
      -- The store's last position then; -1 when it was empty.
      position INTEGER NOT NULL,
      made_at INTEGER NOT NULL,
      -- The head of the archive's chain then; NULL without a segment.
      archive_head TEXT,
      path TEXT NOT NULL,
      UNIQUE (kind, period_start, period_end, zone, rules, group_rules, as_of, position)
    ) STRICT;
    """
}
