import type { Digest } from '../src/domain/digest';
import { movesOf } from '../src/domain/rollup/plan';
import type { RollupTask } from '../src/domain/rollup/report';
import type { RebuildSight } from '../src/domain/rollup/settle';
import type { Deps } from './deps';
import { knownBases } from './rollup-facts';

export interface LookInput {
  readonly tasks: readonly Pick<RollupTask, 'svc' | 'releaseId' | 'digest' | 'state'>[];
}

export interface SeenRebuild extends RebuildSight {
  /** Of a rebuild that was just released. */
  readonly fixed: readonly string[];
  /** What people should know of it; empty for nothing. */
  readonly note: string;
}

export type LookDeps = Pick<Deps, 'baseCatalogue' | 'ledger' | 'readBases' | 'rollups'>;

const MAX_FIXED = 20;

/** What became of rebuilds, by one question for all of them; more is asked only of those that were just released. */
export async function lookAtRebuilds(
  deps: LookDeps,
  { tasks }: LookInput,
): Promise<readonly SeenRebuild[]> {
  const asked = tasks.flatMap(({ svc, releaseId }) =>
    releaseId === null ? [] : { svc, releaseId },
  );
  const sights = await deps.rollups.sight(asked);
  return Promise.all(
    sights.map(async (sight): Promise<SeenRebuild> => {
      const task = tasks.find(({ svc }) => svc === sight.svc);
      const { outcome, digest } = sight;
      const isNew = task && task.state !== 'released' && outcome === 'released';
      if (!isNew || digest === null) return { ...sight, fixed: [], note: '' };
      const [fixed, note] = await Promise.all([
        findFixed(deps, sight.svc, task.digest, digest),
        findStale(deps, sight.svc, digest),
      ]);
      return { ...sight, fixed, note };
    }),
  );
}

async function findFixed(
  deps: LookDeps,
  svc: string,
  before: Digest,
  after: Digest,
): Promise<readonly string[]> {
  const [had, has] = await Promise.all([idsOf(deps, svc, before), idsOf(deps, svc, after)]);
  return had.filter((id) => !has.includes(id)).slice(0, MAX_FIXED);
}

/** What the newest scan lists as refused or excepted; each entry begins with its id (domain/scan-gate). */
async function idsOf(
  { ledger }: LookDeps,
  svc: string,
  digest: Digest,
): Promise<readonly string[]> {
  const evidence = (await ledger.newestScan(svc, digest))?.verdict.evidence;
  if (typeof evidence !== 'object' || evidence === null || Array.isArray(evidence)) return [];
  const lists = Object.entries(evidence).filter(
    ([name]) => name === 'refused' || name === 'excepted',
  );
  const ids = lists.flatMap(([, list]) =>
    Array.isArray(list) ? list.map((text) => String(text).split(' ')[0] ?? '') : [],
  );
  return [...new Set(ids)].sort();
}

/** A Dockerfile may name the digest of an older base, which a rebuild does not change. */
async function findStale(deps: LookDeps, svc: string, digest: Digest): Promise<string> {
  const [uses, bases] = await Promise.all([deps.baseCatalogue.stableUses(svc), knownBases(deps)]);
  const moves = movesOf({ uses: uses.filter((use) => use.digest === digest) }, bases);
  const names = moves.map(({ repository }) => repository).join(', ');
  return names === ''
    ? ''
    : `it still stands on an older ${names}: its Dockerfile names the digest`;
}
