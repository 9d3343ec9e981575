import type { Digest } from '../digest';
import { isFailedVerification, isUnknown, type CheckFinding } from './finding';
import type { CheckPolicy } from './policy';
import type { TargetLook } from './target';

/** All that decides, beside the findings. */
export interface CheckFacts {
  /** What prod:stable holds. */
  readonly stable: Digest | null;
  /** No release put it there: it is what a rollback went back to. */
  readonly isRollbackResult: boolean;
  /** The release or rollback that is under way. */
  readonly inFlight: string | null;
  /** Who holds the lane, and why. */
  readonly hold: string | null;
  /** RFC 3339: begins of the rollbacks that the check made of this service. */
  readonly rolledBackAt: readonly string[];
  /** Runs in a row before this one that could not check the service. */
  readonly uncheckedRuns: number;
  /** Null = nobody has looked for one yet. */
  readonly target: TargetLook | null;
  readonly nowMs: number;
}

export type TellCause =
  /** It is not prod:stable that fails, or it is nothing that a rollback would mend. */
  | 'elsewhere'
  | 'in-flight'
  /** The policy lets it do nothing else. */
  | 'only-tells'
  | 'held'
  | 'rollback-result'
  | 'flapping'
  | 'no-target'
  /** Too many services fail at once. */
  | 'landslide';

export type CheckDecision =
  | { readonly kind: 'ok' }
  /** Nothing is known for sure. */
  | { readonly kind: 'wait'; readonly alert: boolean; readonly reason: string }
  /** Look for one, and decide again. */
  | { readonly kind: 'find-target'; readonly from: Digest; readonly forCve: boolean }
  | {
      readonly kind: 'roll-back';
      readonly from: Digest;
      readonly to: Digest;
      /** What fails elsewhere, at once. */
      readonly block: readonly Digest[];
      /** `from` too, once it serves no longer. */
      readonly blockFrom: boolean;
      readonly reason: string;
    }
  | {
      readonly kind: 'tell';
      readonly cause: TellCause;
      readonly block: readonly Digest[];
      readonly holdLane: boolean;
      readonly reason: string;
    };

/** About this digest, or about where it serves, something could not be found out. */
function isInDoubt(digest: Digest, findings: readonly CheckFinding[]): boolean {
  return findings.some(
    (one) => isUnknown(one) && (one.digest === digest || one.where.includes('prod')),
  );
}

/** An image that is not whole is not evil: it may still be pulled where it is whole. */
function failingDigests(findings: readonly CheckFinding[]): readonly Digest[] {
  const digests = findings
    .filter((one) => isFailedVerification(one) && one.check !== 'blobs')
    .flatMap(({ digest }) => (digest && !isInDoubt(digest, findings) ? [digest] : []));
  return [...new Set(digests)];
}

/** Not what prod:stable serves: as long as nothing takes its place, its pods must be able to start again. */
function toBlock(
  findings: readonly CheckFinding[],
  { stable }: CheckFacts,
  { rollbacks }: CheckPolicy,
): readonly Digest[] {
  if (rollbacks.max === 0) return [];
  return failingDigests(findings).filter((digest) => digest !== stable);
}

function isFlapping({ rolledBackAt, nowMs }: CheckFacts, { rollbacks }: CheckPolicy): boolean {
  // A time that can't be read counts: it holds the guard shut.
  const recent = rolledBackAt.filter((at) => !(nowMs - Date.parse(at) >= rollbacks.withinMs));
  return recent.length >= rollbacks.max;
}

/** Why nothing is moved by itself though prod:stable fails; null when it may be. */
function objection(
  facts: CheckFacts,
  policy: CheckPolicy,
): { readonly cause: TellCause; readonly why: string } | null {
  const { inFlight, hold, isRollbackResult } = facts;
  if (policy.rollbacks.max === 0) {
    return { cause: 'only-tells', why: 'by the policy the check only tells' };
  }
  if (inFlight !== null) return { cause: 'in-flight', why: `${inFlight} is under way` };
  if (hold !== null) return { cause: 'held', why: `the lane is held: ${hold}` };
  if (isRollbackResult) {
    return { cause: 'rollback-result', why: 'it is itself what a rollback went back to' };
  }
  if (isFlapping(facts, policy)) {
    const { max, withinMs } = policy.rollbacks;
    const hours = Math.round(withinMs / 360_000) / 10;
    return { cause: 'flapping', why: `the check rolls back at most ${max} times in ${hours} h` };
  }
  return null;
}

