import { parseDigest } from '../../domain/digest';
import type { DigestStore } from '../../ports/ledger';
import type { Database } from './database';
import { ABOVE_AND_BELOW } from './registry-family';
import { IS_OPEN } from './registry-quarantine';

interface BadDigestRow {
  readonly digest: string;
  readonly svc: string;
  readonly reason: string;
  readonly at: Date;
  readonly actor: string;
}

/** The digest, an index above it or a manifest below it: no release may hold or be held by what is quarantined. */
const IS_QUARANTINED = `
  WITH RECURSIVE ${ABOVE_AND_BELOW}
  SELECT 1 FROM quarantines
  WHERE ${IS_OPEN} AND digest IN (SELECT digest FROM above UNION SELECT digest FROM below)
  LIMIT 1`;

export function createDigestStore(db: Database): DigestStore {
  return {
    markBad: async (bad) => {
      await db.query(
        `INSERT INTO bad_digests (svc, digest, reason, at, actor) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (svc, digest) WHERE released_at IS NULL DO NOTHING`,
        [bad.svc, bad.digest, bad.reason, bad.at, bad.actor],
      );
    },
    findBad: async (svc, digest) => {
      const [row] = await db.query<BadDigestRow>(
        `SELECT digest, svc, reason, at, actor FROM bad_digests
         WHERE svc = $1 AND digest = $2 AND released_at IS NULL`,
        [svc, digest],
      );
      return row ? { ...row, digest: parseDigest(row.digest), at: row.at.toISOString() } : null;
    },
    releaseBad: async (svc, digest, actor, reason, at) => {
      const rows = await db.query(
        `UPDATE bad_digests SET released_at = $5, released_by = $3, release_reason = $4
         WHERE svc = $1 AND digest = $2 AND released_at IS NULL RETURNING id`,
        [svc, digest, actor, reason, at],
      );
      return rows.length === 1;
    },
    isQuarantined: async (digest) => {
      const rows = await db.query(IS_QUARANTINED, [digest]);
      return rows.length > 0;
    },
  };
}
