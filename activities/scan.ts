import type { Digest } from '../src/domain/digest';
import type { ScanPolicy } from '../src/domain/policy';
import { appRepository } from '../src/domain/reference';
import { judgeScan } from '../src/domain/scan-gate';
import type { Service } from '../src/domain/service';
import type { Verdict } from '../src/domain/verdict';
import type { Deps } from './deps';
import { heartbeating } from './heartbeat';
import { MAX_SBOM_BYTES } from './read-sbom';
import { recordVerdict, type ReleaseRef } from './verdicts';

export interface ScanImageInput {
  readonly release: ReleaseRef;
  readonly service: Service;
  readonly digest: Digest;
  /** The attached SBOM: scanned instead of the image, as it will be again tomorrow. */
  readonly sbomDigest: Digest;
  readonly policy: ScanPolicy;
}

export interface ScanActivities {
  scanImage(input: ScanImageInput): Promise<Verdict>;
}

export function createScanActivities(
  deps: Pick<Deps, 'scanner' | 'registry' | 'ledger' | 'now'>,
): ScanActivities {
  return {
    async scanImage({ release, service, digest, sbomDigest, policy }): Promise<Verdict> {
      const repository = appRepository(service.svc, service.name);
      const [{ payload }, exceptions] = await Promise.all([
        deps.registry.getArtifact({ repository, digest: sbomDigest }, MAX_SBOM_BYTES),
        deps.ledger.listExceptions(service.svc),
      ]);
      // Which may be replaced meanwhile, by a newer one: described first, it is never said to know more than what was scanned with.
      const [database, report] = await heartbeating(async (signal) => [
        await deps.scanner.describeDatabase(signal),
        await deps.scanner.scanSbom(payload, signal),
      ]);
      const verdict = judgeScan({
        subject: digest,
        svc: service.svc,
        findings: report.findings,
        scannerVersion: report.scannerVersion,
        database,
        exceptions,
        policy,
        now: deps.now().toISOString(),
      });
      return recordVerdict(deps, release, verdict);
    },
  };
}
