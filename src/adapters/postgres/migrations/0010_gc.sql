-- Clean-up: plans that are executed as they were read, what became of each item, and what was deleted until it is reclaimed.

CREATE TABLE gc_plans (
  id text COLLATE "C" PRIMARY KEY CHECK (id ~ '^gc-[0-9a-f]{32}$'),
  ordinal bigint GENERATED ALWAYS AS IDENTITY,
  -- Null: all of the registry.
  repository text COLLATE "C" CHECK (length(repository) <= 255),
  state text NOT NULL
    CHECK (state IN ('ready', 'over-budget', 'running', 'done', 'stopped', 'expired', 'superseded')),
  header jsonb NOT NULL,
  made_by text NOT NULL,
  made_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL CHECK (expires_at > made_at),
  approved_by text,
  approval_reason text,
  approved_at timestamptz,
  run_id text CHECK (length(run_id) <= 255),
  started_at timestamptz,
  ended_at timestamptz,
  -- Counted as items are settled: a plan may have half a million.
  deleted integer NOT NULL DEFAULT 0,
  skipped integer NOT NULL DEFAULT 0,
  failed integer NOT NULL DEFAULT 0,
  freed bigint NOT NULL DEFAULT 0,
  CHECK ((approved_by IS NULL) = (approval_reason IS NULL) AND (approved_by IS NULL) = (approved_at IS NULL))
);
CREATE INDEX gc_plans_newest ON gc_plans (ordinal DESC);
CREATE INDEX gc_plans_waiting ON gc_plans (coalesce(repository, '')) WHERE state IN ('ready', 'over-budget');
CREATE UNIQUE INDEX gc_plans_one_runs ON gc_plans ((true)) WHERE state = 'running';

CREATE TABLE gc_plan_items (
  -- No foreign key: its check of half a million rows takes longer than writing them, and plans are never deleted.
  plan text COLLATE "C" NOT NULL,
  ordinal integer NOT NULL CHECK (ordinal >= 0),
  kind text NOT NULL CHECK (kind IN ('tag', 'manifest')),
  repository text COLLATE "C" NOT NULL CHECK (length(repository) <= 255),
  tag text COLLATE "C" CHECK (length(tag) <= 128),
  -- Not the domain: its pattern is matched once a row, and takes most of the time of writing a plan.
  digest text COLLATE "C" NOT NULL CHECK (length(digest) = 71),
  rule text NOT NULL,
  evidence jsonb NOT NULL,
  bytes bigint NOT NULL CHECK (bytes BETWEEN 0 AND 9007199254740991),
  outcome text CHECK (outcome IN ('deleted', 'skipped', 'failed')),
  reason text,
  settled_at timestamptz,
  PRIMARY KEY (plan, ordinal),
  CHECK ((kind = 'tag') = (tag IS NOT NULL)),
  CHECK ((outcome IS NULL) = (settled_at IS NULL))
);
CREATE INDEX gc_plan_items_by_digest ON gc_plan_items (digest);

CREATE TABLE gc_tombstones (
  repository text COLLATE "C" NOT NULL CHECK (length(repository) <= 255),
  digest digest NOT NULL,
  plan text COLLATE "C" NOT NULL,
  media_type text NOT NULL,
  -- Null once its blobs are reclaimed.
  bytes bytea CHECK (octet_length(bytes) <= 4194304),
  size integer NOT NULL,
  tags text[] NOT NULL,
  deleted_at timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('buried', 'restored', 'reclaimed')),
  state_at timestamptz NOT NULL,
  state_by text NOT NULL,
  PRIMARY KEY (repository, digest, plan),
  CHECK ((bytes IS NULL) = (state = 'reclaimed'))
);
CREATE INDEX gc_tombstones_newest ON gc_tombstones (deleted_at DESC);

-- True: a collector runs over the registry's storage. Then nothing may end that a collector could miss, uploads under way included.
ALTER TABLE registry_mode ADD COLUMN sealed boolean NOT NULL DEFAULT false
  CHECK (NOT sealed OR (pushes = 'closed' AND until IS NOT NULL));

-- Blobs that somebody who pushes was told to be there. A manifest that names them may still be on its way.
CREATE TABLE upload_leases (
  repository text COLLATE "C" NOT NULL CHECK (length(repository) <= 255),
  digest digest NOT NULL,
  leased_at timestamptz NOT NULL,
  PRIMARY KEY (repository, digest)
);
CREATE INDEX upload_leases_by_time ON upload_leases (leased_at);

-- Ends of uploads that the registry has not answered.
CREATE TABLE upload_commits (
  id text PRIMARY KEY CHECK (length(id) <= 255),
  repository text COLLATE "C" NOT NULL,
  digest digest NOT NULL,
  begun_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Each reclaim of disk, planned beside actual.
CREATE TABLE gc_reclaims (
  id text PRIMARY KEY CHECK (length(id) <= 255),
  state text NOT NULL CHECK (state IN ('running', 'done', 'failed')),
  -- What the plans that were executed since the last one promised.
  planned_bytes bigint NOT NULL,
  before_bytes bigint,
  after_bytes bigint,
  blobs integer,
  closed_at timestamptz,
  opened_at timestamptz,
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  reason text,
  -- Manifests that name leased blobs while the collector runs; taken away again by this reclaim or the next.
  lease_manifests jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX gc_reclaims_newest ON gc_reclaims (started_at DESC);
