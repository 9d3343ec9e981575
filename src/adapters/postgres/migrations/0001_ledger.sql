-- The ledger: what must outlive a workflow. Times are instants in UTC; digests are "sha256:HEX".

CREATE DOMAIN digest AS text CHECK (VALUE ~ '^sha256:[0-9a-f]{64}$');

-- One row a service: the fence of every writer, and the row each channel transaction locks first.
CREATE TABLE services (
  svc text PRIMARY KEY CHECK (length(svc) BETWEEN 1 AND 63),
  epoch integer NOT NULL DEFAULT 0
);

CREATE TABLE epoch_bumps (
  svc text NOT NULL REFERENCES services (svc),
  idempotency_key text NOT NULL,
  epoch integer NOT NULL,
  PRIMARY KEY (svc, idempotency_key),
  UNIQUE (svc, epoch)
);

-- Every run of a release; `ordinal` grows with the first write of a run, the newest run is what people see.
CREATE TABLE release_runs (
  release_id text NOT NULL CHECK (length(release_id) <= 255),
  run_id text NOT NULL CHECK (length(run_id) <= 255),
  ordinal bigint GENERATED ALWAYS AS IDENTITY,
  sequence integer NOT NULL,
  svc text NOT NULL,
  digest digest,
  outcome text,
  requested_at timestamptz NOT NULL,
  status jsonb NOT NULL,
  PRIMARY KEY (release_id, run_id)
);
CREATE INDEX release_runs_newest ON release_runs (release_id, ordinal DESC);
CREATE INDEX release_runs_by_service ON release_runs (svc, requested_at DESC, ordinal DESC);
CREATE INDEX release_runs_by_time ON release_runs (requested_at DESC, ordinal DESC);
CREATE INDEX release_runs_by_digest ON release_runs (svc, digest);

-- A retry that judges anew is kept beside the first answer, never over it: the last one is what the workflow saw.
CREATE TABLE verdicts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  release_id text NOT NULL,
  run_id text NOT NULL,
  gate text NOT NULL,
  subject text NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('pass', 'fail', 'inconclusive', 'error')),
  reasons jsonb NOT NULL,
  evidence jsonb NOT NULL,
  policy_hash text NOT NULL,
  at timestamptz NOT NULL,
  content_hash text NOT NULL,
  UNIQUE (run_id, gate, subject, content_hash)
);
CREATE INDEX verdicts_by_release ON verdicts (release_id, id);

CREATE TABLE channels (
  svc text NOT NULL REFERENCES services (svc),
  channel text NOT NULL,
  digest digest,
  epoch integer NOT NULL,
  release_id text,
  changed_at timestamptz NOT NULL,
  changed_by text NOT NULL,
  PRIMARY KEY (svc, channel)
);

-- Intent before the move, proof after it (design, decision 2).
CREATE TABLE channel_moves (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  idempotency_key text NOT NULL UNIQUE CHECK (length(idempotency_key) <= 512),
  svc text NOT NULL REFERENCES services (svc),
  channel text NOT NULL,
  expected digest,
  next digest,
  epoch integer NOT NULL,
  actor text NOT NULL,
  reason text NOT NULL,
  release_id text,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'closed')),
  begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- What the channel really held before, and the order in which moves were completed; set when done.
  replaced digest,
  done_order bigint UNIQUE,
  done_at timestamptz,
  CHECK ((state = 'done') = (done_at IS NOT NULL AND done_order IS NOT NULL))
);
CREATE SEQUENCE channel_move_order OWNED BY channel_moves.done_order;
CREATE UNIQUE INDEX channel_moves_one_open ON channel_moves (svc, channel) WHERE state = 'open';
CREATE INDEX channel_moves_history ON channel_moves (svc, done_order DESC) WHERE state = 'done';

CREATE TABLE revert_keys (
  key_id text PRIMARY KEY,
  svc text NOT NULL,
  to_digest digest NOT NULL,
  from_digest digest NOT NULL,
  secret_hash text NOT NULL UNIQUE,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  used_by text,
  CHECK ((used_at IS NULL) = (used_by IS NULL))
);

CREATE TABLE bad_digests (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  svc text NOT NULL,
  digest digest NOT NULL,
  reason text NOT NULL,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  released_at timestamptz,
  released_by text,
  release_reason text
);
CREATE UNIQUE INDEX bad_digests_one_open ON bad_digests (svc, digest) WHERE released_at IS NULL;

CREATE TABLE quarantines (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  digest digest NOT NULL,
  reason text NOT NULL,
  actor text NOT NULL,
  at timestamptz NOT NULL,
  lifted_at timestamptz,
  lifted_by text
);
CREATE UNIQUE INDEX quarantines_one_open ON quarantines (digest) WHERE lifted_at IS NULL;

CREATE TABLE tags (
  repository text NOT NULL,
  tag text NOT NULL CHECK (length(tag) <= 128),
  digest digest NOT NULL,
  claimed_by text NOT NULL,
  claimed_at timestamptz NOT NULL,
  PRIMARY KEY (repository, tag)
);

CREATE TABLE scan_exceptions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  vulnerability_id text NOT NULL,
  -- Null covers every service.
  svc text,
  reason text NOT NULL,
  owner text NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX scan_exceptions_by_service ON scan_exceptions (svc);

CREATE TABLE audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  idempotency_key text NOT NULL UNIQUE CHECK (length(idempotency_key) <= 512),
  at timestamptz NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  svc text NOT NULL,
  subject text NOT NULL,
  details jsonb NOT NULL
);
CREATE INDEX audit_by_service ON audit (svc, id DESC);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_never_truncated BEFORE TRUNCATE ON audit
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER verdicts_append_only BEFORE UPDATE OR DELETE ON verdicts
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER verdicts_never_truncated BEFORE TRUNCATE ON verdicts
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE used_tokens (
  jti text PRIMARY KEY CHECK (length(jti) <= 255),
  expires_at timestamptz NOT NULL
);
CREATE INDEX used_tokens_by_expiry ON used_tokens (expires_at);

CREATE TABLE rollback_numbers (
  svc text NOT NULL REFERENCES services (svc),
  number integer NOT NULL,
  idempotency_key text NOT NULL CHECK (length(idempotency_key) <= 512),
  PRIMARY KEY (svc, number),
  UNIQUE (svc, idempotency_key)
);

CREATE TABLE documents (
  kind text NOT NULL,
  key text NOT NULL CHECK (length(key) <= 512),
  text text NOT NULL CHECK (octet_length(text) <= 1048576),
  PRIMARY KEY (kind, key)
);
