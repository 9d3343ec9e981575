import type { Logger } from 'pino';
import { hasErrorCode } from '../../contract/error-reason';
import type { AdmissionRequest } from '../../contract/schema/admission-review';
import { deny } from '../answer';
import type { AdmissionMetrics } from '../metrics';
import type { Reviewed, Reviewer } from '../review/reviewer';
import { within } from '../time-limit';

interface InTime {
  readonly review: Reviewer;
  readonly request: AdmissionRequest;
  /** Until the API server gives up. */
  readonly leftMs: number;
  readonly metrics: Pick<AdmissionMetrics, 'denials'>;
  readonly log: Pick<Logger, 'error'>;
}

/** An answer before the API server gives up, whatever happens; without one, a denial. */
export async function answerInTime({
  review,
  request,
  leftMs,
  metrics,
  log,
}: InTime): Promise<Reviewed> {
  const { uid } = request;
  try {
    return await within(review(request), Math.max(leftMs, 1), 'The review');
  } catch (error) {
    const isLate = hasErrorCode(error, 'TIMED_OUT');
    if (!isLate) log.error({ err: error, uid }, 'a review failed');
    const rule = isLate ? 'deadline' : 'internal';
    metrics.denials.inc({ rule });
    const why = isLate
      ? 'it could not be checked in time. Try again; if it stays so, see docs/admission.md'
      : 'the review itself failed; see the log of the webhook';
    return { verdict: 'unknown', response: deny(uid, 'unknown', `plura reg: [${rule}] ${why}`) };
  }
}
