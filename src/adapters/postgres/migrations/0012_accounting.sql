-- What is stored, counted once a day and kept; and the indexes by which the standard's metrics are counted.

CREATE TABLE storage_samples (
  -- In UTC.
  day date PRIMARY KEY,
  at timestamptz NOT NULL,
  storage_bytes bigint NOT NULL,
  logical_bytes bigint NOT NULL,
  -- Null: there was no plan to read it from.
  reclaimable_bytes bigint,
  repositories integer NOT NULL,
  manifests bigint NOT NULL,
  tags bigint NOT NULL,
  digests bigint NOT NULL,
  contents bigint NOT NULL,
  images jsonb NOT NULL
);

CREATE TABLE storage_groups (
  day date NOT NULL REFERENCES storage_samples (day) ON DELETE CASCADE,
  breakdown text NOT NULL CHECK (breakdown IN ('repository', 'service', 'team', 'environment')),
  name text COLLATE "C" NOT NULL CHECK (length(name) <= 255),
  logical_bytes bigint NOT NULL,
  unique_bytes bigint NOT NULL,
  shared_bytes bigint NOT NULL,
  reclaimable_bytes bigint,
  manifests bigint NOT NULL,
  tags bigint NOT NULL,
  contents bigint NOT NULL,
  -- Of a repository only.
  images jsonb,
  PRIMARY KEY (day, breakdown, name)
);

-- Attachments of a digest, wherever they lie.
CREATE INDEX manifests_attached ON manifests (subject) WHERE subject IS NOT NULL AND NOT pending;
CREATE INDEX verdicts_sbom ON verdicts (subject, id) WHERE gate = 'sbom';
CREATE INDEX verdicts_scan_failed ON verdicts (at) WHERE gate = 'scan' AND outcome = 'fail';
CREATE INDEX registry_events_blocked ON registry_events (at)
  WHERE kind IN ('pull-blocked', 'admission-denied');
CREATE INDEX channel_moves_pins ON channel_moves (done_at)
  WHERE channel = 'prod:stable' AND state = 'done' AND release_id IS NOT NULL;
CREATE INDEX audit_rollbacks ON audit (at) WHERE action = 'rollback';
CREATE INDEX gc_plan_items_deleted ON gc_plan_items (settled_at) INCLUDE (bytes)
  WHERE outcome = 'deleted';
