import type { ReleaseStatus } from '../../domain/release';
import type { ReleaseStore } from '../../ports/ledger';
import { toJsonb, type Database } from './database';

interface StatusRow {
  readonly status: ReleaseStatus;
}

// Only the newest run of a release is shown; older ones stay as history.
const NEWEST = `NOT EXISTS (
  SELECT 1 FROM release_runs newer
  WHERE newer.release_id = run.release_id AND newer.ordinal > run.ordinal)`;

/** `$1` service, `$2` digest. */
export const RELEASE_OF_DIGEST = `
  SELECT status FROM release_runs run
  WHERE svc = $1 AND digest = $2 AND (outcome IS NULL OR outcome = 'released') AND ${NEWEST}
  ORDER BY requested_at DESC, ordinal DESC LIMIT 1`;

function knownDigest(status: ReleaseStatus): string | null {
  return status.digest ?? (status.origin.kind === 'digest' ? status.origin.digest : null);
}

export function createReleaseStore(db: Database): ReleaseStore {
  async function first(text: string, values: readonly string[]): Promise<ReleaseStatus | null> {
    const [row] = await db.query<StatusRow>(text, values);
    return row?.status ?? null;
  }

  return {
    saveStatus: async (status, runId, sequence) => {
      await db.query(
        `INSERT INTO release_runs AS run
           (release_id, run_id, sequence, svc, digest, outcome, requested_at, status)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (release_id, run_id) DO UPDATE SET
           sequence = EXCLUDED.sequence, digest = EXCLUDED.digest,
           outcome = EXCLUDED.outcome, status = EXCLUDED.status
         WHERE run.sequence < EXCLUDED.sequence`,
        [
          status.releaseId,
          runId,
          sequence,
          status.svc,
          knownDigest(status),
          status.outcome ?? null,
          status.requestedAt,
          toJsonb(status),
        ],
      );
    },
    getStatus: async (releaseId) =>
      first('SELECT status FROM release_runs WHERE release_id = $1 ORDER BY ordinal DESC LIMIT 1', [
        releaseId,
      ]),
    listReleases: async ({ svc, since, limit }) => {
      // A condition that isn't asked for is left out, so that the planner finds the index that fits.
      const given = [
        { column: 'svc =', value: svc },
        { column: 'requested_at >=', value: since },
      ].filter(({ value }) => value !== undefined);
      const conditions = given.map(({ column }, index) => `AND ${column} $${index + 2}`);
      const rows = await db.query<StatusRow>(
        `SELECT status FROM release_runs run
         WHERE ${NEWEST} ${conditions.join(' ')}
         ORDER BY requested_at DESC, ordinal DESC LIMIT $1`,
        [limit, ...given.map(({ value = null }) => value)],
      );
      return rows.map((row) => row.status);
    },
    findByDigest: async (svc, digest) => first(RELEASE_OF_DIGEST, [svc, digest]),
  };
}
