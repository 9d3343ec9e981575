-- What the continuous check found at each service, and what it rolled back by itself.

CREATE TABLE service_checks (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  svc text COLLATE "C" NOT NULL,
  run_id text NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('ok', 'unchecked', 'failing', 'rolled-back')),
  -- Two in a row with the same one are one row: a check every few minutes says mostly what the last one said.
  sameness text NOT NULL,
  digests integer NOT NULL,
  findings jsonb NOT NULL,
  note text NOT NULL,
  since timestamptz NOT NULL,
  at timestamptz NOT NULL,
  runs integer NOT NULL CHECK (runs >= 1)
);
CREATE INDEX service_checks_newest ON service_checks (svc, id DESC);

CREATE TABLE automatic_rollbacks (
  id text COLLATE "C" PRIMARY KEY,
  ordinal bigint GENERATED ALWAYS AS IDENTITY,
  svc text COLLATE "C" NOT NULL,
  from_digest digest NOT NULL,
  to_digest digest NOT NULL,
  reason text NOT NULL,
  at timestamptz NOT NULL,
  ended text CHECK (ended IN ('done', 'failed', 'not-begun')),
  note text NOT NULL DEFAULT ''
);
CREATE INDEX automatic_rollbacks_of_service ON automatic_rollbacks (svc, ordinal DESC);
