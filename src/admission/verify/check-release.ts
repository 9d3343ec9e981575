import { judgeCveVerdict, type ScanRecord } from '../../domain/admission/cve-verdict';
import type { RecordedVerdict } from '../../domain/evidence-record';
import type { ImageRef } from '../../domain/reference';
import type { Ledger } from '../../ports/ledger';
import { CLEAN, faulty, lapsed, type Finding } from './finding';

export interface ReleaseCheck {
  readonly ledger: Pick<Ledger, 'releaseFacts'>;
  readonly verdictMaxAgeMs: number;
  readonly now: () => Date;
}

/** Of whichever run: a rescan is a run of its own. */
function toScanRecord(record: RecordedVerdict | null): ScanRecord | null {
  if (!record) return null;
  const { outcome, reasons, evidence } = record.verdict;
  return { outcome, reasons, evidence, at: record.at };
}

/** What the ledger knows: that the digest was released here, and that its vulnerabilities are still acceptable. */
export async function checkRelease(
  check: ReleaseCheck,
  svc: string,
  image: ImageRef,
): Promise<Finding> {
  const { release, scan, exceptions } = await check.ledger.releaseFacts(svc, image.digest);
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
  const { fault, refused, expiresAt } = judgeCveVerdict({
    svc,
    record: toScanRecord(scan),
    exceptions,
    maxAgeMs: check.verdictMaxAgeMs,
    nowMs: check.now().getTime(),
  });
  if (fault === null) return { ...CLEAN, expiresAt };
  return refused ? faulty('cve-verdict', fault) : lapsed('cve-verdict', fault);
}
