import type { RecordedVerdict } from '../../domain/evidence-record';
import type { ExceptionKind, GrantedException } from '../../domain/exceptions/exception';
import type { ReleaseStatus } from '../../domain/release';
import type { Gate, Json, VerdictOutcome } from '../../domain/verdict';
import type { Digest } from '../../domain/digest';
import type { ReleaseFacts, ReleaseFactsStore } from '../../ports/ledger';
import type { Database, Sql } from './database';
import { EXCEPTIONS_OF_SERVICE } from './records';
import { RELEASE_OF_DIGEST } from './releases';
import { NEWEST_SCAN } from './verdicts';

/** Times in it are text with an offset, as Postgres writes them to JSON. */
export interface ReleaseFactsRow {
  readonly release: ReleaseStatus | null;
  readonly scan: {
    readonly release_id: string;
    readonly run_id: string;
    readonly policy_hash: string;
    readonly at: string;
    readonly gate: Gate;
    readonly subject: string;
    readonly outcome: VerdictOutcome;
    readonly reasons: readonly string[];
    readonly evidence: Json;
  } | null;
  readonly exceptions: readonly {
    readonly id: string;
    readonly kind: ExceptionKind;
    readonly vulnerability_id: string;
    readonly package_name: string;
    readonly package_version: string | null;
    readonly svc: string | null;
    readonly expires_at: string;
    readonly revoked_at: string | null;
  }[];
}

/** `$1` the service, `$2` the digest. */
export const RELEASE_FACTS = `
  SELECT (${RELEASE_OF_DIGEST}) AS release,
    (SELECT to_jsonb(scan) FROM (${NEWEST_SCAN}) scan) AS scan,
    (SELECT coalesce(jsonb_agg(to_jsonb(one)), '[]') FROM (${EXCEPTIONS_OF_SERVICE}) one)
      AS exceptions`;

const toTime = (text: string): string => new Date(text).toISOString();

function toScan({ scan }: ReleaseFactsRow): RecordedVerdict | null {
  if (!scan) return null;
  const { release_id: releaseId, run_id: runId, policy_hash: policyHash, at, ...verdict } = scan;
  return { releaseId, runId, policyHash, at: toTime(at), verdict };
}

function toExceptions({ exceptions }: ReleaseFactsRow): readonly GrantedException[] {
  return exceptions.map(({ id, kind, svc, ...row }) => ({
    id,
    kind,
    vulnerabilityId: row.vulnerability_id,
    packageName: row.package_name,
    packageVersion: row.package_version,
    svc,
    expiresAt: toTime(row.expires_at),
    revokedAt: row.revoked_at === null ? null : toTime(row.revoked_at),
  }));
}

export function toReleaseFacts(row: ReleaseFactsRow | null): ReleaseFacts {
  // A SELECT without FROM has one row.
  return row
    ? { release: row.release, scan: toScan(row), exceptions: toExceptions(row) }
    : { release: null, scan: null, exceptions: [] };
}

/** One statement, since each is a way to Postgres and back, and three of them were three processes of it. */
export async function readReleaseFacts(
  sql: Sql,
  svc: string,
  digest: Digest,
): Promise<ReleaseFacts> {
  const [row] = await sql.query<ReleaseFactsRow>(RELEASE_FACTS, [svc, digest], 'release-facts');
  return toReleaseFacts(row ?? null);
}

export function createReleaseFactsStore(db: Database): ReleaseFactsStore {
  return { releaseFacts: (svc, digest) => readReleaseFacts(db, svc, digest) };
}
