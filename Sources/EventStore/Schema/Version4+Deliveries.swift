extension Schema {
  /// Who got the reports of which night.
  static let deliveries = """
    -- One row for each destination of a deliver step and date, written before anything is sent.
    CREATE TABLE deliveries (
      pipeline TEXT NOT NULL,
      date TEXT NOT NULL,
      -- Which of the pipeline's deliver steps it is, from 0.
      step INTEGER NOT NULL,
      -- What it is called, without any secret.
      destination TEXT NOT NULL,
      -- 'sending' without a run at work, and 'unknown': nobody here can know whether it arrived.
      state TEXT NOT NULL
        CHECK (state IN ('pending', 'sending', 'sent', 'failed', 'unknown', 'skipped')),
      -- Counts what was sent again on purpose: each has a key of its own for the receiver.
      round INTEGER NOT NULL,
      attempts INTEGER NOT NULL,
      -- The run that had to do with it last.
      run INTEGER NOT NULL REFERENCES runs (id),
      -- What the receiver said, or why it was not delivered.
      detail TEXT NOT NULL,
      changed_at INTEGER NOT NULL,
      PRIMARY KEY (pipeline, date, step, destination)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX deliveries_by_run ON deliveries (run);
    """
}
