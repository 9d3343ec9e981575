-- Exceptions are asked for by one person, approved by another, and end; each is for one vulnerability in one package.

CREATE TABLE exceptions (
  id text COLLATE "C" PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  kind text NOT NULL CHECK (kind IN ('standard', 'break-glass')),
  vulnerability_id text NOT NULL CHECK (length(vulnerability_id) BETWEEN 1 AND 100),
  -- A purl without version, or a name as the scanner has it.
  package_name text NOT NULL CHECK (length(package_name) BETWEEN 1 AND 255),
  package_version text CHECK (length(package_version) BETWEEN 1 AND 255),
  -- Null covers every service.
  svc text,
  reason text NOT NULL,
  owner text NOT NULL,
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  approved_by text CHECK (approved_by <> requested_by AND approved_by <> owner),
  approved_at timestamptz,
  revoked_by text,
  revoked_at timestamptz,
  revoke_reason text,
  CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
  CHECK ((revoked_by IS NULL) = (revoked_at IS NULL))
);
CREATE INDEX exceptions_by_service ON exceptions (svc);
CREATE INDEX exceptions_by_vulnerability ON exceptions (lower(vulnerability_id));
CREATE INDEX exceptions_by_end ON exceptions ((LEAST(expires_at, revoked_at)));

-- What was written into the old table by hand names no package and no second person: it is asked for, and covers nothing.
INSERT INTO exceptions (id, kind, vulnerability_id, package_name, svc, reason, owner, requested_by, requested_at, expires_at)
SELECT 'old-' || id, 'standard', left(vulnerability_id, 100), 'unknown', svc, reason, owner, owner, now(), expires_at
FROM scan_exceptions WHERE vulnerability_id <> '';
DROP TABLE scan_exceptions;

-- Whoever approved it approved this, and an approval or an end is never taken back.
CREATE FUNCTION keep_exception() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE'
    AND (to_jsonb(NEW) - '{approved_by,approved_at,revoked_by,revoked_at,revoke_reason}'::text[])
      = (to_jsonb(OLD) - '{approved_by,approved_at,revoked_by,revoked_at,revoke_reason}'::text[])
    AND (OLD.approved_at IS NULL OR (NEW.approved_at, NEW.approved_by) = (OLD.approved_at, OLD.approved_by))
    AND (OLD.revoked_at IS NULL OR (NEW.revoked_at, NEW.revoked_by) = (OLD.revoked_at, OLD.revoked_by))
  THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'exceptions are approved and revoked, never changed: % refused', TG_OP
    USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER exceptions_kept BEFORE UPDATE OR DELETE ON exceptions
  FOR EACH ROW EXECUTE FUNCTION keep_exception();
CREATE TRIGGER exceptions_never_truncated BEFORE TRUNCATE ON exceptions
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What people were told of an exception.
CREATE TABLE exception_notices (
  exception_id text COLLATE "C" NOT NULL REFERENCES exceptions (id),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
  at timestamptz NOT NULL,
  PRIMARY KEY (exception_id, name)
);

-- What the last pass of a digest rests on, a line a finding. A scan that fails or can't tell leaves it: what passed by an exception
-- does not become good by failing.
CREATE TABLE scan_coverage (
  svc text COLLATE "C" NOT NULL,
  digest digest NOT NULL,
  place integer NOT NULL,
  verdict_id bigint NOT NULL,
  release_id text NOT NULL,
  exception_id text COLLATE "C" NOT NULL,
  vulnerability_id text NOT NULL,
  package_name text NOT NULL,
  package_version text NOT NULL,
  purl text,
  needs text NOT NULL CHECK (needs IN ('exception', 'break-glass')),
  until timestamptz NOT NULL,
  -- No exception covers it after that.
  fix_limit timestamptz,
  PRIMARY KEY (svc, digest, place)
);
CREATE INDEX scan_coverage_by_exception ON scan_coverage (exception_id);
CREATE INDEX gc_tombstones_reclaimed ON gc_tombstones (digest) WHERE state = 'reclaimed';

-- Here and not in a store, so that no writer of verdicts can forget it.
CREATE FUNCTION keep_scan_coverage() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  of_svc text := split_part(NEW.release_id, '/', 1);
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('scan_coverage ' || of_svc || ' ' || NEW.subject, 0));
  -- Among the verdicts: a later pass that needs no exception has no line here.
  IF EXISTS (SELECT 1 FROM verdicts later
             WHERE later.gate = 'scan' AND later.subject = NEW.subject AND later.outcome = 'pass'
               AND later.id > NEW.id AND split_part(later.release_id, '/', 1) = of_svc) THEN
    RETURN NULL;
  END IF;
  -- Each of these statements is told to every gateway, which reads all anew: none for the many scans that need no exception.
  IF EXISTS (SELECT 1 FROM scan_coverage WHERE svc = of_svc AND digest = NEW.subject) THEN
    DELETE FROM scan_coverage WHERE svc = of_svc AND digest = NEW.subject;
  END IF;
  IF jsonb_typeof(NEW.evidence -> 'covered') = 'array' AND NEW.evidence -> 'covered' <> '[]' THEN
    INSERT INTO scan_coverage (svc, digest, place, verdict_id, release_id, exception_id, vulnerability_id,
      package_name, package_version, purl, needs, until, fix_limit)
    SELECT of_svc, NEW.subject, place, NEW.id, NEW.release_id, one ->> 'exceptionId', one ->> 'vulnerabilityId',
      one ->> 'packageName', one ->> 'packageVersion', one ->> 'purl', one ->> 'needs',
      (one ->> 'until')::timestamptz, (one ->> 'limit')::timestamptz
    FROM jsonb_array_elements(NEW.evidence -> 'covered') WITH ORDINALITY AS listed (one, place);
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER verdicts_scan_coverage AFTER INSERT ON verdicts
  FOR EACH ROW WHEN (NEW.gate = 'scan' AND NEW.outcome = 'pass') EXECUTE FUNCTION keep_scan_coverage();

-- What is only asked for changes nothing yet.
CREATE TRIGGER exceptions_notify AFTER UPDATE ON exceptions
  FOR EACH STATEMENT EXECUTE FUNCTION notify_registry();
CREATE TRIGGER scan_coverage_notify AFTER INSERT OR DELETE ON scan_coverage
  FOR EACH STATEMENT EXECUTE FUNCTION notify_registry();
