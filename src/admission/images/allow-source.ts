import { judgeAllowed, refusalsOf } from '../../domain/admission/allow-list';
import type { AllowListPolicy } from '../../domain/admission/allow-policy';
import type { AllowList } from '../../ports/allow-list';
import type { AllowSource } from '../dependencies';

interface AllowSourceParts {
  readonly list: Pick<AllowList, 'facts'>;
  readonly policy: AllowListPolicy;
  readonly now: () => Date;
}

/** The allow-list by the decision that `plura reg why` explains. */
export function createAllowSource({ list, policy, now }: AllowSourceParts): AllowSource {
  return {
    judge: async ({ repository, digest, namespace }) => {
      const facts = await list.facts({ repository, digest });
      const query = { repository, digest, namespace, nowMs: now().getTime() };
      const decision = judgeAllowed(facts, policy, query);
      return {
        allowed: decision.allowed,
        reasons: refusalsOf(decision).map(({ text }) => text),
        expiresAt: decision.expiresAt,
        revision: decision.revision,
      };
    },
  };
}
