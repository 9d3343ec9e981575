import type { NetworkPolicy } from '../../domain/admission/guardrails/network-policy';
import type { NetworkPolicies } from '../../ports/network-policies';
import { createAnswerCache, type Answer } from '../cache/answer-cache';

/** A policy that was just made counts a moment later; a list for every pod of a rollout would load the API server. */
const KEPT_MS = 3_000;
const MAX_NAMESPACES = 2_000;

interface Listed extends Answer {
  readonly policies: readonly NetworkPolicy[];
}

/** Each namespace's list for a few seconds. */
export function keepPolicies(source: NetworkPolicies, now: () => Date): NetworkPolicies {
  const cache = createAnswerCache<Listed>({
    goodMs: KEPT_MS,
    badMs: KEPT_MS,
    entries: MAX_NAMESPACES,
    now,
  });
  return {
    list: async (namespace) => {
      const { answer } = await cache.get(namespace, async () => ({
        policies: await source.list(namespace),
        good: true,
        complete: true,
        expiresAt: null,
      }));
      return answer.policies;
    },
  };
}
