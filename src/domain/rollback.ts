import type { Digest } from './digest';

/** A revert key as far as the choice needs it. */
export interface RevertKeyFacts {
  readonly svc: string;
  readonly from: Digest;
  readonly to: Digest;
  readonly expiresAt: string;
  readonly usedAt: string | null;
}

export type WantedTarget =
  | { readonly kind: 'previous' }
  /** `from`: only while that is prod:stable. */
  | { readonly kind: 'digest'; readonly digest: Digest; readonly from?: Digest }
  | { readonly kind: 'revert-key'; readonly key: RevertKeyFacts | null };

export interface RollbackFacts {
  readonly svc: string;
  /** What prod:stable holds now. */
  readonly current: Digest | null;
  /** What was prod:stable, newest first. */
  readonly past: readonly Digest[];
  /** Those of `past` that are remembered as bad. */
  readonly bad: readonly Digest[];
  readonly nowMs: number;
}

export type RollbackChoice =
  | { readonly chosen: true; readonly from: Digest; readonly to: Digest }
  | {
      readonly chosen: false;
      readonly code: 'NO_ROLLBACK_TARGET' | 'REVERT_KEY_INVALID' | 'BAD_DIGEST';
      readonly message: string;
    };

type Refusal = Extract<RollbackChoice, { chosen: false }>;

function refuse(code: Refusal['code'], message: string): Refusal {
  return { chosen: false, code, message };
}

/** Only what was stable before may become stable by rollback, and never what is remembered as bad. */
export function chooseRollbackTarget(wanted: WantedTarget, facts: RollbackFacts): RollbackChoice {
  const { current, svc } = facts;
  if (!current) return refuse('NO_ROLLBACK_TARGET', `${svc} has no prod:stable to roll back from.`);
  switch (wanted.kind) {
    case 'previous':
      return choosePrevious(current, facts);
    case 'digest':
      if (wanted.from !== undefined && wanted.from !== current) {
        return refuse('NO_ROLLBACK_TARGET', `prod:stable of ${svc} is ${wanted.from} no longer.`);
      }
      return chooseDigest(wanted.digest, current, facts);
    case 'revert-key':
      return chooseByKey(wanted.key, current, facts);
  }
}

function choosePrevious(current: Digest, facts: RollbackFacts): RollbackChoice {
  const to = facts.past.find((digest) => digest !== current && !facts.bad.includes(digest));
  if (!to) {
    return refuse('NO_ROLLBACK_TARGET', `${facts.svc} has no earlier stable digest that is good.`);
  }
  return { chosen: true, from: current, to };
}

function chooseDigest(to: Digest, current: Digest, facts: RollbackFacts): RollbackChoice {
  if (to === current) return refuse('NO_ROLLBACK_TARGET', `${to} is prod:stable already.`);
  if (!facts.past.includes(to)) {
    return refuse('NO_ROLLBACK_TARGET', `${to} was never prod:stable of ${facts.svc}.`);
  }
  if (facts.bad.includes(to)) return refuse('BAD_DIGEST', `${to} is remembered as bad.`);
  return { chosen: true, from: current, to };
}

function chooseByKey(
  key: RevertKeyFacts | null,
  current: Digest,
  facts: RollbackFacts,
): RollbackChoice {
  if (key?.svc !== facts.svc) return refuse('REVERT_KEY_INVALID', 'No such revert key.');
  if (key.usedAt) return refuse('REVERT_KEY_INVALID', `The revert key was used at ${key.usedAt}.`);
  if (Date.parse(key.expiresAt) <= facts.nowMs) {
    return refuse('REVERT_KEY_INVALID', `The revert key expired at ${key.expiresAt}.`);
  }
  if (key.from !== current) {
    return refuse(
      'REVERT_KEY_INVALID',
      'The revert key undoes a pin that is no longer prod:stable.',
    );
  }
  return chooseDigest(key.to, current, facts);
}
