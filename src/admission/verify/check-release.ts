import { judgeCveVerdict, type ScanRecord } from '../../domain/admission/cve-verdict';
import type { Digest } from '../../domain/digest';
import type { ImageRef } from '../../domain/reference';
import type { Ledger } from '../../ports/ledger';
import { CLEAN, faulty, lapsed, type Finding } from './finding';

export interface ReleaseCheck {
  readonly ledger: Pick<Ledger, 'findByDigest' | 'newestScan' | 'listExceptions'>;
  readonly verdictMaxAgeMs: number;
  readonly now: () => Date;
}

/** The newest scan of a digest, of whichever run: a rescan is a run of its own. */
async function newestScan(
  { ledger }: ReleaseCheck,
  svc: string,
  digest: Digest,
): Promise<ScanRecord | null> {
  const record = await ledger.newestScan(svc, digest);
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
  // All at once: nearly always all are needed, and each is a way to Postgres and back.
  const [release, record, exceptions] = await Promise.all([
    check.ledger.findByDigest(svc, image.digest),
    newestScan(check, svc, image.digest),
    check.ledger.listExceptions(svc),
  ]);
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
    record,
    exceptions,
    maxAgeMs: check.verdictMaxAgeMs,
    nowMs: check.now().getTime(),
  });
  if (fault === null) return { ...CLEAN, expiresAt };
  return refused ? faulty('cve-verdict', fault) : lapsed('cve-verdict', fault);
}
