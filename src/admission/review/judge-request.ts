import { inParallel } from '../../contract/in-parallel';
import type { AdmissionRequest } from '../../contract/schema/admission-review';
import type { AdmissionFault } from '../../domain/admission/fault';
import type { ImagePosition } from '../../domain/admission/image-positions';
import type { AdmissionDependencies, GuardrailFindings } from '../dependencies';
import { createImageJudge, type ImageJudge } from '../images/judge-image';
import { CLEAN, settle } from '../verify/finding';
import type { RefusedImage } from './denial';
import { judgeGuardrails } from './judge-guardrails';
import type { Asked } from './read-object';

export interface Judged {
  readonly images: readonly RefusedImage[];
  readonly guardrails: GuardrailFindings;
  /** What guardrails need to know and nobody could say. */
  readonly unread: readonly AdmissionFault[];
}

const PARALLEL = 16;
const NO_FINDINGS: GuardrailFindings = { denied: [], warnings: [], audited: [], unread: [] };

/** Each image once, however often it stands there. */
async function judgeImages(
  judge: ImageJudge,
  namespace: string,
  positions: readonly ImagePosition[],
): Promise<readonly RefusedImage[]> {
  const names = [...new Set(positions.map(({ image }) => image))];
  const judged = await inParallel(
    names,
    PARALLEL,
    async (name) => [name, await judge.judge(name, namespace)] as const,
  );
  const faults = new Map(judged);
  return positions
    .map((position) => ({ position, faults: faults.get(position.image) ?? [] }))
    .filter((one) => one.faults.length > 0);
}

/** Images and guardrails side by side, each to its end. Never throws. */
export function createRequestJudge(
  deps: AdmissionDependencies,
): (request: AdmissionRequest, asked: Asked) => Promise<Judged> {
  const judge = createImageJudge(deps);
  const settling = {
    asked: 'cluster',
    limitMs: deps.settings.dependencyMs,
    onBug: (err: unknown): void => {
      deps.log.error({ err }, 'the guardrails could not be judged');
    },
  } as const;
  return async (request, asked) => {
    let guardrails = NO_FINDINGS;
    const [images, finding] = await deps.inReview(() =>
      Promise.all([
        judgeImages(judge, request.namespace, asked.images),
        settle(async () => {
          guardrails = await judgeGuardrails(deps.workloads, request, asked);
          return CLEAN;
        }, settling),
      ]),
    );
    return { images, guardrails, unread: [...guardrails.unread, ...finding.faults] };
  };
}
