import { judgeCveVerdict, type ScanRecord } from '../../domain/admission/cve-verdict';
import type { StandingVerdict } from '../../domain/evidence-record';
import type { ImageRef } from '../../domain/reference';
import type { Ledger } from '../../ports/ledger';
import { CLEAN, faulty, lapsed, type Finding } from './finding';

export interface ReleaseCheck {
  readonly ledger: Pick<
    Ledger,
    'findByDigest' | 'listVerdicts' | 'standingVerdicts' | 'listExceptions'
  >;
  readonly verdictMaxAgeMs: number;
  readonly now: () => Date;
}

/** A release that was judged over and over; the newest scan is among the newest. */
const MAX_VERDICTS = 500;

/** The newest scan of a digest, of whichever run: a rescan is a run of its own. */
async function newestScan(
  { ledger }: ReleaseCheck,
  releaseId: string,
  digest: string,
): Promise<ScanRecord | null> {
  const [records, standing] = await Promise.all([
    ledger.listVerdicts(releaseId, MAX_VERDICTS),
    ledger.standingVerdicts(releaseId),
  ]);
  const isScan = ({ verdict }: Pick<StandingVerdict, 'verdict'>): boolean =>
    verdict.gate === 'scan' && verdict.subject === digest;
  const newest = records.find(isScan);
  if (!newest) return null;
  const sameRun = standing.some(({ runId }) => runId === newest.runId)
    ? standing
    : await ledger.standingVerdicts(releaseId, newest.runId);
  // The list has no evidence; the standing verdict of its run is the same answer with it.
  const record = sameRun.find(isScan) ?? newest;
  const { outcome, reasons, evidence } = record.verdict;
  return { outcome, reasons, evidence, at: record.at };
}

/** What the ledger knows: that the digest was released here, and that its vulnerabilities are still acceptable. */
export async function checkRelease(
  check: ReleaseCheck,
  svc: string,
  image: ImageRef,
): Promise<Finding> {
  const release = await check.ledger.findByDigest(svc, image.digest);
  if (!release) {
    return faulty(
      'released',
      `No release of ${svc} has this digest, and a signature does not say where it belongs.`,
    );
  }
  if (release.repository !== image.repository) {
    return faulty(
      'binding',
      `It was released to ${release.repository}, not to ${image.repository}.`,
    );
  }
  const [record, exceptions] = await Promise.all([
    newestScan(check, release.releaseId, image.digest),
    check.ledger.listExceptions(svc),
  ]);
  const { fault, refused, expiresAt } = judgeCveVerdict({
    svc,
    record,
    exceptions,
    maxAgeMs: check.verdictMaxAgeMs,
    nowMs: check.now().getTime(),
  });
  if (fault === null) return { ...CLEAN, expiresAt };
  return refused ? faulty('cve-verdict', fault) : lapsed('cve-verdict', fault);
}
