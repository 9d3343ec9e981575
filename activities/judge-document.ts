import type { ScanPolicy } from '../src/domain/policy';
import type { ImageRef } from '../src/domain/reference';
import { judgeScan } from '../src/domain/scan-gate';
import { NO_RISK, type RiskFacts } from '../src/domain/scan/risk';
import type { Verdict } from '../src/domain/verdict';
import type { ScanDatabase, ScanReport } from '../src/ports/scanner';
import type { Deps } from './deps';
import { findVex } from './vex';

export type JudgeDocumentDeps = Pick<
  Deps,
  'ledger' | 'now' | 'registry' | 'riskLists' | 'scanner' | 'signer'
>;

interface Scanned {
  readonly svc: string;
  readonly image: ImageRef;
  /** Its SBOM. */
  readonly payload: Buffer;
  readonly policy: ScanPolicy;
  readonly database: ScanDatabase;
}

async function lookUp(
  { riskLists }: JudgeDocumentDeps,
  policy: ScanPolicy,
  { findings }: ScanReport,
): Promise<RiskFacts> {
  if (!policy.kev && !policy.epss) return NO_RISK;
  return riskLists.lookUp([...new Set(findings.map(({ id }) => id.toUpperCase()))]);
}

/** Scans an SBOM and judges what was found by all that the policy asks for; by exceptions as they are after the scan. */
export async function judgeDocument(
  deps: JudgeDocumentDeps,
  { svc, image, payload, policy, database }: Scanned,
  signal: AbortSignal,
): Promise<Verdict> {
  const report = await deps.scanner.scanSbom(payload, signal);
  const [risk, vex, exceptions] = await Promise.all([
    lookUp(deps, policy, report),
    findVex(deps, image, policy),
    deps.ledger.listExceptions(svc),
  ]);
  const { findings, scannerVersion } = report;
  return judgeScan({
    ...{ svc, findings, scannerVersion, database, exceptions, risk, vex, policy },
    subject: image.digest,
    now: deps.now().toISOString(),
  });
}
