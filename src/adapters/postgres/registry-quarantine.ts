import { SYSTEM_ACTOR } from '../../domain/actor';
import { parseDigest, type Digest } from '../../domain/digest';
import type { Quarantine, QuarantineEntry, QuarantinePlace } from '../../ports/quarantine';
import { toJsonb, type Database, type Sql } from './database';
import { ABOVE_AND_BELOW } from './registry-family';
import { toTime } from './registry-rows';

type NewEntry = Parameters<Quarantine['add']>[0];

interface QuarantineRow {
  readonly digest: string;
  readonly reason: string;
  readonly cves: readonly string[];
  readonly actor: string;
  readonly at: Date;
  readonly grace_until: Date | null;
  readonly expires_at: Date | null;
  readonly lifted_at: Date | null;
  readonly lifted_by: string | null;
  readonly lift_reason: string | null;
}

const COLUMNS = `digest, reason, cves, actor, at, grace_until, expires_at, lifted_at, lifted_by,
  lift_reason`;
/** Of table `quarantines`: under quarantine now. */
export const IS_OPEN = 'lifted_at IS NULL AND (expires_at IS NULL OR expires_at > now())';
const MAX_LIST = 10_000;

function toEntry(row: QuarantineRow): QuarantineEntry {
  return {
    digest: parseDigest(row.digest),
    reason: row.reason,
    cves: row.cves,
    actor: row.actor,
    at: row.at.toISOString(),
    graceUntil: toTime(row.grace_until),
    expiresAt: toTime(row.expires_at),
    liftedAt: toTime(row.lifted_at),
    liftedBy: row.lifted_by,
    liftReason: row.lift_reason,
  };
}

/** An expired entry makes room for the next one of its digest. */
async function closeExpired(sql: Sql, digest: Digest): Promise<void> {
  await sql.query(
    `UPDATE quarantines SET lifted_at = expires_at, lifted_by = 'system', lift_reason = 'expired'
     WHERE digest = $1 AND lifted_at IS NULL AND expires_at <= now()`,
    [digest],
  );
}

async function add(sql: Sql, entry: NewEntry): Promise<readonly QuarantineRow[]> {
  await closeExpired(sql, entry.digest);
  const { digest, reason, cves, actor, at, graceUntil, expiresAt } = entry;
  return sql.query<QuarantineRow>(
    `INSERT INTO quarantines AS held (digest, reason, cves, actor, at, grace_until, expires_at)
     VALUES ($1, $2, ARRAY(
       SELECT one FROM jsonb_array_elements_text($3::jsonb) WITH ORDINALITY AS cve (one, nr)
       GROUP BY one ORDER BY min(nr)
     ), $4, $5, $6, $7)
     ON CONFLICT (digest) WHERE lifted_at IS NULL DO UPDATE SET
       reason = CASE WHEN held.actor = $8 AND EXCLUDED.actor <> $8 THEN EXCLUDED.reason ELSE held.reason END,
       actor = CASE WHEN held.actor = $8 THEN EXCLUDED.actor ELSE held.actor END,
       cves = held.cves || ARRAY(
         SELECT one FROM unnest(EXCLUDED.cves) WITH ORDINALITY AS cve (one, nr)
         WHERE one <> ALL (held.cves) ORDER BY nr
       ),
       expires_at = CASE WHEN held.expires_at IS NULL OR EXCLUDED.expires_at IS NULL THEN NULL
         ELSE greatest(held.expires_at, EXCLUDED.expires_at) END,
       grace_until = CASE WHEN held.grace_until IS NULL OR EXCLUDED.grace_until IS NULL THEN NULL
         ELSE least(held.grace_until, EXCLUDED.grace_until) END
     RETURNING ${COLUMNS}`,
    [digest, reason, toJsonb(cves), actor, at, graceUntil, expiresAt, SYSTEM_ACTOR.subject],
  );
}

async function lift(
  db: Database,
  ...[digest, actor, reason, at, onlyOf]: Parameters<Quarantine['lift']>
): Promise<boolean> {
  const lifted = await db.query(
    `UPDATE quarantines SET lifted_at = $4, lifted_by = $2, lift_reason = $3
     WHERE digest = $1 AND ${IS_OPEN} AND actor = coalesce($5, actor) RETURNING id`,
    [digest, actor, reason, at, onlyOf ?? null],
  );
  if (lifted.length > 0) return true;
  const before = await db.query(
    'SELECT 1 FROM quarantines WHERE digest = $1 AND lifted_by = $2 AND lifted_at = $3',
    [digest, actor, at],
  );
  return before.length > 0;
}

interface PlaceRow {
  readonly repository: string;
  readonly digest: string;
  readonly tags: readonly string[];
}

async function places(db: Database, digest: Digest): Promise<readonly QuarantinePlace[]> {
  const rows = await db.query<PlaceRow>(
    `WITH RECURSIVE ${ABOVE_AND_BELOW}
     SELECT repository, digest, ARRAY(
       SELECT tag::text FROM repository_tags held
       WHERE held.repository = manifest.repository AND held.digest = manifest.digest ORDER BY tag
     ) AS tags
     FROM manifests manifest
     WHERE NOT pending AND digest IN (SELECT digest FROM above UNION SELECT digest FROM below)
     ORDER BY repository, digest LIMIT $2`,
    [digest, MAX_LIST],
  );
  return rows.map((row) => ({ ...row, digest: parseDigest(row.digest) }));
}

export function createPostgresQuarantine(db: Database): Quarantine {
  return {
    add: async (entry) => {
      const [row] = await db.transaction(async (sql) => add(sql, entry));
      return row ? toEntry(row) : { ...entry, liftedAt: null, liftedBy: null, liftReason: null };
    },
    lift: async (...asked) => lift(db, ...asked),
    get: async (digest) => {
      const [row] = await db.query<QuarantineRow>(
        `SELECT ${COLUMNS} FROM quarantines WHERE digest = $1 AND ${IS_OPEN}`,
        [digest],
      );
      return row ? toEntry(row) : null;
    },
    list: async ({ all = false, limit }) => {
      const rows = await db.query<QuarantineRow>(
        `SELECT ${COLUMNS} FROM quarantines WHERE $1 OR (${IS_OPEN}) ORDER BY id DESC LIMIT $2`,
        [all, Math.min(limit, MAX_LIST)],
      );
      return rows.map(toEntry);
    },
    places: async (digest) => places(db, digest),
    isRunning: async (digest) => {
      const rows = await db.query('SELECT 1 FROM channels WHERE digest = $1 LIMIT 1', [digest]);
      return rows.length > 0;
    },
  };
}
