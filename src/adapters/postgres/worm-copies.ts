import { parseDigest } from '../../domain/digest';
import type { WormItem, WormTag } from '../../domain/worm/manifest';
import type { RecordedWormCopy, WormCopies, WormState, WormStep } from '../../ports/worm-copies';
import { toJsonb, type Database, type Sql } from './database';
import { toTime } from './registry-rows';

interface CopyRow {
  readonly id: string;
  readonly digest: string;
  readonly repository: string;
  readonly reason: string;
  readonly actor: string;
  readonly requested_at: Date;
  readonly lock_until: Date;
  readonly state: WormState;
  readonly objects: number;
  readonly bytes: string;
  readonly legacy_tags: readonly WormTag[];
  readonly manifest_key: string | null;
  readonly manifest_version: string | null;
  readonly manifest_digest: string | null;
  readonly verified_at: Date | null;
  readonly problems: readonly string[];
}

interface StepRow {
  readonly ordinal: number;
  readonly digest: string;
  readonly size: string;
  readonly role: WormItem['role'];
  readonly media_type: string;
  readonly artifact_type: string | null;
  readonly subject: string | null;
  readonly repository: string;
  readonly key: string | null;
  readonly version: string | null;
}

const COLUMNS = `id, digest, repository, reason, actor, requested_at, lock_until, state, objects,
  bytes, legacy_tags, manifest_key, manifest_version, manifest_digest, verified_at, problems`;
const MAX_PROBLEMS = 100;
/** Rows of one statement. */
const BATCH = 1_000;

function toManifest(row: CopyRow): RecordedWormCopy['manifest'] {
  const { manifest_key: key, manifest_version: version, manifest_digest: digest } = row;
  if (key === null || version === null || digest === null) return null;
  return { key, version, digest: parseDigest(digest) };
}

function toCopy(row: CopyRow): RecordedWormCopy {
  const { id, repository, reason, state, objects, problems } = row;
  return {
    ...{ id, repository, reason, state, objects, problems },
    digest: parseDigest(row.digest),
    by: row.actor,
    requestedAt: row.requested_at.toISOString(),
    lockUntil: row.lock_until.toISOString(),
    bytes: Number(row.bytes),
    legacyTags: row.legacy_tags,
    manifest: toManifest(row),
    verifiedAt: toTime(row.verified_at),
  };
}

function toStep(row: StepRow): WormStep {
  const { ordinal, role, repository, key, version } = row;
  return {
    ...{ ordinal, role, repository },
    digest: parseDigest(row.digest),
    size: Number(row.size),
    mediaType: row.media_type,
    artifactType: row.artifact_type,
    subject: row.subject === null ? null : parseDigest(row.subject),
    stored: key === null || version === null ? null : { key, version },
  };
}

async function find(db: Database, id: string): Promise<RecordedWormCopy | null> {
  const rows = await db.query<CopyRow>(`SELECT ${COLUMNS} FROM worm_copies WHERE id = $1`, [id]);
  return rows[0] ? toCopy(rows[0]) : null;
}

/** All or none, and the first list for good: what is attached meanwhile would move the others to other places. */
async function addSteps(
  sql: Sql,
  id: string,
  items: readonly WormItem[],
  legacyTags: readonly WormTag[],
): Promise<void> {
  const open = await sql.query(
    `UPDATE worm_copies SET legacy_tags = $2::jsonb WHERE id = $1 AND state = 'copying'
       AND NOT EXISTS (SELECT 1 FROM worm_steps WHERE copy = $1) RETURNING id`,
    [id, toJsonb(legacyTags)],
  );
  if (open.length === 0) return;
  const rows = items.map((item, ordinal) => ({ ...item, ordinal }));
  for (let from = 0; from < rows.length; from += BATCH) {
    await sql.query(
      `INSERT INTO worm_steps (copy, ordinal, digest, size, role, media_type, artifact_type,
         subject, repository)
       SELECT $1, ordinal, digest, size, role, "mediaType", "artifactType", subject, repository
       FROM jsonb_to_recordset($2::jsonb) AS step (ordinal integer, digest text, size bigint,
         role text, "mediaType" text, "artifactType" text, subject text, repository text)
       ON CONFLICT (copy, ordinal) DO NOTHING`,
      [id, toJsonb(rows.slice(from, from + BATCH))],
    );
  }
}

type Writes = Pick<WormCopies, 'stepDone' | 'seal' | 'giveUp' | 'verified'>;

function createWrites(db: Database): Writes {
  return {
    stepDone: async (id, ordinal, { key, version }) => {
      await db.query(
        'UPDATE worm_steps SET key = $3, version = $4 WHERE copy = $1 AND ordinal = $2',
        [id, ordinal, key, version],
      );
    },
    seal: async (id, { lockUntil, objects, bytes, manifest, at }) => {
      await db.transaction(async (sql) => {
        await sql.query(
          `UPDATE worm_copies SET state = CASE state WHEN 'damaged' THEN state ELSE 'held' END, lock_until = greatest(lock_until, $2),
             objects = $3, bytes = $4, manifest_key = $5, manifest_version = $6,
             manifest_digest = $7, verified_at = coalesce(verified_at, $8),
             problems = CASE state WHEN 'damaged' THEN problems ELSE '[]' END
           WHERE id = $1`,
          [id, lockUntil, objects, bytes, manifest.key, manifest.version, manifest.digest, at],
        );
        await sql.query('DELETE FROM worm_steps WHERE copy = $1', [id]);
      });
    },
    giveUp: async (id, problem) => {
      await db.query(
        `UPDATE worm_copies SET state = 'failed', problems = $2::jsonb
         WHERE id = $1 AND state = 'copying'`,
        [id, toJsonb([problem])],
      );
    },
    verified: async (id, at, problems) => {
      await db.query(
        `UPDATE worm_copies SET state = $2, verified_at = $3, problems = $4::jsonb
         WHERE id = $1 AND state IN ('held', 'damaged')`,
        [
          ...[id, problems.length > 0 ? 'damaged' : 'held', at],
          toJsonb(problems.slice(0, MAX_PROBLEMS)),
        ],
      );
    },
  };
}

export function createPostgresWormCopies(db: Database): WormCopies {
  return {
    begin: async (copy) => {
      const { id, digest, repository, reason, by, requestedAt, lockUntil } = copy;
      await db.query(
        `INSERT INTO worm_copies (id, digest, repository, reason, actor, requested_at, lock_until)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING`,
        [id, digest, repository, reason, by, requestedAt, lockUntil],
      );
      const begun = { state: 'copying', objects: 0, bytes: 0, legacyTags: [] } as const;
      return (
        (await find(db, id)) ?? {
          ...copy,
          ...begun,
          manifest: null,
          verifiedAt: null,
          problems: [],
        }
      );
    },
    get: async (id) => find(db, id),
    list: async ({ digest, limit }) => {
      const rows = await db.query<CopyRow>(
        `SELECT ${COLUMNS} FROM worm_copies WHERE ($1::text IS NULL OR digest = $1)
         ORDER BY ordinal DESC LIMIT $2`,
        [digest ?? null, limit],
      );
      return rows.map(toCopy);
    },
    addSteps: async (id, items, legacyTags) =>
      db.transaction(async (sql) => addSteps(sql, id, items, legacyTags)),
    steps: async (id) => {
      const rows = await db.query<StepRow>(
        `SELECT ordinal, digest, size, role, media_type, artifact_type, subject, repository, key,
           version FROM worm_steps WHERE copy = $1 ORDER BY ordinal`,
        [id],
      );
      return rows.map(toStep);
    },
    ...createWrites(db),
  };
}
