import { ReleaseError } from '../src/contract/errors';
import type { CompletenessFault } from '../src/domain/completeness';
import { shortDigest, type Digest } from '../src/domain/digest';
import {
  DRILL_ACTOR,
  drillReason,
  judgeReadiness,
  type DrillLane,
  type DrillReadiness,
} from '../src/domain/drill/readiness';
import type { DrillReport } from '../src/domain/drill/report';
import type { Policy } from '../src/domain/policy';
import { channelName } from '../src/domain/reference';
import { checkCompleteness } from './completeness';
import {
  drillRollback,
  forgetDrilled,
  markedService,
  readStable,
  STABLE,
  type DrillDeps,
  type DrillOf,
  type DrillRollbackInput,
  type DrillRollbackResult,
} from './drill-rollback';

/** More than the longest drill makes. */
const MAX_MOVES = 200;

export interface CheckDrillTargetInput {
  readonly svc: string;
  readonly digest: Digest;
  readonly transparencyLog: 'required' | 'off';
  readonly verdictMaxAgeMs: number;
}

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

function holdOf({ id }: DrillOf): { actor: typeof DRILL_ACTOR; reason: string } {
  return { actor: DRILL_ACTOR, reason: drillReason(id) };
}

async function look(
  deps: DrillDeps,
  { svc, id }: DrillOf,
  lane: DrillLane,
): Promise<DrillReadiness> {
  const [stable, history] = await Promise.all([
    readStable(deps.ledger, svc),
    deps.ledger.history(svc, MAX_MOVES),
  ]);
  return judgeReadiness({
    svc,
    id,
    marked: deps.services.some((one) => one.svc === svc && one.drill === true),
    lane,
    moves: history.filter(({ channel }) => channel === channelName(STABLE)),
    ...stable,
    nowMs: deps.now().getTime(),
  });
}

async function openDrill(deps: DrillDeps, input: DrillOf): Promise<DrillReadiness> {
  const { svc, id } = input;
  await forgetDrilled(deps, svc);
  const first = await look(deps, input, await deps.lanes.getLane(svc));
  if (!first.ready) return first;
  await deps.lanes.holdLane(svc, holdOf(input), `${id}/hold`);
  // A release may have begun, or ended, between the look and the hold; from the hold on none begins.
  const second = await look(deps, input, await deps.lanes.getLane(svc));
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
