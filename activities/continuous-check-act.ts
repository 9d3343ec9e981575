import { ERRORS, ReleaseError, type ErrorCode } from '../src/contract/errors';
import { SYSTEM_ACTOR } from '../src/domain/actor';
import { checkPolicyOf } from '../src/domain/continuous-check/policy';
import type { Digest } from '../src/domain/digest';
import type { QuarantineEntry } from '../src/ports/quarantine';
import type { CheckDeps } from './continuous-check';
import { serviceOf } from './continuous-check-target';

export interface BlockInput {
  readonly svc: string;
  readonly digests: readonly Digest[];
  readonly reason: string;
}

export interface HoldInput {
  readonly svc: string;
  readonly reason: string;
  readonly requestId: string;
}

export interface OrderRollbackInput {
  readonly svc: string;
  readonly from: Digest;
  readonly to: Digest;
  readonly reason: string;
  /** Of this rollback: a retry asks for the same one. */
  readonly requestId: string;
}

export type RollbackAnswer =
  | { readonly kind: 'done'; readonly held: boolean }
  /** It was asked for, and goes on. */
  | { readonly kind: 'under-way' }
  /** The service has had as many as the guard lets. */
  | { readonly kind: 'guarded' }
  | { readonly kind: 'failed'; readonly reason: string };

/** What a rollback is refused with before it moves anything. */
const NOT_BEGUN: readonly ErrorCode[] = [
  'BAD_DIGEST',
  'DIGEST_NOT_FOUND',
  'INVALID_INPUT',
  'NOT_WAITING',
  'NO_ROLLBACK_TARGET',
  'QUARANTINED',
  'SIGNATURE_INVALID',
  'UNKNOWN_SERVICE',
];

export async function blockDigests(
  { ledger, now, policy, quarantine }: CheckDeps,
  { svc, digests, reason }: BlockInput,
): Promise<number> {
  const { runningGraceMs } = policy.registry.quarantine;
  const actor = SYSTEM_ACTOR.subject;
  const at = now().toISOString();
  const graceUntil = new Date(now().getTime() + runningGraceMs).toISOString();
  let blocked = 0;
  for (const digest of digests) {
    const held = await quarantine.get(digest);
    if (held) {
      // By an attempt of this, it may be, that came no further.
      if (held.actor === actor && held.reason === reason) await audit(ledger, svc, held);
      continue;
    }
    const hasGrace = runningGraceMs > 0 && (await quarantine.isRunning(digest));
    const entry = await quarantine.add({
      ...{ digest, reason, cves: [], actor, at },
      graceUntil: hasGrace ? graceUntil : null,
      expiresAt: null,
    });
    await audit(ledger, svc, entry);
    blocked += 1;
  }
  return blocked;
}

/** Once for an entry, however often it is told. */
function audit(
  ledger: CheckDeps['ledger'],
  svc: string,
  { digest, reason, graceUntil, actor, at }: QuarantineEntry,
): Promise<void> {
  const details = { reason, graceUntil };
  return ledger.appendAudit(
    { at, actor, action: 'digest.quarantine', svc, subject: digest, details },
    `continuous-check/${digest}/${at}`,
  );
}

export async function orderRollback(
  deps: CheckDeps,
  { svc, requestId, ...order }: OrderRollbackInput,
): Promise<RollbackAnswer> {
  const { checks, systemLanes: lanes, now, policy } = deps;
  const service = serviceOf(deps, svc);
  const { max, withinMs } = checkPolicyOf(policy).rollbacks;
  // Where Temporal is away nothing is asked for, and the guard counts what was: begun only where it answers.
  await lanes.look(svc);
  const requestedAt = now().toISOString();
  const since = new Date(now().getTime() - withinMs).toISOString();
  const begun = await checks.beginRollback(
    { id: requestId, svc, ...order, at: requestedAt },
    { max, since },
  );
  if (!begun) return { kind: 'guarded' };
  try {
    const { held } = await lanes.rollBack({ service, ...order, requestedAt, policy }, requestId);
    await checks.endRollback(requestId, 'done', '');
    return { kind: 'done', held };
  } catch (error) {
    if (!(error instanceof ReleaseError) || ERRORS[error.code].retryable) throw error;
    if (error.code === 'TIMED_OUT') return { kind: 'under-way' };
    const end = NOT_BEGUN.includes(error.code) ? 'not-begun' : 'failed';
    await checks.endRollback(requestId, end, error.message);
    return { kind: 'failed', reason: error.message };
  }
}

export function holdLane(
  { systemLanes: lanes }: Pick<CheckDeps, 'systemLanes'>,
  { svc, reason, requestId }: HoldInput,
): Promise<void> {
  return lanes.hold(svc, reason, requestId);
}
