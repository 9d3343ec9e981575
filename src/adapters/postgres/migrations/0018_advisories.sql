-- Cases of advisories that hit what is in use, and the scanner's databases that were mirrored.

CREATE TABLE advisory_cases (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  advisory text COLLATE "C" NOT NULL CHECK (length(advisory) BETWEEN 1 AND 64),
  severity text NOT NULL CHECK (severity IN ('CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'UNKNOWN')),
  opened_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL CHECK (due_at >= opened_at),
  -- By a person, at most once: {dueAt, reason, by, at}.
  extension jsonb,
  look jsonb,
  closed_at timestamptz CHECK (closed_at >= opened_at),
  -- {kind, …}
  resolution jsonb,
  -- What was dismissed opens a case again after that.
  dismissed_until timestamptz,
  CHECK ((closed_at IS NULL) = (resolution IS NULL))
);
CREATE UNIQUE INDEX advisory_cases_open ON advisory_cases (advisory) WHERE closed_at IS NULL;
CREATE INDEX advisory_cases_newest ON advisory_cases (advisory, id DESC);

CREATE TABLE advisory_hits (
  case_id bigint NOT NULL REFERENCES advisory_cases (id) ON DELETE CASCADE,
  svc text COLLATE "C" NOT NULL CHECK (length(svc) <= 63),
  digest digest NOT NULL,
  purl text COLLATE "C" NOT NULL CHECK (length(purl) <= 1000),
  severity text NOT NULL,
  channels jsonb NOT NULL,
  running jsonb NOT NULL,
  fixed_version text,
  since timestamptz,
  PRIMARY KEY (case_id, svc, digest, purl)
);
CREATE INDEX advisory_hits_by_digest ON advisory_hits (digest);

-- What was done to a digest for a case, once each.
CREATE TABLE advisory_acts (
  case_id bigint NOT NULL REFERENCES advisory_cases (id) ON DELETE CASCADE,
  digest digest NOT NULL,
  act text NOT NULL CHECK (act IN ('denied', 'quarantined')),
  at timestamptz NOT NULL,
  PRIMARY KEY (case_id, digest, act)
);

CREATE TABLE advisory_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text COLLATE "C" NOT NULL UNIQUE CHECK (length(key) <= 512),
  advisory text COLLATE "C" NOT NULL CHECK (length(advisory) BETWEEN 1 AND 64),
  at timestamptz NOT NULL,
  kind text NOT NULL CHECK (kind IN
    ('opened', 'hit', 'blocked', 'quarantined', 'rollup', 'replaced', 'overdue', 'extended', 'note', 'closed')),
  text text NOT NULL CHECK (length(text) <= 4000),
  actor text NOT NULL
);
CREATE INDEX advisory_events_of ON advisory_events (advisory, id);
CREATE TRIGGER advisory_events_append_only BEFORE UPDATE OR DELETE ON advisory_events
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Databases of the scanner in our own registry. One row each; the newest of a kind is what is scanned with.
CREATE TABLE database_mirrors (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('vulnerabilities', 'java')),
  repository text COLLATE "C" NOT NULL CHECK (length(repository) <= 255),
  -- Of the manifest.
  digest digest NOT NULL,
  -- Of the file in it.
  file_digest digest NOT NULL,
  bytes bigint NOT NULL CHECK (bytes BETWEEN 0 AND 9007199254740991),
  -- When the advisories were collected.
  updated_at timestamptz NOT NULL,
  source text NOT NULL CHECK (length(source) <= 512),
  mirrored_at timestamptz NOT NULL,
  UNIQUE (kind, digest)
);
