import type { AdmissionRequest } from '../../contract/schema/admission-review';
import type { AdmissionFault } from '../../domain/admission/fault';
import { deny } from '../answer';
import type { AdmissionDependencies } from '../dependencies';
import { describeDenial } from './denial';
import { describeObject } from './describe-object';
import type { Judged } from './judge-request';
import { recordDenial } from './record-denial';
import type { Reviewed } from './reviewer';
import { warningsOf } from './warnings';

type RefusalDependencies = Pick<AdmissionDependencies, 'metrics' | 'log' | 'events' | 'now'>;

interface Refusal {
  readonly judged: Judged;
  /** All that speaks against it, guardrails apart. */
  readonly faults: readonly AdmissionFault[];
  /** Why break-glass did not help; null when nobody asked for it. */
  readonly breakGlass: string | null;
}

/** The denial of what was judged, or could not be; counted and logged. */
export function refuse(
  deps: RefusalDependencies,
  request: AdmissionRequest,
  { judged, faults, breakGlass }: Refusal,
): Reviewed {
  const { metrics, log } = deps;
  const { namespace, uid } = request;
  const { images, unread, guardrails } = judged;
  const breaches = guardrails.denied;
  const isKnown = breaches.length > 0 || faults.some(({ unknown }) => unknown === undefined);
  const rules = [...faults, ...breaches].map(({ rule }) => rule);
  for (const rule of rules) metrics.denials.inc({ rule });
  // A dry run leaves no traces.
  if (!request.dryRun) recordDenial(deps, request, images);
  log.info({ uid, namespace, what: describeObject(request), rules: [...new Set(rules)] }, 'denied');
  const message = describeDenial({ namespace, images, breaches, unread, breakGlass });
  return {
    verdict: isKnown ? 'denied' : 'unknown',
    response: deny(uid, isKnown ? 'judged' : 'unknown', message, warningsOf(judged)),
  };
}

/** The denial of what can't be looked at. */
export function refuseShape(
  { metrics }: Pick<RefusalDependencies, 'metrics'>,
  uid: string,
  rule: 'malformed' | 'image-count',
  message: string,
): Reviewed {
  metrics.denials.inc({ rule });
  return { verdict: 'denied', response: deny(uid, 'judged', `plura reg: [${rule}] ${message}`) };
}
