-- What releases lost to dependencies that did not answer: activities that were tried again.

CREATE TABLE release_retries (
  run_id text NOT NULL,
  activity_id text NOT NULL,
  attempt integer NOT NULL CHECK (attempt > 1),
  release_id text NOT NULL,
  -- When the activity was first asked for.
  retried_from timestamptz NOT NULL,
  -- When the attempt that ended it began.
  retried_to timestamptz NOT NULL,
  PRIMARY KEY (run_id, activity_id, attempt)
);
CREATE INDEX release_retries_of_release ON release_retries (release_id);