function decideStable(
  from: Digest,
  failed: readonly CheckFinding[],
  findings: readonly CheckFinding[],
  facts: CheckFacts,
  policy: CheckPolicy,
): CheckDecision {
  const reason = failed.map((one) => one.reason).join(' ');
  const failing = toBlock(findings, facts, policy);
  const tell = (cause: TellCause, why: string, block = failing): CheckDecision => ({
    kind: 'tell',
    cause,
    block,
    holdLane: cause === 'flapping',
    reason: `${reason} It is not rolled back: ${why}.`,
  });
  const against = objection(facts, policy);
  if (against) return tell(against.cause, against.why);
  const { target } = facts;
  if (!target) return { kind: 'find-target', from, forCve: failed.some(isCve) };
  switch (target.kind) {
    case 'verified':
      return {
        ...{ kind: 'roll-back', from, to: target.digest, block: failing },
        blockFrom: failingDigests(findings).includes(from),
        reason: target.doubt === undefined ? reason : `${reason} None is clean: ${target.doubt}`,
      };
    case 'none':
      // Unless a scan said no, keys, log or catalogue are rather to blame, and nothing would be left to run.
      return tell(
        'no-target',
        target.reason,
        target.othersFail && !failed.some(isCve) ? [] : failing,
      );
    case 'unknown':
      return wait(`${reason} What it would go back to could not be checked: ${target.reason}`, {
        facts,
        policy,
      });
  }
}

const isCve = ({ check }: CheckFinding): boolean => check === 'cve';

function wait(
  reason: string,
  { facts, policy }: { readonly facts: CheckFacts; readonly policy: CheckPolicy },
): CheckDecision {
  return { kind: 'wait', alert: facts.uncheckedRuns + 1 >= policy.alertAfter, reason };
}

/** What to do about findings that two looks agreed on. It never acts on what could not be checked. */
export function decideCheck(
  findings: readonly CheckFinding[],
  facts: CheckFacts,
  policy: CheckPolicy,
): CheckDecision {
  if (findings.length === 0) return { kind: 'ok' };
  const { stable } = facts;
  const known = findings.filter(({ digest }) => digest === null || !isInDoubt(digest, findings));
  const failed = known.filter((one) => isFailedVerification(one) && one.digest === stable);
  if (stable !== null && failed.length > 0) {
    return decideStable(stable, failed, findings, facts, policy);
  }
  const told = known.filter((one) => !isUnknown(one));
  if (told.length > 0) {
    const reason = told.map((one) => one.reason).join(' ');
    const block = toBlock(findings, facts, policy);
    return { kind: 'tell', cause: 'elsewhere', block, holdLane: false, reason };
  }
  return wait(findings.map(({ reason }) => reason).join(' '), { facts, policy });
}

/** What moves, blocks or holds something of the service. */
function isActing(decision: CheckDecision): boolean {
  if (decision.kind === 'roll-back') return true;
  return decision.kind === 'tell' && (decision.block.length > 0 || decision.holdLane);
}

/**
 * So many that fail at once, or most of what there is, is rather a matter of keys, log or registry than of images; also where
 * most of them would not be acted on.
 */
export function isLandslide(
  failing: number,
  services: number,
  { maxServices }: CheckPolicy,
): boolean {
  return failing > maxServices || (failing > 1 && failing * 2 > services);
}

/** Nothing is moved, blocked or held. */
export function asLandslide(decision: CheckDecision, failing: number): CheckDecision {
  if (!isActing(decision) || !('reason' in decision)) return decision;
  const why = `${failing} services fail at once, which is hardly a matter of their images`;
  return {
    kind: 'tell',
    cause: 'landslide',
    block: [],
    holdLane: false,
    reason: `${decision.reason} Nothing is moved or blocked: ${why}.`,
  };
}
