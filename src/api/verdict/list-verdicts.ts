import type { VerdictList, VerdictRecord } from '../../contract/schema/api-verdict';
import type { RecordedVerdict } from '../../domain/evidence-record';
import type { ReleaseStatus } from '../../domain/release';
import type { Gate } from '../../domain/verdict';
import type { Ledger } from '../../ports/ledger';

const MAX_LISTED = 1_000;

interface Wanted {
  readonly gate?: Gate | undefined;
  readonly all: boolean;
}

/** Verdicts as the ledger has them: the release's own status keeps small evidence only. */
export async function listVerdicts(
  ledger: Ledger,
  status: ReleaseStatus,
  { gate, all }: Wanted,
): Promise<VerdictList> {
  const { releaseId, svc, repository, digest, stage, outcome } = status;
  const records = all ? await everyVerdict(ledger, releaseId) : await standing(ledger, releaseId);
  return {
    releaseId,
    svc,
    repository,
    ...(digest !== undefined && { digest }),
    stage,
    ...(outcome !== undefined && { outcome }),
    verdicts: records.filter((one) => gate === undefined || one.gate === gate),
  };
}

async function everyVerdict(ledger: Ledger, releaseId: string): Promise<readonly VerdictRecord[]> {
  const records = await ledger.listVerdicts(releaseId, MAX_LISTED);
  return records.map((record) => toView(record, 1));
}

async function standing(ledger: Ledger, releaseId: string): Promise<readonly VerdictRecord[]> {
  const records = await ledger.standingVerdicts(releaseId);
  return records.map((record) => toView(record, record.judged));
}

function toView(
  { verdict, policyHash, at, runId }: RecordedVerdict,
  judged: number,
): VerdictRecord {
  return { ...verdict, reasons: [...verdict.reasons], policyHash, at, runId, judged };
}
