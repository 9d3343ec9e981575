import type { FreezeSchedule } from './freeze-schedule';
import type { Environment, ServiceName } from './reference';

/** Nothing irreversible happens in dev. */
export const FREEZE_ENVIRONMENTS = ['stg', 'prod'] as const satisfies readonly Environment[];
export type FreezeEnvironment = (typeof FREEZE_ENVIRONMENTS)[number];

/**
 * The irreversible steps of a release, in their order: a channel of stg moves (stg:candidate, then stg:stable), prod's traffic reaches
 * the candidate, prod:stable is pinned. Rollback, abort and compensation pass none of them, so nothing here can hold them up.
 */
export const EDGES = [
  { env: 'stg', edge: 'channel' },
  { env: 'prod', edge: 'traffic' },
  { env: 'prod', edge: 'pin' },
] as const satisfies readonly { readonly env: FreezeEnvironment; readonly edge: string }[];
export type EdgeName = (typeof EDGES)[number]['edge'];

export interface Edge {
  readonly svc: ServiceName;
  readonly env: FreezeEnvironment;
  readonly edge: EdgeName;
}

export interface FreezeScope {
  /** Null: every service. */
  readonly svc: ServiceName | null;
  readonly environments: readonly FreezeEnvironment[];
}

export interface FreezeRule {
  readonly name: string;
  readonly scope: FreezeScope;
  readonly schedule: FreezeSchedule;
  readonly reason: string;
  readonly createdBy: string;
  /** RFC 3339. */
  readonly createdAt: string;
}

/** Milliseconds since the epoch; `fromMs` included, `toMs` not. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** One stretch in which a freeze closes what it covers. `toMs` Infinity: it can't be told when it ends. */
export interface FreezeStretch extends Stretch {
  readonly name: string;
  readonly scope: FreezeScope;
  readonly reason: string;
  readonly by: string;
}

/** The line is stopped, for one service or (null) for all, until someone resumes it. */
export interface LineStop {
  readonly svc: ServiceName | null;
  readonly reason: string;
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
}

export interface Frozen {
  readonly state: 'frozen';
  readonly cause: 'freeze' | 'stop';
  /** Of the freeze; null for a stop. */
  readonly name: string | null;
  readonly reason: string;
  readonly by: string;
  /** RFC 3339. */
  readonly since: string;
  /** RFC 3339; when it opens again by all that is known now. Null: when someone opens it. */
  readonly until: string | null;
}

/** JSON, as a workflow keeps it. */
export type EdgeState = { readonly state: 'open' } | Frozen;

export interface EdgeInput {
  readonly edge: Edge;
  readonly nowMs: number;
  /** Stretches around now, of any service. */
  readonly freezes: readonly FreezeStretch[];
  readonly stops: readonly LineStop[];
}

export type Expand = (schedule: FreezeSchedule, fromMs: number, toMs: number) => readonly Stretch[];

/**
 * When a freeze is closed between two times. One whose schedule can't be read is closed from its making on: it was meant to close
 * something, and whoever deletes it opens it again.
 */
export function stretchesOf(
  freeze: FreezeRule,
  expand: Expand,
  fromMs: number,
  toMs: number,
): readonly FreezeStretch[] {
  const { name, scope, createdBy: by, reason, createdAt } = freeze;
  try {
    return expand(freeze.schedule, fromMs, toMs).map((stretch) => ({
      ...stretch,
      name,
      scope,
      reason,
      by,
    }));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const unread = `its schedule can't be read, so it counts as closed: ${why}`;
    return [{ fromMs: Date.parse(createdAt), toMs: Infinity, name, scope, by, reason: unread }];
  }
}

export function covers(scope: FreezeScope, edge: Pick<Edge, 'svc' | 'env'>): boolean {
  return (scope.svc === null || scope.svc === edge.svc) && scope.environments.includes(edge.env);
}

/** When a row of stretches without a gap, one of which holds `nowMs`, is over. */
function endOfRow(stretches: readonly Stretch[], nowMs: number): number {
  const inOrder = [...stretches].sort((one, two) => one.fromMs - two.fromMs);
  let endMs = nowMs;
  for (const { fromMs, toMs } of inOrder) {
    if (fromMs > endMs) break;
    endMs = Math.max(endMs, toMs);
  }
  return endMs;
}

function toTime(ms: number): string | null {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : null;
}

/** A stop counts before any freeze. Of several freezes the one that lasts longest gives the reason. */
export function decideEdge({ edge, nowMs, freezes, stops }: EdgeInput): EdgeState {
  const [stop] = stops
    .filter(({ svc }) => svc === null || svc === edge.svc)
    .sort((one, two) => Date.parse(one.at) - Date.parse(two.at));
  if (stop) {
    const { reason, by, at } = stop;
    return { state: 'frozen', cause: 'stop', name: null, reason, by, since: at, until: null };
  }
  const here = freezes.filter(({ scope }) => covers(scope, edge));
  const [longest] = here
    .filter(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs)
    .sort((one, two) => two.toMs - one.toMs || one.fromMs - two.fromMs);
  if (!longest) return { state: 'open' };
  const { name, reason, by, fromMs } = longest;
  return {
    state: 'frozen',
    cause: 'freeze',
    name,
    reason,
    by,
    since: new Date(fromMs).toISOString(),
    until: toTime(endOfRow(here, nowMs)),
  };
}

/** One sentence for people. */
export function describeFrozen({ cause, name, reason, by, until }: Frozen): string {
  const what = cause === 'stop' ? `the line is stopped by ${by}` : `freeze ${name ?? ''} by ${by}`;
  return until === null ? `${what}: ${reason}` : `${what}, until ${until}: ${reason}`;
}

const SOON_MS = 15_000;
const LATER_MS = 45_000;
/** While the line is stopped a wait is at most so much of the time gone by. */
const PATIENCE = 240;

/**
 * How long to wait before the edge is asked again: whoever opens it is heard within a minute. While the line is stopped 15 s in the
 * first hour, then a 240th of the time it has been stopped, at most 45 s; in a freeze until its end, at most 45 s.
 */
export function askAgainInMs(state: Frozen, nowMs: number): number {
  if (state.until === null) {
    const age = nowMs - Date.parse(state.since);
    return Math.min(LATER_MS, Math.max(SOON_MS, age / PATIENCE));
  }
  // A second is the least that a timer of the server takes.
  return Math.max(1000, Math.min(LATER_MS, Date.parse(state.until) - nowMs));
}
