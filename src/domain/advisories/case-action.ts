import type { Digest } from '../digest';
import type { AffectedLook } from './case-close';
import type { AdvisoryAction, ProdRule } from './policy';

/** What was done to a digest for a case. */
export type CaseAct = 'denied' | 'quarantined';

export interface DigestActs {
  readonly digest: Digest;
  readonly acts: readonly CaseAct[];
  /** RFC 3339: when the case put it under quarantine; null: it did not. */
  readonly cutAt: string | null;
}

export interface ActionPlan {
  readonly deny: readonly Digest[];
  readonly quarantine: readonly Digest[];
}

interface ActionInput {
  readonly action: AdvisoryAction;
  readonly prod: ProdRule;
  readonly digests: readonly Pick<DigestActs, 'digest' | 'acts'>[];
  readonly look: AffectedLook;
  readonly overdue: boolean;
}

/**
 * What is to be done to which digests now. What was done once is not done again: who lifted it since knew why. Where it can't be
 * told what prod runs, all of it counts as in prod; past its end the clock spares nothing, or what can't be asked would hold it open.
 */
export function planActions({ action, prod, digests, look, overdue }: ActionInput): ActionPlan {
  if (action === 'none') return { deny: [], quarantine: [] };
  const inProd = new Set(look.affected.filter((one) => one.prod).map(({ digest }) => digest));
  const blind = look.unknown.length > 0 || look.more > 0;
  const spared = prod === 'keep' || (prod === 'until-due' && !overdue);
  const kept = (digest: Digest): boolean => spared && (blind || inProd.has(digest));
  const cutOff = (digest: Digest): boolean => action === 'quarantine' && !kept(digest);
  return {
    deny: digests
      .filter(({ digest, acts }) => !cutOff(digest) && acts.length === 0)
      .map(({ digest }) => digest),
    quarantine: digests
      .filter(({ digest, acts }) => cutOff(digest) && !acts.includes('quarantined'))
      .map(({ digest }) => digest),
  };
}
