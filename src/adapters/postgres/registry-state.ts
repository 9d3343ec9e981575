import { ReleaseError } from '../../contract/errors';
import { parseDigest } from '../../domain/digest';
import type { Block } from '../../domain/registry/quarantine';
import type { GatewayState, RegistryMode, Spread } from '../../ports/gateway-state';
import type { Database, PostgresOptions, Sql } from './database';
import { REACHED } from './registry-family';
import { IS_OPEN } from './registry-quarantine';
import { readLapses } from './registry-lapses';
import { readRobotsWithSecrets } from './registry-robots';
import { toTime } from './registry-rows';
import { listenFor } from './listen';

interface BlockRow {
  readonly digest: string;
  readonly cause: string;
  readonly reason: string;
  readonly cves: readonly string[];
  readonly actor: string;
  readonly at: Date;
  readonly grace_until: Date | null;
  readonly expires_at: Date | null;
}

interface ModeRow {
  readonly pushes: 'open' | 'closed';
  readonly reason: string;
  readonly changed_by: string;
  readonly since: Date;
  readonly until: Date | null;
  readonly sealed: boolean;
  readonly over: boolean;
}

const EPOCH = '1970-01-01T00:00:00.000Z';

// Edges of pushes that are under way count too: what is about to appear is blocked before it does.
const BLOCKS = `
  WITH RECURSIVE
    held AS (SELECT * FROM quarantines WHERE ${IS_OPEN}),
    ${REACHED},
    blocked AS (
      SELECT reached.digest,
        (array_agg(held.id ORDER BY reached.cause = reached.digest DESC, held.id))[1] AS entry,
        CASE WHEN bool_or(held.grace_until IS NULL) THEN NULL ELSE min(held.grace_until) END AS grace_until,
        CASE WHEN bool_or(held.expires_at IS NULL) THEN NULL ELSE max(held.expires_at) END AS expires_at
      FROM reached JOIN held ON held.digest = reached.cause
      GROUP BY reached.digest
    )
  SELECT blocked.digest, held.digest AS cause, held.reason, held.cves, held.actor, held.at,
    blocked.grace_until, blocked.expires_at
  FROM blocked JOIN held ON held.id = blocked.entry
  ORDER BY blocked.digest`;

async function readBlocks(sql: Sql, { parents, children }: Spread): Promise<readonly Block[]> {
  const rows = await sql.query<BlockRow>(BLOCKS, [parents, children], 'blocks');
  return rows.map((row) => ({
    digest: parseDigest(row.digest),
    cause: parseDigest(row.cause),
    reason: row.reason,
    cves: row.cves,
    by: row.actor,
    at: row.at.toISOString(),
    graceUntil: toTime(row.grace_until),
    expiresAt: toTime(row.expires_at),
  }));
}

async function readMode(sql: Sql): Promise<RegistryMode> {
  const [row] = await sql.query<ModeRow>(
    `SELECT pushes, reason, changed_by, since, until, sealed,
       coalesce(until <= now(), false) AS over
     FROM registry_mode`,
  );
  if (!row) return { pushes: 'open', reason: '', by: 'system', since: EPOCH, until: null };
  const { pushes, reason, changed_by: by, since, until, sealed, over } = row;
  return over && until
    ? { pushes: 'open', reason: '', by, since: until.toISOString(), until: null }
    : {
        ...{ pushes, reason, by, since: since.toISOString(), until: toTime(until) },
        ...(sealed && { sealed }),
      };
}

/** Opening would let pushes end that the collector can't see. */
function sealedByAnother(): ReleaseError {
  return new ReleaseError('RECLAIM_RUNNING', 'A collector runs over the storage of the registry', {
    details: { remedy: 'pushes open by themselves when it ends; plura reg gc status shows it' },
  });
}

export function createPostgresGatewayState(db: Database, options: PostgresOptions): GatewayState {
  return {
    read: async (spread) =>
      db.transaction(async (sql) => ({
        robots: await readRobotsWithSecrets(sql),
        blocks: await readBlocks(sql, spread),
        lapses: await readLapses(sql, spread),
        mode: await readMode(sql),
      })),
    readBlocks: (spread) => readBlocks(db, spread),
    setMode: async ({ pushes, reason, by, since, until, sealed = false }) => {
      const rows = await db.query(
        `INSERT INTO registry_mode AS held (pushes, reason, changed_by, since, until, sealed)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (single) DO UPDATE SET pushes = EXCLUDED.pushes, reason = EXCLUDED.reason,
           changed_by = EXCLUDED.changed_by, since = EXCLUDED.since, until = EXCLUDED.until,
           sealed = EXCLUDED.sealed
         WHERE NOT held.sealed OR held.until <= now() OR held.changed_by = EXCLUDED.changed_by
         RETURNING pushes`,
        [pushes, reason, by, since, until, sealed],
      );
      if (rows.length === 0) throw sealedByAnother();
    },
    replaceMode: async (held, { pushes, reason, by, since, until, sealed = false }) => {
      const rows = await db.query(
        `UPDATE registry_mode SET pushes = $1, reason = $2, changed_by = $3, since = $4, until = $5,
           sealed = $6
         WHERE changed_by = $7 AND since = $8 RETURNING pushes`,
        [pushes, reason, by, since, until, sealed, held.by, held.since],
      );
      return rows.length > 0;
    },
    watch: (onChange, signal) => {
      listenFor('plura_registry', options, onChange, signal);
    },
  };
}
