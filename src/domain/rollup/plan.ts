import type { Digest } from '../digest';
import type { ServiceName } from '../reference';
import type { RollupItemState } from '../rollup';
import type { BaseMove, RollupSource, RollupTask } from './report';

/** As the catalogue of bases lists it. */
export interface KnownBase {
  readonly repository: string;
  readonly tag: string;
  readonly digest: Digest;
  /** RFC 3339. */
  readonly importedAt: string;
  readonly withdrawnAt: string | null;
}

/** A service with a prod:stable. */
export interface StableFacts {
  readonly svc: ServiceName;
  readonly owner: string;
  readonly digest: Digest;
  /** What its provenance says it was built from. */
  readonly uses: readonly { readonly baseRepository: string; readonly baseDigest: Digest }[];
  readonly source: RollupSource | null;
  /** Why it can't be rebuilt; null when it can. */
  readonly obstacle: string | null;
}

/** No rollup touches the service until then. */
export interface RollupOptOut {
  readonly svc: ServiceName;
  readonly reason: string;
  /** RFC 3339. */
  readonly until: string;
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
}

export interface PlanInput {
  readonly services: readonly StableFacts[];
  readonly bases: readonly KnownBase[];
  readonly optOuts: readonly RollupOptOut[];
  readonly nowMs: number;
  /** Whether the standing opt-outs count. */
  readonly respectOptOuts: boolean;
  /** Rebuild what stands on the newest bases too: an advisory may be in what the build itself fetches. */
  readonly always: boolean;
}

export interface RollupPlan {
  /** Without waves yet, by service. */
  readonly tasks: readonly RollupTask[];
  readonly current: number;
}

/** The newest of each repository that builds may start from. A later import wins: within a family it is the vendor's newer one. */
export function newestBases(bases: readonly KnownBase[]): ReadonlyMap<string, KnownBase> {
  const newest = new Map<string, KnownBase>();
  for (const base of bases) {
    if (base.withdrawnAt !== null) continue;
    const held = newest.get(base.repository);
    if (!held || Date.parse(held.importedAt) < Date.parse(base.importedAt)) {
      newest.set(base.repository, base);
    }
  }
  return newest;
}

/** Bases that a local stack brings along are as old as can be: whatever was imported of their repository replaces them. */
export function withPinned(
  bases: readonly KnownBase[],
  pins: readonly Pick<KnownBase, 'repository' | 'digest'>[],
): readonly KnownBase[] {
  const isKnown = (digest: Digest): boolean => bases.some((base) => base.digest === digest);
  const brought = pins
    .filter(({ digest }) => !isKnown(digest))
    .map(({ repository, digest }) => ({
      ...{ repository, digest, tag: digest.slice(0, 'sha256:'.length + 12) },
      ...{ importedAt: '1970-01-01T00:00:00.000Z', withdrawnAt: null },
    }));
  return [...bases, ...brought];
}

/** What of a service stands on another digest than the newest allowed one. */
export function movesOf(
  { uses }: Pick<StableFacts, 'uses'>,
  bases: readonly KnownBase[],
): readonly BaseMove[] {
  const newest = newestBases(bases);
  return uses.flatMap(({ baseRepository: repository, baseDigest: from }) => {
    const base = newest.get(repository);
    if (!base || base.digest === from) return [];
    const known = bases.find((one) => one.repository === repository && one.digest === from);
    const { digest: to, tag: toTag } = base;
    return [{ repository, from, fromTag: known?.tag ?? null, to, toTag }];
  });
}

interface Judgement {
  readonly state: RollupItemState;
  readonly reason: string;
}

/** Null: it stands on the newest bases. */
function judge(
  service: StableFacts,
  moves: readonly BaseMove[],
  input: PlanInput,
): Judgement | null {
  const unknown = obstacleOfBases(service, input.bases);
  if (moves.length === 0 && unknown === null && !input.always) return null;
  const out = input.optOuts.find(
    ({ svc, until }) => svc === service.svc && Date.parse(until) > input.nowMs,
  );
  if (out && input.respectOptOuts) {
    const reason = `until ${out.until} by ${out.by}: ${out.reason}`;
    return { state: 'opted-out', reason };
  }
  const obstacle = (moves.length === 0 && !input.always ? unknown : null) ?? service.obstacle;
  if (obstacle !== null) return { state: 'not-rebuildable', reason: obstacle };
  return { state: 'waiting', reason: out ? `its opt-out is set aside: ${out.reason}` : '' };
}

/** Why it can't be said whether the bases of a service are the newest; null when it can. */
function obstacleOfBases({ uses }: StableFacts, bases: readonly KnownBase[]): string | null {
  if (uses.length === 0) return 'on which bases it stands is not on record';
  const newest = newestBases(bases);
  const lost = uses.filter(({ baseRepository }) => !newest.has(baseRepository));
  if (lost.length === 0) return null;
  const names = [...new Set(lost.map(({ baseRepository }) => baseRepository))].sort();
  return `no allowed base of ${names.join(', ')} is in the catalogue`;
}

/** What becomes of each service by what is known now; by service, without waves. */
export function planServices(input: PlanInput): RollupPlan {
  const sorted = [...input.services].sort((one, two) => (one.svc < two.svc ? -1 : 1));
  const tasks = sorted.flatMap((service) => {
    const moves = movesOf(service, input.bases);
    const judged = judge(service, moves, input);
    return judged ? [toTask(service, moves, judged)] : [];
  });
  return { tasks, current: sorted.length - tasks.length };
}

function toTask(
  { svc, owner, digest, source }: StableFacts,
  moves: readonly BaseMove[],
  judged: Judgement,
): RollupTask {
  return {
    ...{ svc, owner, digest, source, moves, ...judged },
    ...{ wave: 0, releaseId: null, version: null, attempt: 0, retryAt: null },
    ...{ rebuilt: null, fixed: [], startedAt: null, endedAt: null },
  };
}
