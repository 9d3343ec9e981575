import { ReleaseError } from '../../contract/errors';
import type { KubeAnswer } from './kube-http';
import { Failure, parseJson } from './schema';

const MAX_MESSAGE = 600;

/** RBAC says it so; admission rules and quotas answer 403 as well, with words of their own. */
const MISSING_RIGHT = /\bcannot \w+ resource\b/;

/** What an answer that is no success means. */
export function refusal(what: string, { status, text, retryAfter }: KubeAnswer): ReleaseError {
  const failure = Failure.safeParse(parseJson(text)).data;
  const said = (failure?.message ?? text).slice(0, MAX_MESSAGE);
  if (status === 401) {
    return unavailable('it refused the credentials', failure);
  }
  if (status === 403 && (failure === undefined || MISSING_RIGHT.test(said))) {
    return unavailable(`it lacks a right: ${said}`, failure, {
      remedy: 'Apply deploy/kubernetes/rbac.yaml in the namespace.',
    });
  }
  if (status === 404) {
    return unavailable(`it does not serve ${what}: ${said}`, failure, {
      remedy: 'Install the API (Gateway API or Argo Rollouts) in the cluster.',
    });
  }
  if (status === 400 || status === 403 || status === 409 || status === 422) {
    return new ReleaseError('ROLLOUT_FAILED', `the cluster refuses ${what}: ${said}`, {
      cause: failure,
      details: { remedy: 'Change what the message names, then release again.' },
    });
  }
  const delay = retryAfter === null ? {} : { retryAfterMs: retryAfter * 1000 };
  return unavailable(`it answered ${what} with ${status}: ${said}`, failure, {}, delay);
}

export function unavailable(
  reason: string,
  cause: unknown,
  details: { readonly remedy?: string } = {},
  delay: { readonly retryAfterMs?: number } = {},
): ReleaseError {
  return new ReleaseError('ROLLOUT_UNAVAILABLE', `cluster: ${reason}`, {
    cause,
    details: {
      remedy: 'Check that the API server answers and that the credentials fit.',
      ...details,
    },
    ...delay,
  });
}

/** `reason` is for people; it says what failed and why. */
export function failed(reason: string, remedy: string, details: Details = {}): ReleaseError {
  return new ReleaseError('ROLLOUT_FAILED', reason, { details: { remedy, ...details } });
}

type Details = Readonly<Record<string, string | readonly string[]>>;
