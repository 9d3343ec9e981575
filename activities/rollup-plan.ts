import { releaseId } from '../src/contract/ids';
import { inParallel } from '../src/contract/in-parallel';
import type { RollupSettings } from '../src/domain/rollup/policy';
import { planServices, type RollupPlan } from '../src/domain/rollup/plan';
import type { RollupTask } from '../src/domain/rollup/report';
import { rebuildVersion } from '../src/domain/rollup/version';
import { versionTag } from '../src/domain/reference';
import type { Deps } from './deps';
import { gatherFacts, knownBases } from './rollup-facts';

export interface PlanRollupInput {
  readonly only: readonly string[] | null;
  readonly settings: Pick<RollupSettings, 'optOuts' | 'unknownSource'>;
  /** Rebuild what stands on the newest bases too. */
  readonly always: boolean;
  /** RFC 3339: the day that versions are named by. */
  readonly at: string;
}

export interface PlanRollupResult extends RollupPlan {
  /** What was asked for and is not in it, a sentence each. */
  readonly notes: readonly string[];
}

export type PlanDeps = Pick<
  Deps,
  | 'baseCatalogue'
  | 'compareSource'
  | 'ledger'
  | 'now'
  | 'readBases'
  | 'rollups'
  | 'services'
  | 'sourceRoot'
>;

const ASKED_AT_ONCE = 8;
/** Rebuilds of one version in a day. */
const MAX_NUMBER = 50;

/** What becomes of each service by what is known now, with the versions that rebuilds would have. Throws LEDGER_UNAVAILABLE. */
export async function planRollup(
  deps: PlanDeps,
  { only, settings, always, at }: PlanRollupInput,
): Promise<PlanRollupResult> {
  const [services, bases, optOuts] = await Promise.all([
    gatherFacts(deps, only, settings.unknownSource),
    knownBases(deps),
    deps.rollups.listOptOuts(),
  ]);
  const { tasks, current } = planServices({
    ...{ services, bases, optOuts, always },
    nowMs: deps.now().getTime(),
    respectOptOuts: settings.optOuts === 'respect',
  });
  const named = await inParallel(tasks, ASKED_AT_ONCE, (task) => nameRebuild(deps, task, at));
  const planned = new Set(services.map(({ svc }) => svc));
  const missing = (only ?? []).filter((svc) => !planned.has(svc));
  return { tasks: named, current, notes: missing.map((svc) => `${svc} has no prod:stable`) };
}

/** The first version that no release of the service has. */
async function nameRebuild(
  { ledger }: PlanDeps,
  task: RollupTask,
  at: string,
): Promise<RollupTask> {
  const { state, source, svc } = task;
  if (state !== 'waiting' || !source) return task;
  for (let number = 1; number <= MAX_NUMBER; number += 1) {
    const version = rebuildVersion(source.version, at, number);
    if (version === null) break;
    const id = releaseId(svc, versionTag(version, source.revision));
    if ((await ledger.getStatus(id)) === null) return { ...task, version, releaseId: id };
  }
  const reason = `no version can be made of ${source.version}`;
  return { ...task, state: 'not-rebuildable', reason };
}
