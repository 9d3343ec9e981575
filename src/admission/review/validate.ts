import { failureReason } from '../../contract/error-reason';
import { ReleaseError } from '../../contract/errors';
import type { AdmissionRequest } from '../../contract/schema/admission-review';
import type { AdmissionFault } from '../../domain/admission/fault';
import { allow } from '../answer';
import { BREAK_GLASS_ANNOTATION, type BreakGlassAnswer } from '../break-glass/break-glass';
import type { AdmissionDependencies } from '../dependencies';
import { describeObject } from './describe-object';
import { createRequestJudge } from './judge-request';
import { annotationOf, readObject, type Asked } from './read-object';
import { refuse, refuseShape } from './refuse';
import type { Reviewed, Reviewer } from './reviewer';
import { warningsOf } from './warnings';

/** Null when nobody asked for it. */
async function askBreakGlass(
  { breakGlass, metrics }: AdmissionDependencies,
  request: AdmissionRequest,
  { template, images }: Asked,
  faults: readonly AdmissionFault[],
): Promise<BreakGlassAnswer | null> {
  const reason = annotationOf(request.object, template, BREAK_GLASS_ANNOTATION);
  if (reason === null) return null;
  const { uid, namespace, userInfo, dryRun } = request;
  const answer = await breakGlass.ask({
    uid,
    namespace,
    what: describeObject(request),
    reason,
    user: userInfo.username,
    groups: userInfo.groups,
    images: images.map(({ image }) => image),
    faults,
    dryRun,
  });
  if (!dryRun) metrics.breakGlass.inc({ outcome: answer.granted ? 'granted' : 'refused' });
  return answer;
}

/** Refuses what may not run, and what can't be known to. */
export function createValidator(deps: AdmissionDependencies): Reviewer {
  const { workloads, settings, log } = deps;
  const judge = createRequestJudge(deps);

  async function decide(request: AdmissionRequest, asked: Asked): Promise<Reviewed> {
    const judged = await judge(request, asked);
    const { uid, namespace } = request;
    const { denied, audited } = judged.guardrails;
    if (audited.length > 0) log.info({ uid, namespace, audited }, 'breaches of audited guardrails');
    const faults = [...judged.images.flatMap((image) => image.faults), ...judged.unread];
    const warnings = warningsOf(judged);
    if (faults.length === 0 && denied.length === 0) {
      return { verdict: 'admitted', response: allow(uid, warnings) };
    }
    // A breach is a judgement: there is nothing to ask for.
    const glass = denied.length === 0 ? await askBreakGlass(deps, request, asked, faults) : null;
    if (glass?.granted !== true) {
      return refuse(deps, request, { judged, faults, breakGlass: glass?.why ?? null });
    }
    const what = describeObject(request);
    log.warn({ uid, namespace, what, dryRun: request.dryRun }, glass.warning);
    return { verdict: 'break-glass', response: allow(uid, [glass.warning, ...warnings]) };
  }

  return async (request) => {
    let asked: Asked | null;
    try {
      asked = readObject(workloads, request);
    } catch (error) {
      if (!(error instanceof ReleaseError)) throw error;
      return refuseShape(deps, request.uid, 'malformed', failureReason(error));
    }
    if (!asked) return { verdict: 'admitted', response: allow(request.uid) };
    const most = settings.limits.imagesPerReview;
    if (asked.images.length > most) {
      const message = `${asked.images.length} images in one object; at most ${most} are checked.`;
      return refuseShape(deps, request.uid, 'image-count', message);
    }
    return decide(request, asked);
  };
}
