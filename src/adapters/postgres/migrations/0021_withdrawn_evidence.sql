-- A second number beside the allow-list's: it moves when the evidence of a digest may turn from good to bad, so that no webhook goes
-- by what it found before. What passes leaves it alone, or each release would make every webhook verify everything anew.
CREATE TABLE evidence_revision (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  revision bigint NOT NULL
);
INSERT INTO evidence_revision (revision) VALUES (1);

-- Once in a transaction, since nobody sees one of its changes without the others: for a thousand rows that were changed the one
-- row would have a thousand versions.
CREATE FUNCTION tell_allow_list() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  this text := pg_current_xact_id()::text;
BEGIN
  IF current_setting('plura.moved_allow_list', true) IS DISTINCT FROM this THEN
    UPDATE allow_list_revision SET revision = revision + 1;
    PERFORM pg_notify('plura_allow_list', ''), set_config('plura.moved_allow_list', this, true);
  END IF;
END
$$;
CREATE FUNCTION tell_evidence() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  this text := pg_current_xact_id()::text;
BEGIN
  IF current_setting('plura.moved_evidence', true) IS DISTINCT FROM this THEN
    UPDATE evidence_revision SET revision = revision + 1;
    PERFORM pg_notify('plura_allow_list', ''), set_config('plura.moved_evidence', this, true);
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION move_allow_list() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_allow_list();
  RETURN NULL;
END
$$;
CREATE FUNCTION move_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_evidence();
  RETURN NULL;
END
$$;
CREATE FUNCTION move_homes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_allow_list(), tell_evidence();
  RETURN NULL;
END
$$;

-- The first scan of a release, and the hundredth of an image that fails since long, take nothing back.
CREATE FUNCTION move_evidence_by_scan() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  of_svc text := split_part(NEW.release_id, '/', 1);
BEGIN
  -- As a pass takes it (keep_scan_coverage): one that is being written is waited for, and then seen.
  PERFORM pg_advisory_xact_lock(hashtextextended('scan_coverage ' || of_svc || ' ' || NEW.subject, 0));
  IF 'pass' = (
    SELECT earlier.outcome FROM verdicts earlier
    WHERE earlier.gate = 'scan' AND earlier.subject = NEW.subject AND earlier.id < NEW.id
      AND split_part(earlier.release_id, '/', 1) = of_svc
    ORDER BY earlier.id DESC LIMIT 1
  ) THEN
    PERFORM tell_evidence();
  END IF;
  RETURN NULL;
END
$$;

-- A digest belongs to the newest run of its release.
CREATE FUNCTION move_evidence_by_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (
    SELECT former.digest IS NOT NULL AND coalesce(former.outcome, 'released') = 'released'
    FROM release_runs former
    WHERE former.release_id = NEW.release_id AND former.ordinal < NEW.ordinal
    ORDER BY former.ordinal DESC LIMIT 1
  ) THEN
    PERFORM tell_evidence();
  END IF;
  RETURN NULL;
END
$$;

-- All at commit, as those of the allow-list are.
CREATE CONSTRAINT TRIGGER verdicts_move AFTER INSERT ON verdicts
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.gate = 'scan' AND NEW.outcome <> 'pass')
  EXECUTE FUNCTION move_evidence_by_scan();
-- What was never approved covered nothing.
CREATE CONSTRAINT TRIGGER exceptions_move AFTER UPDATE ON exceptions
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.approved_at IS NOT NULL AND OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL)
  EXECUTE FUNCTION move_evidence();
CREATE CONSTRAINT TRIGGER release_runs_move_on AFTER INSERT ON release_runs
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION move_evidence_by_run();
CREATE CONSTRAINT TRIGGER release_runs_move_at_end AFTER UPDATE ON release_runs
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.digest IS NOT NULL AND coalesce(OLD.outcome, 'released') = 'released' AND NEW.outcome <> 'released')
  EXECUTE FUNCTION move_evidence();

-- Homes that a digest loses. Claims and runs are for good, so it takes somebody's own SQL; a new home turns a no into a yes.
CREATE CONSTRAINT TRIGGER release_runs_move_homes AFTER UPDATE ON release_runs
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (
    OLD.digest IS NOT NULL AND (
      OLD.digest IS DISTINCT FROM NEW.digest
      OR OLD.status ->> 'repository' IS DISTINCT FROM NEW.status ->> 'repository'
    )
  )
  EXECUTE FUNCTION move_homes();
CREATE CONSTRAINT TRIGGER release_runs_move_gone AFTER DELETE ON release_runs
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.digest IS NOT NULL)
  EXECUTE FUNCTION move_homes();
CREATE CONSTRAINT TRIGGER tags_move AFTER UPDATE ON tags
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (
    OLD.pending_since IS NULL AND (
      NEW.pending_since IS NOT NULL OR OLD.digest IS DISTINCT FROM NEW.digest
      OR OLD.repository IS DISTINCT FROM NEW.repository
    )
  )
  EXECUTE FUNCTION move_allow_list();
CREATE CONSTRAINT TRIGGER tags_move_gone AFTER DELETE ON tags
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.pending_since IS NULL)
  EXECUTE FUNCTION move_allow_list();
