-- When the irreversible steps of releases are closed: freezes by calendar, and the line stopped by hand.

CREATE TABLE freezes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 63),
  -- Null: every service.
  svc text,
  environments text[] NOT NULL
    CHECK (cardinality(environments) > 0 AND environments <@ ARRAY['stg', 'prod']),
  schedule jsonb NOT NULL,
  reason text NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  deleted_at timestamptz,
  deleted_by text,
  delete_reason text
);
CREATE UNIQUE INDEX freezes_one_of_a_name ON freezes (name) WHERE deleted_at IS NULL;

CREATE TABLE line_stops (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Null: every service.
  svc text CHECK (svc <> '*'),
  reason text NOT NULL,
  stopped_by text NOT NULL,
  stopped_at timestamptz NOT NULL,
  resumed_at timestamptz,
  resumed_by text,
  resume_reason text
);
CREATE UNIQUE INDEX line_stops_one_open ON line_stops (coalesce(svc, '*'))
  WHERE resumed_at IS NULL;
