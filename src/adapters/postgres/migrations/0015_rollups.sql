-- Rollups: services rebuilt because their bases are renewed; what became of each, and who stays out.

CREATE TABLE rollups (
  id text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 128),
  ordinal bigint GENERATED ALWAYS AS IDENTITY,
  started_at timestamptz NOT NULL,
  -- Set once; from then on the report stays as it is.
  ended_at timestamptz,
  report jsonb NOT NULL
);
CREATE INDEX rollups_newest ON rollups (ordinal DESC);

CREATE TABLE rollup_opt_outs (
  svc text PRIMARY KEY CHECK (length(svc) BETWEEN 1 AND 63),
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
  until timestamptz NOT NULL,
  actor text NOT NULL,
  at timestamptz NOT NULL,
  CHECK (until > at)
);
