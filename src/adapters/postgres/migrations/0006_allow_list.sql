-- What may run where: grants, denials and holds beside the channels, and one number that moves when the answer may.

CREATE TABLE allow_grants (
  id text COLLATE "C" PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  ordinal bigint GENERATED ALWAYS AS IDENTITY,
  repository text COLLATE "C" NOT NULL CHECK (length(repository) <= 255),
  digest digest NOT NULL,
  -- A name or a pattern with `*`; else `environment`.
  namespaces text CHECK (length(namespaces) BETWEEN 1 AND 63),
  environment text CHECK (environment IN ('dev', 'stg', 'prod')),
  owner text NOT NULL,
  reason text NOT NULL,
  granted_by text NOT NULL,
  granted_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL CHECK (expires_at > granted_at),
  revoked_at timestamptz,
  revoked_by text,
  revoke_reason text,
  CHECK ((namespaces IS NULL) <> (environment IS NULL))
);
CREATE INDEX allow_grants_by_image ON allow_grants (digest, repository) WHERE revoked_at IS NULL;
CREATE INDEX allow_grants_newest ON allow_grants (ordinal DESC);

CREATE TABLE allow_denials (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  digest digest NOT NULL,
  -- As it was named; the denial is of the digest wherever it lies.
  repository text COLLATE "C" CHECK (length(repository) <= 255),
  reason text NOT NULL,
  actor text NOT NULL,
  at timestamptz NOT NULL,
  lifted_at timestamptz,
  lifted_by text,
  lift_reason text
);
CREATE UNIQUE INDEX allow_denials_one_open ON allow_denials (digest) WHERE lifted_at IS NULL;

CREATE TABLE digest_holds (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  digest digest NOT NULL,
  reason text NOT NULL,
  actor text NOT NULL,
  at timestamptz NOT NULL,
  released_at timestamptz,
  released_by text,
  release_reason text
);
CREATE INDEX digest_holds_open ON digest_holds (digest) WHERE released_at IS NULL;

-- The question is asked by digest.
CREATE INDEX channels_by_digest ON channels (digest);
CREATE INDEX channel_moves_by_next ON channel_moves (next) WHERE state = 'done';
CREATE INDEX release_runs_by_content ON release_runs (digest);
CREATE INDEX tags_by_digest ON tags (digest) WHERE pending_since IS NULL;
CREATE INDEX bad_digests_open ON bad_digests (digest) WHERE released_at IS NULL;

CREATE TABLE allow_list_revision (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  revision bigint NOT NULL
);
INSERT INTO allow_list_revision (revision) VALUES (1);

CREATE FUNCTION move_allow_list() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE allow_list_revision SET revision = revision + 1;
  PERFORM pg_notify('plura_allow_list', '');
  RETURN NULL;
END
$$;

-- At commit, when all other locks are held: the one row is locked last and shortly, so no two writers wait for each other. A
-- sequence would move before the change can be seen, and what was read in between would pass for new.
CREATE CONSTRAINT TRIGGER allow_grants_move AFTER INSERT OR UPDATE OR DELETE ON allow_grants
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_allow_list();
CREATE CONSTRAINT TRIGGER allow_denials_move AFTER INSERT OR UPDATE OR DELETE ON allow_denials
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_allow_list();
CREATE CONSTRAINT TRIGGER digest_holds_move AFTER INSERT OR UPDATE OR DELETE ON digest_holds
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_allow_list();
CREATE CONSTRAINT TRIGGER quarantines_move AFTER INSERT OR UPDATE OR DELETE ON quarantines
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_allow_list();
CREATE CONSTRAINT TRIGGER bad_digests_move AFTER INSERT OR UPDATE OR DELETE ON bad_digests
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_allow_list();
CREATE CONSTRAINT TRIGGER channels_move AFTER INSERT OR DELETE ON channels
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_allow_list();
-- Not when a channel merely takes a new epoch.
CREATE CONSTRAINT TRIGGER channels_move_on AFTER UPDATE ON channels
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.digest IS DISTINCT FROM NEW.digest)
  EXECUTE FUNCTION move_allow_list();

-- As before, for denials too, and with the number.
CREATE OR REPLACE FUNCTION notify_blocked_edges() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM added WHERE kind = 'child')
    OR NOT EXISTS (
      SELECT 1 FROM quarantines WHERE lifted_at IS NULL
      UNION ALL SELECT 1 FROM allow_denials WHERE lifted_at IS NULL
    )
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
      ),
      held (digest) AS (
        SELECT digest FROM quarantines WHERE lifted_at IS NULL
        UNION
        SELECT digest FROM allow_denials WHERE lifted_at IS NULL
      )
    SELECT 1 FROM held
    WHERE held.digest IN (SELECT digest FROM below) OR held.digest IN (SELECT digest FROM above)
  ) THEN
    UPDATE allow_list_revision SET revision = revision + 1;
    PERFORM pg_notify('plura_registry', '');
    PERFORM pg_notify('plura_allow_list', '');
  END IF;
  RETURN NULL;
END
$$;
