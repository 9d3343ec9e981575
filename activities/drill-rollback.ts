import { ReleaseError } from '../src/contract/errors';
import type { Digest } from '../src/domain/digest';
import { DRILL_ACTOR, drillReason } from '../src/domain/drill/readiness';
import type { Policy } from '../src/domain/policy';
import { channelRepository } from '../src/domain/reference';
import type { RollbackFacts } from '../src/domain/rollback';
import type { Service } from '../src/domain/service';
import type { DigestRollback } from '../src/ports/lanes';
import type { CompletenessDeps } from './completeness';
import type { Deps } from './deps';
import { readStablePast } from './stable-past';

export interface DrillOf {
  readonly svc: string;
  /** Names the drill; requests to the lane are made once by it. */
  readonly id: string;
}

export interface DrillRollbackInput extends DrillOf {
  readonly number: number;
  readonly from: Digest;
  readonly to: Digest;
  /** RFC 3339; the duration counts from here. */
  readonly requestedAt: string;
  readonly policy: Policy;
}

export type DrillRollbackResult =
  | { readonly durationMs: number; readonly error: null }
  /** Why the rollback did not get through. */
  | { readonly durationMs: null; readonly error: string };

export type DrillDeps = CompletenessDeps & Pick<Deps, 'services' | 'lanes' | 'rollout' | 'drills'>;

export const STABLE = { env: 'prod', tag: 'stable' } as const;

/** The last guard: whatever asks, users of a service without the mark are never touched. */
export function markedService({ services }: Pick<DrillDeps, 'services'>, svc: string): Service {
  const service = services.find((one) => one.svc === svc);
  if (service?.drill === true) return service;
  throw new ReleaseError('FORBIDDEN', `${svc} is not marked for drills in the catalogue`);
}

/** Measured until channel and traffic were seen where they belong. Throws FORBIDDEN and CHANNEL_MOVED. */
export async function drillRollback(
  deps: DrillDeps,
  { svc, id, number, from, to, requestedAt, policy }: DrillRollbackInput,
): Promise<DrillRollbackResult> {
  const service = markedService(deps, svc);
  const current = (await deps.ledger.getChannel(svc, STABLE))?.digest;
  // A repeated attempt finds its own work done.
  if (current !== from && current !== to) throw movedBySomebody(svc, current);
  const order: DigestRollback = {
    service,
    target: { kind: 'digest', digest: to, from },
    actor: DRILL_ACTOR,
    reason: `${drillReason(id)}, ${number}`,
    requestedAt,
    policy,
    drill: true,
  };
  const error = await rollBack(deps, order, `${id}/${number}`);
  if (error !== null) return { durationMs: null, error };
  await requireMoved(deps, svc, to);
  const durationMs = Math.max(0, deps.now().getTime() - Date.parse(requestedAt));
  await forgetDrilled(deps, svc);
  return { durationMs, error: null };
}

/** Null when it got through. What a rollback ended with stays so, however often it is asked: that is no error to try again. */
async function rollBack(
  { lanes }: DrillDeps,
  order: DigestRollback,
  requestId: string,
): Promise<string | null> {
  try {
    await lanes.rollBack(order, requestId);
    return null;
  } catch (error) {
    const ended = error instanceof ReleaseError && error.code !== 'ORCHESTRATOR_UNAVAILABLE';
    if (!ended) throw error;
    return error.message;
  }
}

/** Not by what the rollback says of itself. */
async function requireMoved(
  { registry, rollout }: DrillDeps,
  svc: string,
  to: Digest,
): Promise<void> {
  const [tag, state] = await Promise.all([
    registry.resolve(channelRepository(svc, STABLE.env), STABLE.tag),
    rollout.getState(svc, STABLE.env),
  ]);
  if (tag?.digest !== to) throw movedBySomebody(svc, tag?.digest);
  if (state.stable === to) return;
  throw new ReleaseError('ROLLOUT_FAILED', `prod of ${svc} serves ${state.stable ?? 'nothing'}`);
}

function movedBySomebody(svc: string, digest: Digest | null | undefined): ReleaseError {
  return new ReleaseError('CHANNEL_MOVED', `prod:stable of ${svc} is ${digest ?? 'empty'}`, {
    details: { remedy: 'somebody else moved it; drill again when it is at rest' },
  });
}

/** prod:stable and what it was, with what of all these is remembered as bad. */
export async function readStable(
  ledger: CompletenessDeps['ledger'],
  svc: string,
): Promise<Pick<RollbackFacts, 'current' | 'past' | 'bad'>> {
  const [stable, { past, bad }] = await Promise.all([
    ledger.getChannel(svc, STABLE),
    readStablePast(ledger, svc),
  ]);
  const current = stable?.digest ?? null;
  // Past digests leave the present one out.
  const mark = current && (await ledger.findBad(svc, current));
  return { current, past, bad: mark ? [mark.digest, ...bad] : bad };
}

/** A rollback remembers what it rolled back from as bad. It was not: a drill's mark is no judgement, a person's stays. */
export async function forgetDrilled({ ledger, now }: DrillDeps, svc: string): Promise<void> {
  const { bad } = await readStable(ledger, svc);
  const marks = await Promise.all(bad.map((digest) => ledger.findBad(svc, digest)));
  for (const mark of marks) {
    if (mark?.actor !== DRILL_ACTOR.subject) continue;
    const at = now().toISOString();
    await ledger.releaseBad(svc, mark.digest, DRILL_ACTOR.subject, 'it was a drill', at);
  }
}
