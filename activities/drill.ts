import { ReleaseError } from '../src/contract/errors';
import type { CompletenessFault } from '../src/domain/completeness';
import { shortDigest, type Digest } from '../src/domain/digest';
import {
  DRILL_ACTOR,
  judgeReadiness,
  type DrillLane,
  type DrillReadiness,
} from '../src/domain/drill/readiness';
import type { DrillReport } from '../src/domain/drill/report';
import type { Policy } from '../src/domain/policy';
import { channelRepository } from '../src/domain/reference';
import type { Service } from '../src/domain/service';
import type { DigestRollback } from '../src/ports/lanes';
import { checkCompleteness, type CompletenessDeps } from './completeness';
import type { Deps } from './deps';
import { readStablePast } from './stable-past';

interface DrillOf {
  readonly svc: string;
  /** Names the drill; requests to the lane are made once by it. */
  readonly id: string;
}

export interface CheckDrillTargetInput {
  readonly svc: string;
  readonly digest: Digest;
  readonly transparencyLog: 'required' | 'off';
  readonly verdictMaxAgeMs: number;
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

export interface CloseDrillInput extends DrillOf {
  readonly newer: Digest;
  readonly older: Digest;
  readonly policy: Policy;
}

export interface DrillActivities {
  /** Services that the catalogue marks. */
  listDrillServices(input: Readonly<Record<string, never>>): Promise<readonly string[]>;
  /** Holds the lane, so that no release meets the drill; not ready, it leaves the lane as it was. */
  openDrill(input: DrillOf): Promise<DrillReadiness>;
  checkDrillTarget(input: CheckDrillTargetInput): Promise<readonly CompletenessFault[]>;
  /** Through the lane, as anybody's. Throws FORBIDDEN for a service without a mark, and CHANNEL_MOVED. */
  drillRollback(input: DrillRollbackInput): Promise<DrillRollbackResult>;
  /** prod:stable is where it was, the lane open, nothing remembered; returns what is not so. */
  closeDrill(input: CloseDrillInput): Promise<{ readonly troubles: readonly string[] }>;
  /** Of a drill that did not begin: the lane is as it was. */
  leaveDrill(input: DrillOf): Promise<void>;
  saveDrillReport(input: { readonly report: DrillReport }): Promise<void>;
}

type DrillDeps = CompletenessDeps & Pick<Deps, 'services' | 'lanes' | 'rollout' | 'drills'>;

const STABLE = { env: 'prod', tag: 'stable' } as const;

export function createDrillActivities(deps: DrillDeps): DrillActivities {
  return {
    listDrillServices: () =>
      Promise.resolve(deps.services.filter(({ drill }) => drill === true).map(({ svc }) => svc)),
    openDrill: (input) => openDrill(deps, input),
    checkDrillTarget: ({ svc, ...input }) =>
      checkCompleteness(deps, { ...input, service: markedService(deps, svc) }),
    drillRollback: (input) => drillRollback(deps, input),
    closeDrill: (input) => closeDrill(deps, input),
    leaveDrill: (input) => openLane(deps, input),
    saveDrillReport: ({ report }) => deps.drills.saveReport(report),
  };
}

/** The last guard: whatever asks, users of a service without the mark are never touched. */
function markedService({ services }: Pick<DrillDeps, 'services'>, svc: string): Service {
  const service = services.find((one) => one.svc === svc);
  if (service?.drill === true) return service;
  throw new ReleaseError('FORBIDDEN', `${svc} is not marked for drills in the catalogue`);
}

function holdOf({ id }: DrillOf): { actor: typeof DRILL_ACTOR; reason: string } {
  return { actor: DRILL_ACTOR, reason: `rollback drill ${id}` };
}

async function look(deps: DrillDeps, svc: string, lane: DrillLane): Promise<DrillReadiness> {
  const [stable, past] = await Promise.all([
    deps.ledger.getChannel(svc, STABLE),
    readStablePast(deps.ledger, svc),
  ]);
  return judgeReadiness({
    svc,
    marked: deps.services.some((one) => one.svc === svc && one.drill === true),
    lane,
    current: stable?.digest ?? null,
    ...past,
    nowMs: deps.now().getTime(),
  });
}

async function openDrill(deps: DrillDeps, input: DrillOf): Promise<DrillReadiness> {
  const { svc, id } = input;
  await forgetDrilled(deps, svc);
  const first = await look(deps, svc, await deps.lanes.getLane(svc));
  if (!first.ready) return first;
  await deps.lanes.holdLane(svc, holdOf(input), `${id}/hold`);
  // A release may have begun, or ended, between the look and the hold; from the hold on none begins.
  const second = await look(deps, svc, await deps.lanes.getLane(svc));
  if (!second.ready) await openLane(deps, input);
  return second;
}

/** A hold that a person has set meanwhile is theirs. */
async function openLane({ lanes }: DrillDeps, input: DrillOf): Promise<void> {
  const { svc, id } = input;
  const { hold } = await lanes.getLane(svc);
  if (hold?.by !== DRILL_ACTOR.subject) return;
  await lanes.resumeLane(svc, holdOf(input), `${id}/resume`);
}

async function drillRollback(
  deps: DrillDeps,
  { svc, id, number, from, to, requestedAt, policy }: DrillRollbackInput,
): Promise<DrillRollbackResult> {
  const service = markedService(deps, svc);
  const current = (await deps.ledger.getChannel(svc, STABLE))?.digest;
  // A repeated attempt finds its own work done.
  if (current !== from && current !== to) throw movedBySomebody(svc, current);
  const order: DigestRollback = {
    service,
    target: { kind: 'digest', digest: to },
    actor: DRILL_ACTOR,
    reason: `rollback drill ${id}, ${number}`,
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

/** A rollback remembers what it rolled back from as bad. It was not: a drill's mark is no judgement, a person's stays. */
async function forgetDrilled({ ledger, now }: DrillDeps, svc: string): Promise<void> {
  const { bad } = await readStablePast(ledger, svc);
  const marks = await Promise.all(bad.map((digest) => ledger.findBad(svc, digest)));
  for (const mark of marks) {
    if (mark?.actor !== DRILL_ACTOR.subject) continue;
    const at = now().toISOString();
    await ledger.releaseBad(svc, mark.digest, DRILL_ACTOR.subject, 'it was a drill', at);
  }
}

async function closeDrill(
  deps: DrillDeps,
  input: CloseDrillInput,
): Promise<{ readonly troubles: readonly string[] }> {
  // Its own mark must not keep it from going forward.
  await forgetDrilled(deps, input.svc);
  const trouble = await goHome(deps, input);
  await forgetDrilled(deps, input.svc);
  // A lane that is not where it was stays held, for somebody to look.
  if (trouble === null) await openLane(deps, input);
  return { troubles: trouble === null ? [] : [trouble] };
}

/** Null when channel and traffic are where they were. */
async function goHome(deps: DrillDeps, input: CloseDrillInput): Promise<string | null> {
  const { svc, newer, older } = input;
  const [stable, { stable: served }] = await Promise.all([
    deps.ledger.getChannel(svc, STABLE),
    deps.rollout.getState(svc, STABLE.env),
  ]);
  const current = stable?.digest ?? null;
  const nameOf = (digest: Digest | null): string => (digest ? shortDigest(digest) : 'nothing');
  const at = `prod:stable of ${svc} was left at ${nameOf(current)}, prod at ${nameOf(served)}`;
  if (current === newer) return served === newer ? null : `${at}. Its lane is held.`;
  if (current !== older) return `${at}: somebody else moved it. Its lane is held.`;
  const error = await moveHome(deps, input);
  return error === null ? null : `${at}: ${error}. Its lane is held.`;
}

async function moveHome(
  deps: DrillDeps,
  { svc, id, newer, older, policy }: CloseDrillInput,
): Promise<string | null> {
  const requestedAt = deps.now().toISOString();
  const home = { svc, id, number: 0, from: older, to: newer, requestedAt, policy };
  try {
    return (await drillRollback(deps, home)).error;
  } catch (error) {
    if (!(error instanceof ReleaseError) || error.code.endsWith('_UNAVAILABLE')) throw error;
    return error.message;
  }
}
