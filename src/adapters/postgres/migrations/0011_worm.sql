-- Incident copies: what lies in the WORM store, and what of a copy under way is there already.

CREATE TABLE worm_copies (
  id text COLLATE "C" PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  ordinal bigint GENERATED ALWAYS AS IDENTITY,
  digest digest NOT NULL,
  repository text COLLATE "C" NOT NULL CHECK (length(repository) <= 255),
  reason text NOT NULL,
  actor text NOT NULL,
  requested_at timestamptz NOT NULL,
  lock_until timestamptz NOT NULL CHECK (lock_until > requested_at),
  state text NOT NULL DEFAULT 'copying' CHECK (state IN ('copying', 'held', 'damaged', 'failed')),
  objects integer NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0 CHECK (bytes BETWEEN 0 AND 9007199254740991),
  legacy_tags jsonb NOT NULL DEFAULT '[]',
  -- Of the manifest of hashes.
  manifest_key text,
  manifest_version text,
  manifest_digest digest,
  verified_at timestamptz,
  problems jsonb NOT NULL DEFAULT '[]',
  CHECK ((manifest_key IS NULL) = (manifest_version IS NULL) AND (manifest_key IS NULL) = (manifest_digest IS NULL)),
  CHECK (state NOT IN ('held', 'damaged') OR manifest_key IS NOT NULL)
);
CREATE INDEX worm_copies_newest ON worm_copies (ordinal DESC);
CREATE INDEX worm_copies_by_digest ON worm_copies (digest);

-- Until the copy is sealed; from then on its manifest says it.
CREATE TABLE worm_steps (
  copy text COLLATE "C" NOT NULL REFERENCES worm_copies (id) ON DELETE CASCADE,
  ordinal integer NOT NULL CHECK (ordinal >= 0),
  digest digest NOT NULL,
  size bigint NOT NULL CHECK (size BETWEEN 0 AND 9007199254740991),
  role text NOT NULL CHECK (role IN ('index', 'manifest', 'config', 'layer', 'evidence')),
  media_type text NOT NULL,
  artifact_type text,
  subject digest,
  repository text COLLATE "C" NOT NULL CHECK (length(repository) <= 255),
  key text,
  version text,
  PRIMARY KEY (copy, ordinal),
  CHECK ((key IS NULL) = (version IS NULL))
);

-- Which digests have an advisory, by their newest scan.
CREATE INDEX verdicts_scans ON verdicts (subject COLLATE "C", id DESC) WHERE gate = 'scan';
