import { createHash } from 'node:crypto';
import type { RecordedVerdict, StandingVerdict } from '../../domain/evidence-record';
import type { Gate, Json, VerdictOutcome } from '../../domain/verdict';
import type { VerdictStore } from '../../ports/ledger';
import { toJsonb, type Database } from './database';

interface VerdictRow {
  readonly release_id: string;
  readonly run_id: string;
  readonly policy_hash: string;
  readonly at: Date;
  readonly gate: Gate;
  readonly subject: string;
  readonly outcome: VerdictOutcome;
  readonly reasons: readonly string[];
  readonly evidence: Json;
}

const COLUMNS = 'release_id, run_id, policy_hash, at, gate, subject, outcome, reasons';
const MAX_STANDING = 200;

function toRecord(row: VerdictRow): RecordedVerdict {
  const { gate, subject, outcome, reasons, evidence } = row;
  return {
    releaseId: row.release_id,
    runId: row.run_id,
    policyHash: row.policy_hash,
    at: row.at.toISOString(),
    verdict: { gate, subject, outcome, reasons, evidence },
  };
}

const OF_DIGEST = `subject = $2 AND release_id IN (
  SELECT release_id FROM release_runs WHERE svc = $1 AND digest = $2)`;

/** `$1` service, `$2` digest. */
export const NEWEST_SCAN = `
  SELECT ${COLUMNS}, evidence FROM verdicts
  WHERE gate = 'scan' AND ${OF_DIGEST} ORDER BY id DESC LIMIT 1`;

async function record(
  db: Database,
  rescan: boolean,
  ...[releaseId, runId, policyHash, verdict, at]: Parameters<VerdictStore['recordVerdict']>
): Promise<void> {
  const { gate, subject, outcome } = verdict;
  const reasons = toJsonb(verdict.reasons);
  const evidence = toJsonb(verdict.evidence);
  const content = createHash('sha256').update(`${outcome}\n${reasons}\n${evidence}`);
  const of = [releaseId, runId, gate, subject, outcome, reasons, evidence, policyHash, at];
  await db.query(
    `INSERT INTO verdicts
       (release_id, run_id, gate, subject, outcome, reasons, evidence, policy_hash, at, content_hash, rescan)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     ON CONFLICT DO NOTHING`,
    [...of, content.digest('hex'), rescan],
  );
}

async function standing(
  db: Database,
  releaseId: string,
  runId: string | undefined,
): Promise<readonly StandingVerdict[]> {
  // Ids first: the evidence of a window that was judged fifty times is read once. A rescan answers for what the run judged.
  const rows = await db.query<VerdictRow & { readonly judged: number }>(
    `WITH run AS (
       SELECT COALESCE($2, (SELECT run_id FROM verdicts WHERE release_id = $1 AND NOT rescan
                            ORDER BY id DESC LIMIT 1)) AS run_id),
     own AS (
       SELECT id, gate, subject FROM verdicts JOIN run USING (run_id) WHERE release_id = $1),
     answers AS (
       SELECT id, gate, subject FROM own
       UNION ALL
       SELECT id, gate, subject FROM verdicts
       WHERE $2::text IS NULL AND rescan AND release_id = $1
         AND (gate, subject) IN (SELECT gate, subject FROM own)),
     standing AS (
       SELECT max(id) AS id, count(*)::integer AS judged FROM answers GROUP BY gate, subject)
     SELECT ${COLUMNS}, evidence, judged FROM verdicts JOIN standing USING (id)
     ORDER BY id LIMIT ${MAX_STANDING}`,
    [releaseId, runId ?? null],
  );
  return rows.map((row) => ({ ...toRecord(row), judged: row.judged }));
}

export function createVerdictStore(db: Database): VerdictStore {
  return {
    recordVerdict: async (...verdict) => record(db, false, ...verdict),
    recordRescan: async (...verdict) => record(db, true, ...verdict),
    standingVerdicts: async (releaseId, runId) => standing(db, releaseId, runId),
    newestScan: async (svc, digest) => {
      const [row] = await db.query<VerdictRow>(NEWEST_SCAN, [svc, digest]);
      return row ? toRecord(row) : null;
    },
    firstSignedAt: async (svc, digest) => {
      const [row] = await db.query<{ readonly at: Date }>(
        `SELECT at FROM verdicts
         WHERE gate = 'signature' AND outcome = 'pass' AND ${OF_DIGEST} ORDER BY id LIMIT 1`,
        [svc, digest],
      );
      return row ? row.at.toISOString() : null;
    },
    listVerdicts: async (releaseId, limit) => {
      const rows = await db.query<VerdictRow>(
        `SELECT ${COLUMNS}, NULL::jsonb AS evidence FROM verdicts
         WHERE release_id = $1 ORDER BY id DESC LIMIT $2`,
        [releaseId, limit],
      );
      return rows.map((row) => toRecord(row));
    },
  };
}
