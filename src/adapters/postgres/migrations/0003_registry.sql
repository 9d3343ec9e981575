-- The registry gateway. Names of repositories and tags sort by byte, as the distribution-spec lists them.

-- `tags` is the claim of a write-once tag, by a release or by a push. Null: for good. Else since when a push that the
-- registry has not answered holds it; its pushes are in `pushes`.
ALTER TABLE tags ADD COLUMN pending_since timestamptz;

ALTER TABLE quarantines
  ADD COLUMN cves text[] NOT NULL DEFAULT '{}',
  ADD COLUMN grace_until timestamptz,
  ADD COLUMN expires_at timestamptz,
  ADD COLUMN lift_reason text;

CREATE TABLE repositories (
  name text COLLATE "C" PRIMARY KEY CHECK (length(name) <= 255),
  first_push_by text NOT NULL,
  first_push_at timestamptz NOT NULL
);

-- Pending: the registry has not said yet that it took it; readers of the inventory don't see it.
CREATE TABLE manifests (
  repository text COLLATE "C" NOT NULL,
  digest digest NOT NULL,
  media_type text NOT NULL,
  artifact_type text,
  size bigint NOT NULL CHECK (size BETWEEN 0 AND 9007199254740991),
  subject digest,
  pending boolean NOT NULL,
  pushed_by text NOT NULL,
  pushed_at timestamptz NOT NULL,
  last_pulled_at timestamptz,
  PRIMARY KEY (repository, digest)
) WITH (fillfactor = 90);
CREATE INDEX manifests_by_digest ON manifests (digest);
CREATE INDEX manifests_by_subject ON manifests (repository, subject) WHERE subject IS NOT NULL;

CREATE TABLE manifest_edges (
  repository text COLLATE "C" NOT NULL,
  parent digest NOT NULL,
  position integer NOT NULL,
  kind text NOT NULL CHECK (kind IN ('config', 'layer', 'child')),
  child digest NOT NULL,
  size bigint NOT NULL CHECK (size BETWEEN 0 AND 9007199254740991),
  media_type text NOT NULL,
  PRIMARY KEY (repository, parent, position),
  FOREIGN KEY (repository, parent) REFERENCES manifests (repository, digest) ON DELETE CASCADE
);
CREATE INDEX manifest_edges_up ON manifest_edges (child) WHERE kind = 'child';
CREATE INDEX manifest_edges_down ON manifest_edges (parent) WHERE kind = 'child';

CREATE TABLE repository_blobs (
  repository text COLLATE "C" NOT NULL,
  digest digest NOT NULL,
  size bigint NOT NULL CHECK (size BETWEEN 0 AND 9007199254740991),
  recorded_by text NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (repository, digest)
);

-- What each tag points at, by the last push that the registry took; write-once or moving.
CREATE TABLE repository_tags (
  repository text COLLATE "C" NOT NULL,
  tag text COLLATE "C" NOT NULL CHECK (length(tag) <= 128),
  digest digest NOT NULL,
  -- What it pointed at before, so that the move can be told in the statement that makes it.
  previous digest,
  write_once boolean NOT NULL,
  pushed_by text NOT NULL,
  pushed_at timestamptz NOT NULL,
  last_pulled_at timestamptz,
  PRIMARY KEY (repository, tag)
) WITH (fillfactor = 90);
CREATE INDEX repository_tags_by_digest ON repository_tags (repository, digest);

CREATE TABLE tag_moves (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  repository text COLLATE "C" NOT NULL,
  tag text COLLATE "C" NOT NULL,
  from_digest digest,
  -- Null: deleted.
  to_digest digest,
  actor text NOT NULL,
  at timestamptz NOT NULL
);
CREATE INDEX tag_moves_by_tag ON tag_moves (repository, tag, id DESC);

