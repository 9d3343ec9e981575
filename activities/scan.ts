import type { Digest } from '../src/domain/digest';
import type { ScanPolicy } from '../src/domain/policy';
import { appRepository } from '../src/domain/reference';
import type { Service } from '../src/domain/service';
import type { Verdict } from '../src/domain/verdict';
import { heartbeating } from './heartbeat';
import { judgeDocument, type JudgeDocumentDeps } from './judge-document';
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

export function createScanActivities(deps: JudgeDocumentDeps): ScanActivities {
  return {
    async scanImage({ release, service, digest, sbomDigest, policy }): Promise<Verdict> {
      const repository = appRepository(service.svc, service.name);
      const sbom = { repository, digest: sbomDigest };
      const { payload } = await deps.registry.getArtifact(sbom, MAX_SBOM_BYTES);
      const verdict = await heartbeating(async (signal) => {
        const database = await deps.scanner.describeDatabase(signal);
        const image = { repository, digest };
        return judgeDocument(deps, { svc: service.svc, image, payload, policy, database }, signal);
      });
      return recordVerdict(deps, release, verdict);
    },
  };
}
