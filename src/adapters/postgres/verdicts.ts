import { createHash } from 'node:crypto';
import type { RecordedVerdict } from '../../domain/evidence-record';
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

export function createVerdictStore(db: Database): VerdictStore {
  return {
    recordVerdict: async (releaseId, runId, policyHash, verdict, at) => {
      const { gate, subject, outcome } = verdict;
      const reasons = toJsonb(verdict.reasons);
      const evidence = toJsonb(verdict.evidence);
      const content = createHash('sha256').update(`${outcome}\n${reasons}\n${evidence}`);
      await db.query(
        `INSERT INTO verdicts
           (release_id, run_id, gate, subject, outcome, reasons, evidence, policy_hash, at, content_hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT DO NOTHING`,
        [
          releaseId,
          runId,
          gate,
          subject,
          outcome,
          reasons,
          evidence,
          policyHash,
          at,
          content.digest('hex'),
        ],
      );
    },
    standingVerdicts: async (releaseId, runId) => {
      // Ids first: the evidence of a window that was judged fifty times is read once.
      const rows = await db.query<VerdictRow & { readonly judged: number }>(
        `WITH run AS (
           SELECT COALESCE($2, (SELECT run_id FROM verdicts WHERE release_id = $1
                                ORDER BY id DESC LIMIT 1)) AS run_id),
         standing AS (
           SELECT max(id) AS id, count(*)::integer AS judged
           FROM verdicts JOIN run USING (run_id) WHERE release_id = $1
           GROUP BY gate, subject)
         SELECT ${COLUMNS}, evidence, judged FROM verdicts JOIN standing USING (id)
         ORDER BY id LIMIT ${MAX_STANDING}`,
        [releaseId, runId ?? null],
      );
      return rows.map((row) => ({ ...toRecord(row), judged: row.judged }));
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
