-- The way back: what may not be removed, what the pre-flight last saw of it, and how long it took when it was tried.

CREATE TABLE gc_leases (
  repository text COLLATE "C" NOT NULL CHECK (length(repository) <= 255),
  digest digest NOT NULL,
  reason text NOT NULL CHECK (reason IN ('rollback-target')),
  svc text NOT NULL CHECK (length(svc) BETWEEN 1 AND 63),
  taken_at timestamptz NOT NULL,
  renewed_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL CHECK (expires_at > renewed_at),
  PRIMARY KEY (repository, digest, reason, svc)
);
CREATE INDEX gc_leases_by_service ON gc_leases (svc, expires_at);

CREATE TABLE rollback_preflights (
  svc text PRIMARY KEY CHECK (length(svc) BETWEEN 1 AND 63),
  digest digest,
  outcome text NOT NULL CHECK (outcome IN ('complete', 'incomplete', 'no-target')),
  faults jsonb NOT NULL,
  lease_until timestamptz,
  since timestamptz NOT NULL,
  checked_at timestamptz NOT NULL
);

CREATE TABLE drill_reports (
  id text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 128),
  ordinal bigint GENERATED ALWAYS AS IDENTITY,
  -- Null where the catalogue marks no service.
  svc text,
  report jsonb NOT NULL
);
CREATE INDEX drill_reports_newest ON drill_reports (ordinal DESC);
CREATE INDEX drill_reports_by_service ON drill_reports (svc, ordinal DESC);
CREATE TRIGGER drill_reports_append_only BEFORE UPDATE OR DELETE ON drill_reports
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER drill_reports_never_truncated BEFORE TRUNCATE ON drill_reports
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
