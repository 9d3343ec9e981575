import { parseDigest } from '../../domain/digest';
import type { Lapse } from '../../domain/registry/lapse';
import type { Spread } from '../../ports/gateway-state';
import type { Sql } from './database';
import { COVERED, IS_THERE } from './exceptions-cover';
import { REACHED } from './registry-family';

interface LapseRow {
  readonly digest: string;
  readonly cause: string;
  readonly svc: string;
  readonly vulnerability_id: string;
  readonly package_name: string;
  readonly exception_id: string;
  /** Null: no exception is for it. */
  readonly ends_at: Date | null;
  readonly running: boolean;
}

// Only what passed by exceptions, which are few: the first of them to end counts, whoever released the digest.
const LAPSES = `
  WITH RECURSIVE ${COVERED},
    held AS (
      SELECT * FROM (
        SELECT DISTINCT ON (digest) digest, svc, vulnerability_id, package_name, exception_id, ends_at
        FROM covered ORDER BY digest, ends_at, svc, place
      ) finding WHERE ${IS_THERE}
    ),
    ${REACHED}
  SELECT DISTINCT ON (reached.digest) reached.digest, reached.cause, held.svc, held.vulnerability_id,
    held.package_name, held.exception_id, nullif(held.ends_at, '-infinity') AS ends_at,
    EXISTS (SELECT 1 FROM channels channel WHERE channel.digest = reached.cause) AS running
  FROM reached JOIN held ON held.digest = reached.cause
  ORDER BY reached.digest, held.ends_at, reached.cause`;

/** Of what nothing covers any more. */
const LONG_AGO = new Date(0);

export async function readLapses(
  sql: Sql,
  { parents, children }: Spread,
): Promise<readonly Lapse[]> {
  const rows = await sql.query<LapseRow>(LAPSES, [parents, children]);
  return rows.map((row) => ({
    digest: parseDigest(row.digest),
    cause: parseDigest(row.cause),
    svc: row.svc,
    vulnerabilityId: row.vulnerability_id,
    packageName: row.package_name,
    exceptionId: row.exception_id,
    endsAt: (row.ends_at ?? LONG_AGO).toISOString(),
    running: row.running,
  }));
}
