import { describeFaults, type CompletenessFault } from '../completeness';
import type { Digest } from '../digest';
import { chooseRollbackTarget, type RollbackFacts } from '../rollback';

/** What the pre-flight last knew of the way back of a service. */
export interface Preflight {
  readonly svc: string;
  /** What a rollback to the previous digest would go to; null when there is none. */
  readonly digest: Digest | null;
  /** no-target: nothing but the present digest ever was stable. */
  readonly outcome: 'complete' | 'incomplete' | 'no-target';
  readonly faults: readonly CompletenessFault[];
  /** RFC 3339: nothing of it is removed before. */
  readonly leaseUntil: string | null;
  /** RFC 3339: since when it is as it is. */
  readonly since: string;
  readonly checkedAt: string;
}

export type PreflightTarget =
  | { readonly kind: 'none' }
  /** There were others, and all of them are bad. */
  | { readonly kind: 'all-bad' }
  | { readonly kind: 'digest'; readonly digest: Digest };

/** What a rollback would choose now, by its own rules. */
export function preflightTarget(facts: RollbackFacts): PreflightTarget {
  const choice = chooseRollbackTarget({ kind: 'previous' }, facts);
  if (choice.chosen) return { kind: 'digest', digest: choice.to };
  const others = facts.past.filter((digest) => digest !== facts.current);
  return facts.current !== null && others.length > 0 ? { kind: 'all-bad' } : { kind: 'none' };
}

/** Of a service whose earlier stable digests are all bad. */
export const ALL_BAD: CompletenessFault = {
  part: 'bad-digest',
  message: 'Every earlier stable digest is remembered as bad.',
};

export interface PreflightAlert {
  readonly severity: 'info' | 'critical';
  readonly title: string;
  readonly text: string;
}

export interface JudgedPreflight {
  readonly preflight: Preflight;
  /** Null when people know it already, or need not. */
  readonly alert: PreflightAlert | null;
}

type Found = Omit<Preflight, 'outcome' | 'since'>;

function outcomeOf({ digest, faults }: Found): Preflight['outcome'] {
  if (faults.length > 0) return 'incomplete';
  return digest === null ? 'no-target' : 'complete';
}

function isSame(before: Preflight, found: Found): boolean {
  const stateOf = ({ digest, faults }: Found): string => JSON.stringify([digest, faults]);
  return stateOf(before) === stateOf(found);
}

/** People are told once of what is not complete, again when that changes, and when it is over. */
export function judgePreflight(before: Preflight | null, found: Found): JudgedPreflight {
  const same = before !== null && isSame(before, found);
  const outcome = outcomeOf(found);
  const preflight = { ...found, outcome, since: same ? before.since : found.checkedAt };
  return { preflight, alert: same ? null : alertOf(preflight, before) };
}

function alertOf(
  { svc, digest, outcome, faults }: Preflight,
  before: Preflight | null,
): PreflightAlert | null {
  if (outcome === 'incomplete') {
    const which = digest === null ? '' : `${digest}: `;
    return {
      severity: 'critical',
      title: `${svc}: the way back is not complete`,
      text: `${which}${describeFaults(faults)} A rollback of ${svc} may be refused; release again, or repair it.`,
    };
  }
  if (before?.outcome !== 'incomplete') return null;
  const now =
    digest === null ? 'There is no earlier stable digest.' : `${digest} has all it needs.`;
  return { severity: 'info', title: `${svc}: the way back is complete again`, text: now };
}