-- Each push from its start. Done ones are kept for a day, so that an end that is told twice is known; those that never
-- told an end wait for the reconcile.
CREATE TABLE pushes (
  repository text COLLATE "C" NOT NULL,
  -- The tag, or the digest where it has none.
  reference text COLLATE "C" NOT NULL,
  digest digest NOT NULL,
  push_id text NOT NULL CHECK (length(push_id) <= 512),
  tag text COLLATE "C",
  write_once boolean NOT NULL,
  actor text NOT NULL,
  at timestamptz NOT NULL,
  begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  completed_at timestamptz,
  -- Begun twice under one id: the end of one is not the end of both.
  shared boolean NOT NULL DEFAULT false,
  PRIMARY KEY (repository, reference, digest, push_id)
);
CREATE INDEX pushes_done ON pushes (completed_at) WHERE completed_at IS NOT NULL;
CREATE INDEX pushes_open ON pushes (begun_at) WHERE completed_at IS NULL;
CREATE INDEX pushes_of_manifest ON pushes (repository, digest) WHERE completed_at IS NULL;

CREATE TABLE registry_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL,
  repository text NOT NULL,
  reference text NOT NULL,
  actor text NOT NULL,
  at timestamptz NOT NULL,
  detail jsonb NOT NULL
);
CREATE INDEX registry_events_by_kind ON registry_events (kind, id DESC);

CREATE TABLE robots (
  name text COLLATE "C" PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 255),
  kind text NOT NULL CHECK (kind IN ('robot', 'system', 'custodian', 'observer')),
  scopes jsonb NOT NULL,
  description text NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  disabled_at timestamptz,
  rotated_at timestamptz,
  last_used_at timestamptz
);

CREATE TABLE robot_secrets (
  robot text COLLATE "C" NOT NULL REFERENCES robots (name) ON DELETE CASCADE,
  hash text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
  -- Null: the current one.
  valid_until timestamptz,
  PRIMARY KEY (robot, hash)
);
CREATE UNIQUE INDEX robot_secrets_one_current ON robot_secrets (robot) WHERE valid_until IS NULL;

CREATE TABLE registry_mode (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  pushes text NOT NULL CHECK (pushes IN ('open', 'closed')),
  reason text NOT NULL,
  changed_by text NOT NULL,
  since timestamptz NOT NULL,
  until timestamptz
);
INSERT INTO registry_mode (pushes, reason, changed_by, since) VALUES ('open', '', 'system', now());

-- Gateways listen for what changes their decisions. Postgres sends one notification a transaction, as all are alike.
CREATE FUNCTION notify_registry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('plura_registry', '');
  RETURN NULL;
END
$$;
CREATE TRIGGER quarantines_notify AFTER INSERT OR UPDATE OR DELETE ON quarantines
  FOR EACH STATEMENT EXECUTE FUNCTION notify_registry();
CREATE TRIGGER registry_mode_notify AFTER INSERT OR UPDATE OR DELETE ON registry_mode
  FOR EACH STATEMENT EXECUTE FUNCTION notify_registry();
CREATE TRIGGER robot_secrets_notify AFTER INSERT OR UPDATE OR DELETE ON robot_secrets
  FOR EACH STATEMENT EXECUTE FUNCTION notify_registry();
-- Not when a robot was merely used.
CREATE TRIGGER robots_notify AFTER INSERT OR DELETE OR UPDATE OF
  kind, scopes, description, expires_at, disabled_at, rotated_at ON robots
  FOR EACH STATEMENT EXECUTE FUNCTION notify_registry();

-- A new index around a blocked digest, or a new child of a blocked index, changes what is blocked.
CREATE FUNCTION notify_blocked_edges() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM added WHERE kind = 'child')
    OR NOT EXISTS (SELECT 1 FROM quarantines WHERE lifted_at IS NULL)
  THEN
    RETURN NULL;
  END IF;
  IF EXISTS (
    WITH RECURSIVE
      below (digest) AS (
        SELECT child FROM added WHERE kind = 'child'
        UNION
        SELECT edge.child FROM below JOIN manifest_edges edge ON edge.parent = below.digest
        WHERE edge.kind = 'child'
      ),
      above (digest) AS (
        SELECT parent FROM added WHERE kind = 'child'
        UNION
        SELECT edge.parent FROM above JOIN manifest_edges edge ON edge.child = above.digest
        WHERE edge.kind = 'child'
      )
    SELECT 1 FROM quarantines held
    WHERE held.lifted_at IS NULL
      AND (held.digest IN (SELECT digest FROM below) OR held.digest IN (SELECT digest FROM above))
  ) THEN
    PERFORM pg_notify('plura_registry', '');
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER manifest_edges_notify AFTER INSERT ON manifest_edges
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION notify_blocked_edges();
