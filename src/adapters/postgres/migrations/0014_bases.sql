-- Bases that were imported, who approved what of them, and which images stand on them.

CREATE TABLE bases (
  repository text COLLATE "C" NOT NULL CHECK (length(repository) <= 255),
  digest digest NOT NULL,
  family text COLLATE "C" NOT NULL CHECK (length(family) <= 100),
  version text NOT NULL CHECK (length(version) <= 128),
  tag text NOT NULL CHECK (length(tag) <= 128),
  source text NOT NULL CHECK (length(source) <= 512),
  source_digest digest NOT NULL,
  verified_by text NOT NULL,
  imported_at timestamptz NOT NULL,
  imported_by text NOT NULL,
  -- Builds may not start from it since.
  withdrawn_at timestamptz,
  PRIMARY KEY (repository, digest)
);
CREATE INDEX bases_by_family ON bases (family, imported_at);

CREATE TABLE base_approvals (
  family text COLLATE "C" NOT NULL CHECK (length(family) <= 100),
  digest digest NOT NULL,
  approved_by text NOT NULL,
  reason text NOT NULL,
  accepts_findings boolean NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (family, digest)
);

CREATE TABLE base_uses (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  svc text NOT NULL,
  release_id text NOT NULL,
  digest digest NOT NULL,
  base_repository text COLLATE "C" NOT NULL CHECK (length(base_repository) <= 300),
  base_digest digest NOT NULL,
  UNIQUE (release_id, digest, base_digest, base_repository)
);
CREATE INDEX base_uses_by_base ON base_uses (base_digest, id);
CREATE INDEX base_uses_by_image ON base_uses (svc, digest);

-- What was released before stands on bases too: the provenance gate wrote them down as {repository}@{digest}.
INSERT INTO base_uses (svc, release_id, digest, base_repository, base_digest)
SELECT split_part(release_id, '/', 1), release_id, subject,
  left(split_part(base, '@', 1), 300), split_part(base, '@', 2)
FROM verdicts, jsonb_array_elements_text(
  CASE jsonb_typeof(evidence -> 'bases') WHEN 'array' THEN evidence -> 'bases' ELSE '[]'::jsonb END) base
WHERE gate = 'provenance' AND outcome = 'pass'
  AND subject ~ '^sha256:[0-9a-f]{64}$' AND base ~ '^[^@]+@sha256:[0-9a-f]{64}$'
ORDER BY id
ON CONFLICT DO NOTHING;
