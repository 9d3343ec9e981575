import type { CaseExtension } from '../../domain/advisories/case';
import type { CaseAct, DigestActs } from '../../domain/advisories/case-action';
import { parseDigest, type Digest } from '../../domain/digest';
import type { AdvisoryCases } from '../../ports/advisory-cases';
import { CASE_OF } from './advisory-case-rows';
import { toJsonb, type Database } from './database';
import { toTime } from './registry-rows';

interface ActsRow {
  readonly digest: string;
  readonly acts: readonly CaseAct[];
  readonly cut_at: Date | null;
}

interface DigestRow {
  readonly digest: string;
}

const GIVEN = 'digest IN (SELECT jsonb_array_elements_text($2::jsonb))';
const OPEN = '(SELECT id FROM advisory_cases WHERE advisory = $1 AND closed_at IS NULL)';

/** A dismissal by an exception ends with the last one that is for the advisory and the service, revoked ones at once. */
const EXCEPTED = `
  SELECT 1 FROM exceptions granted
  WHERE granted.approved_at IS NOT NULL AND lower(granted.vulnerability_id) = lower(one.advisory)
    AND (granted.svc IS NULL OR granted.svc COLLATE "C" = hit.svc)
    AND LEAST(granted.expires_at, granted.revoked_at) > $3::timestamptz`;

async function listActs(db: Database, advisory: string): Promise<readonly DigestActs[]> {
  const rows = await db.query<ActsRow>(
    `SELECT hit.digest, coalesce(
       (SELECT jsonb_agg(act ORDER BY act) FROM advisory_acts done
        WHERE done.case_id = hit.case_id AND done.digest = hit.digest), '[]') AS acts,
       (SELECT at FROM advisory_acts done WHERE done.case_id = hit.case_id
          AND done.digest = hit.digest AND act = 'quarantined') AS cut_at
     FROM (SELECT DISTINCT case_id, digest FROM advisory_hits WHERE case_id = ${CASE_OF}) hit
     ORDER BY hit.digest::text`,
    [advisory],
  );
  return rows.map(({ digest, acts, cut_at: cutAt }) => ({
    ...{ digest: parseDigest(digest), acts },
    cutAt: toTime(cutAt),
  }));
}

async function extend(db: Database, advisory: string, given: CaseExtension): Promise<boolean> {
  const extended = await db.query(
    `UPDATE advisory_cases SET due_at = $2, extension = $3::jsonb
     WHERE id = ${OPEN} AND (extension IS NULL OR extension = $3::jsonb) RETURNING id`,
    [advisory, given.dueAt, toJsonb(given)],
  );
  return extended.length > 0;
}

const digestsOf = (rows: readonly DigestRow[]): readonly Digest[] =>
  rows.map(({ digest }) => parseDigest(digest));

type CaseDecisions = Pick<
  AdvisoryCases,
  'acts' | 'close' | 'dismissed' | 'drop' | 'extend' | 'recordAct' | 'saveLook' | 'wantedByOthers'
>;

/** What was done about a case, and how it ended. */
export function createCaseDecisions(db: Database): CaseDecisions {
  return {
    dismissed: async (advisory, digests, at) =>
      digestsOf(
        await db.query<DigestRow>(
          `SELECT DISTINCT digest FROM advisory_hits hit JOIN advisory_cases one ON one.id = case_id
           WHERE one.advisory = $1 AND one.resolution ->> 'kind' = 'not-affected'
             AND (one.dismissed_until IS NULL OR one.dismissed_until > $3::timestamptz) AND ${GIVEN}
             AND (one.resolution ->> 'justification' <> 'exception' OR EXISTS (${EXCEPTED}))`,
          [advisory, toJsonb(digests), at],
        ),
      ),
    acts: async (advisory) => listActs(db, advisory),
    recordAct: async (advisory, digest, act, at) => {
      await db.query(
        `INSERT INTO advisory_acts (case_id, digest, act, at)
         SELECT id, $2::digest, $3::text, $4::timestamptz FROM advisory_cases WHERE id = ${CASE_OF} ON CONFLICT DO NOTHING`,
        [advisory, digest, act, at],
      );
    },
    wantedByOthers: async (advisory, digests) =>
      digestsOf(
        await db.query<DigestRow>(
          `SELECT DISTINCT digest FROM advisory_hits JOIN advisory_cases one ON one.id = case_id
           WHERE (one.closed_at IS NULL OR one.resolution ->> 'kind' = 'replaced')
             AND one.advisory <> $1 AND ${GIVEN}`,
          [advisory, toJsonb(digests)],
        ),
      ),
    drop: async (advisory, digests) => {
      await db.query(
        `WITH one AS ${OPEN},
         acts AS (DELETE FROM advisory_acts WHERE case_id IN (SELECT id FROM one) AND ${GIVEN})
         DELETE FROM advisory_hits WHERE case_id IN (SELECT id FROM one) AND ${GIVEN}`,
        [advisory, toJsonb(digests)],
      );
    },
    saveLook: async (advisory, look) => {
      await db.query(`UPDATE advisory_cases SET look = $2::jsonb WHERE id = ${OPEN}`, [
        advisory,
        toJsonb(look),
      ]);
    },
    extend: async (advisory, extension) => extend(db, advisory, extension),
    close: async (advisory, at, resolution) => {
      const until = resolution.kind === 'not-affected' ? resolution.until : null;
      const closed = await db.query(
        `UPDATE advisory_cases SET closed_at = $2, resolution = $3::jsonb, dismissed_until = $4
         WHERE id = ${OPEN} RETURNING id`,
        [advisory, at, toJsonb(resolution), until],
      );
      return closed.length > 0;
    },
  };
}
