-- What was released is scanned again for as long as it is kept, and a hold of a digest may end by itself.

-- A rescan is a run of its own: it answers anew for the digest, and is not what the release went by.
ALTER TABLE verdicts ADD COLUMN rescan boolean NOT NULL DEFAULT false;
-- Admission asks for the newest scan of a digest, and for its first signature.
CREATE INDEX verdicts_by_digest ON verdicts (subject, gate, id) WHERE gate IN ('scan', 'signature');

ALTER TABLE digest_holds
  -- Several people may hold a digest, each for a reason of their own; it is free when none of them holds it any more.
  ADD COLUMN hold_id text COLLATE "C" NOT NULL UNIQUE DEFAULT gen_random_uuid()::text
    CHECK (length(hold_id) BETWEEN 1 AND 64),
  -- As it was named; the hold is of the digest wherever it lies.
  ADD COLUMN repository text COLLATE "C" CHECK (length(repository) <= 255),
  -- Null: until somebody releases it.
  ADD COLUMN expires_at timestamptz CHECK (expires_at > at);

-- Keys that were called back, whatever keeps them; a later line about a key stands in place of an earlier one.
CREATE TABLE key_revocations (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key_id text NOT NULL CHECK (length(key_id) <= 100),
  version text NOT NULL CHECK (length(version) <= 60),
  -- PEM, SubjectPublicKeyInfo: versions are numbered anew where keys move.
  public_key text NOT NULL CHECK (length(public_key) <= 2000),
  revoked_at timestamptz NOT NULL,
  -- Null: nothing that it signed holds.
  trusted_before timestamptz CHECK (trusted_before <= revoked_at),
  reason text NOT NULL,
  actor text NOT NULL,
  idempotency_key text NOT NULL UNIQUE CHECK (length(idempotency_key) <= 512)
);
CREATE TRIGGER key_revocations_append_only BEFORE UPDATE OR DELETE ON key_revocations
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER key_revocations_never_truncated BEFORE TRUNCATE ON key_revocations
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION notify_key_revocations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('plura_key_revocations', '');
  RETURN NULL;
END
$$;
CREATE TRIGGER key_revocations_notify AFTER INSERT ON key_revocations
  FOR EACH STATEMENT EXECUTE FUNCTION notify_key_revocations();
