import { ReleaseError } from '../../contract/errors';
import { joinCases, type AdvisoryCase, type AdvisoryHit } from '../../domain/advisories/case';
import { MAX_CASE_HITS, type AdvisoryCases, type RecordedCase } from '../../ports/advisory-cases';
import {
  CASE_COLUMNS,
  CASE_OF,
  toCase,
  toEvent,
  toHit,
  type CaseRow,
  type EventRow,
  type HitRow,
} from './advisory-case-rows';
import { createCaseDecisions } from './advisory-decisions';
import { toJsonb, type Database, type Sql } from './database';

const MAX_EVENTS = 1_000;

async function findOpen(sql: Sql, advisory: string): Promise<CaseRow | undefined> {
  const [row] = await sql.query<CaseRow>(
    `SELECT ${CASE_COLUMNS} FROM advisory_cases
     WHERE advisory = $1 AND closed_at IS NULL FOR UPDATE`,
    [advisory],
  );
  return row;
}

async function openOne(sql: Sql, one: AdvisoryCase): Promise<CaseRow> {
  const { advisory, severity, openedAt, dueAt } = one;
  const [added] = await sql.query<CaseRow>(
    `INSERT INTO advisory_cases (advisory, severity, opened_at, due_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (advisory) WHERE closed_at IS NULL DO NOTHING RETURNING ${CASE_COLUMNS}`,
    [advisory, severity, openedAt, dueAt],
  );
  const held = added ?? (await findOpen(sql, advisory));
  if (!held) throw new ReleaseError('LEDGER_UNAVAILABLE', `The case of ${advisory} moved`);
  const joined = joinCases(toCase(held), one);
  const [row] = await sql.query<CaseRow>(
    `UPDATE advisory_cases SET severity = $2, due_at = $3 WHERE id = $1 RETURNING ${CASE_COLUMNS}`,
    [held.id, joined.severity, joined.dueAt],
  );
  return row ?? held;
}

async function addHits(sql: Sql, id: string, hits: readonly AdvisoryHit[]): Promise<void> {
  await sql.query(
    `INSERT INTO advisory_hits
       (case_id, svc, digest, purl, severity, channels, running, fixed_version, since)
     SELECT $1::bigint, svc, digest, purl, severity, channels, running, "fixedVersion", since
     FROM jsonb_to_recordset($2::jsonb) AS hit (svc text, digest text, purl text, severity text,
       channels jsonb, running jsonb, "fixedVersion" text, since timestamptz)
     ON CONFLICT (case_id, svc, digest, purl) DO UPDATE SET severity = excluded.severity,
       channels = excluded.channels, running = excluded.running,
       fixed_version = excluded.fixed_version, since = excluded.since`,
    [id, toJsonb(hits)],
  );
  const [counted] = await sql.query<{ readonly hits: number }>(
    'SELECT count(*)::integer AS hits FROM advisory_hits WHERE case_id = $1',
    [id],
  );
  if (!counted || counted.hits <= MAX_CASE_HITS) return;
  throw new ReleaseError('INVALID_INPUT', `A case takes ${MAX_CASE_HITS} hits at most`, {
    details: { field: 'hits', remedy: 'look at all of the registry: plura reg cve impact' },
  });
}

/** Of the table. One image with an endless name must not keep the case from all others. */
const MAX_PURL = 1000;

/** A statement must not name one row twice; the last word counts. */
function once(hits: readonly AdvisoryHit[]): readonly AdvisoryHit[] {
  const keyOf = ({ svc, digest, purl }: AdvisoryHit): string => `${svc} ${digest} ${purl}`;
  const short = hits.map((hit) => ({ ...hit, purl: hit.purl.slice(0, MAX_PURL) }));
  return [...new Map(short.map((hit) => [keyOf(hit), hit])).values()];
}

async function list(
  db: Database,
  state: 'open' | 'closed' | 'all',
  limit: number,
): Promise<readonly RecordedCase[]> {
  const rows = await db.query<CaseRow>(
    `SELECT ${CASE_COLUMNS} FROM advisory_cases
     WHERE $1 = 'all' OR ($1 = 'open') = (closed_at IS NULL)
     ORDER BY closed_at IS NOT NULL, CASE WHEN closed_at IS NULL THEN due_at END, id DESC LIMIT $2`,
    [state, limit],
  );
  return rows.map(toCase);
}

type CaseRecords = Pick<AdvisoryCases, 'hitsOf' | 'record' | 'timeline'>;

function createCaseRecords(db: Database): CaseRecords {
  return {
    hitsOf: async (advisory) => {
      const rows = await db.query<HitRow>(
        `SELECT $1::text AS advisory, severity, svc, digest, channels, running, purl,
           fixed_version, since
         FROM advisory_hits WHERE case_id = ${CASE_OF} ORDER BY svc, digest::text, purl`,
        [advisory],
      );
      return rows.map(toHit);
    },
    record: async (key, { advisory, at, kind, text, actor }) => {
      await db.query(
        `INSERT INTO advisory_events (key, advisory, at, kind, text, actor)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (key) DO NOTHING`,
        [key, advisory, at, kind, text.slice(0, 4000), actor],
      );
    },
    timeline: async (advisory) => {
      const rows = await db.query<EventRow>(
        `SELECT advisory, at, kind, text, actor FROM advisory_events WHERE advisory = $1
         ORDER BY id DESC LIMIT $2`,
        [advisory, MAX_EVENTS],
      );
      return rows.map(toEvent).toReversed();
    },
  };
}

export function createPostgresAdvisoryCases(db: Database): AdvisoryCases {
  return {
    ...createCaseRecords(db),
    ...createCaseDecisions(db),
    open: async (one, hits) =>
      db.transaction(async (sql) => {
        const row = await openOne(sql, one);
        await addHits(sql, row.id, once(hits));
        return toCase(row);
      }),
    read: async (advisory) => {
      const [row] = await db.query<CaseRow>(
        `SELECT ${CASE_COLUMNS} FROM advisory_cases WHERE id = ${CASE_OF}`,
        [advisory],
      );
      return row ? toCase(row) : null;
    },
    list: async (state, limit) => list(db, state, limit),
  };
}
