import { createHash } from 'node:crypto';
import type { VerdictStore } from '../../ports/ledger';
import { toJsonb, type Database } from './database';

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
  };
}
