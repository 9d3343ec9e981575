import { mirrorOf } from '../src/domain/bases/family';
import { judgeBaseScan } from '../src/domain/bases/judge-scan';
import type { Json } from '../src/domain/verdict';
import type { BaseImportDeps, ScanBaseInput, Step } from './base-import';
import { refused } from './base-import-refusal';
import { approvalFor } from './base-import-verify';
import { heartbeating } from './heartbeat';

/** The copy in our mirror, for this machine's platform. */
export function scanBase(deps: BaseImportDeps, input: ScanBaseInput): Promise<Step<Json>> {
  const { family, digest, scan } = input;
  return heartbeating(async (signal) => {
    const image = { repository: mirrorOf(family.name), digest };
    const sbom = await deps.scanner.generateSbom(image, signal);
    const [report, database, approval] = await Promise.all([
      deps.scanner.scanSbom(sbom, signal),
      deps.scanner.describeDatabase(signal),
      approvalFor(deps, input),
    ]);
    const judged = judgeBaseScan({
      ...{ ...report, database, policy: scan },
      acceptedBy: approval?.acceptsFindings ? approval.approvedBy : null,
      now: deps.now().toISOString(),
    });
    return judged.refused === null
      ? { ok: true, value: judged.evidence }
      : refused(
          judged.refused,
          `wait for the vendor's fix, or: plura reg base allow ${family.name} ${digest} --accept-findings --reason …`,
        );
  });
}
