import { judgeCveVerdict, type ScanRecord } from '../src/domain/admission/cve-verdict';
import type { Digest } from '../src/domain/digest';
import type { RecordedVerdict } from '../src/domain/evidence-record';
import type { Verdict } from '../src/domain/verdict';
import type { Deps } from './deps';
import { findStandingBlock } from './standing-block';
import { recordVerdict, type ReleaseRef } from './verdicts';

/** What a release carries, and whose scan has to stand. */
export interface ScannedDigest {
  readonly releaseId: string;
  readonly digest: Digest;
}

interface ScanStandsInput {
  readonly release: ReleaseRef;
  readonly digest: Digest;
}

export interface ScanStandsActivities {
  /**
   * Whether the newest scan of the release's digest passed and every exception that it took is in force now; recorded when it is not.
   * Nor does it stand while the digest is quarantined or denied, as by the case of an advisory: that is on record where it was done, and
   * ends there. Throws LEDGER_UNAVAILABLE: what could not be asked does not stand.
   */
  scanStands(input: ScanStandsInput): Promise<Verdict>;
}

type ScanStandsDeps = Pick<Deps, 'allowList' | 'ledger' | 'now'>;

/** No release lasts longer: here exceptions end, and the age of a verdict is what rescans look after. */
const MAX_AGE_MS = 366 * 86_400_000;

async function newestScan(
  { ledger }: ScanStandsDeps,
  { releaseId, digest }: ScannedDigest,
): Promise<RecordedVerdict | null> {
  const verdicts = await ledger.standingVerdicts(releaseId);
  const isScan = ({ verdict: { gate, subject } }: RecordedVerdict): boolean =>
    gate === 'scan' && subject === digest;
  return verdicts.find(isScan) ?? null;
}

interface ScanFault {
  readonly fault: string | null;
  /** Nothing else is wrong with it. */
  readonly blocked: boolean;
  readonly record: ScanRecord | null;
}

/** Why its scan does not stand now; null when it does. @throws ReleaseError LEDGER_UNAVAILABLE */
export async function findScanFault(
  deps: ScanStandsDeps,
  svc: string,
  scanned: ScannedDigest,
): Promise<ScanFault> {
  const [newest, exceptions, block] = await Promise.all([
    newestScan(deps, scanned),
    deps.ledger.listExceptions(svc),
    findStandingBlock(deps, scanned.digest),
  ]);
  const record = newest && { ...newest.verdict, at: newest.at };
  const nowMs = deps.now().getTime();
  const { fault } = judgeCveVerdict({ svc, record, exceptions, maxAgeMs: MAX_AGE_MS, nowMs });
  return { fault: fault ?? block, blocked: fault === null && block !== null, record };
}

export function createScanStandsActivities(deps: ScanStandsDeps): ScanStandsActivities {
  return {
    async scanStands({ release, digest }): Promise<Verdict> {
      const { releaseId, svc } = release;
      const { fault, blocked, record } = await findScanFault(deps, svc, { releaseId, digest });
      const verdict = { gate: 'scan', subject: digest, evidence: {} } as const;
      if (fault === null) return { ...verdict, outcome: 'pass', reasons: [] };
      const refused = { ...verdict, outcome: 'fail', reasons: [fault] } as const;
      // Recorded, it would be the newest scan of the digest, and hold after the block is lifted.
      if (blocked) return refused;
      return recordVerdict(deps, release, { ...refused, evidence: record?.evidence ?? {} });
    },
  };
}
