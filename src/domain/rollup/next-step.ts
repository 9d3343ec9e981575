import type { RollupSettings } from './policy';
import type { RollupReport, RollupTask } from './report';
import { stopReason } from './stop-rule';

/** What a rollup does next. Times are milliseconds. */
export type NextStep =
  /** Start these rebuilds, or find out that they may not be started yet. */
  | { readonly kind: 'start'; readonly services: readonly string[] }
  /** Watch the wave that ended, before the next one. */
  | { readonly kind: 'soak'; readonly forMs: number }
  | { readonly kind: 'next-wave' }
  /** The n-th of `forward` takes the place of the n-th of `back` in the wave that is under way, which goes to the other's. */
  | {
      readonly kind: 'swap';
      readonly back: readonly string[];
      readonly forward: readonly string[];
    }
  /** What has not begun is held. */
  | {
      readonly kind: 'hold';
      readonly because: 'condition' | 'cancelled' | 'time';
      readonly why: string;
    }
  /** Look again then, or when an end is told. */
  | { readonly kind: 'wait'; readonly forMs: number }
  | { readonly kind: 'end' };

type Rules = Pick<
  RollupSettings,
  'concurrency' | 'lookMs' | 'maxDurationMs' | 'soakMs' | 'stopAfter'
>;

export const isUnderWay = ({ state }: Pick<RollupTask, 'state'>): boolean =>
  state === 'building' || state === 'promoting';

const isWaiting = ({ state }: Pick<RollupTask, 'state'>): boolean => state === 'waiting';

function msUntil(at: string, nowMs: number): number {
  return Math.max(0, Date.parse(at) - nowMs);
}

/**
 * Decides the next step from what is on record alone, so that a run that goes on elsewhere, or after a crash, decides the same. Its state
 * is up to date: everything under way was looked at.
 */
export function nextStep(report: RollupReport, rules: Rules, nowMs: number): NextStep {
  const { tasks } = report;
  const waiting = tasks.filter(isWaiting);
  const running = tasks.filter(isUnderWay).length;
  const held = report.stopped === null ? null : (report.reason ?? 'stopped');
  if (held !== null && waiting.length > 0) {
    return { kind: 'hold', because: report.stopped ?? 'cancelled', why: held };
  }
  const leftMs = Date.parse(report.startedAt) + rules.maxDurationMs - nowMs;
  if (leftMs <= 0) {
    if (waiting.length + running === 0) return { kind: 'end' };
    const hours = Math.round(rules.maxDurationMs / 3_600_000);
    return { kind: 'hold', because: 'time', why: `the rollup may take ${hours} h, which are over` };
  }
  const bad = report.stopped === null ? stopReason(tasks, rules.stopAfter) : null;
  if (bad !== null && waiting.length > 0) return { kind: 'hold', because: 'condition', why: bad };
  const step = goOn(report, rules, nowMs);
  return step.kind === 'wait' ? { ...step, forMs: Math.min(step.forMs, leftMs) } : step;
}

function goOn(report: RollupReport, rules: Rules, nowMs: number): NextStep {
  const { tasks, wave, paused, stopped } = report;
  const running = tasks.filter(isUnderWay).length;
  const mayStart = tasks.filter((task) => isWaiting(task) && task.wave <= wave);
  const due = mayStart.filter(({ retryAt }) => retryAt === null || Date.parse(retryAt) <= nowMs);
  const free = rules.concurrency - running;
  if (stopped === null && !paused && free > 0 && due.length > 0) {
    return { kind: 'start', services: due.slice(0, free).map(({ svc }) => svc) };
  }
  if (running > 0) return { kind: 'wait', forMs: rules.lookMs };
  if (stopped !== null) return { kind: 'end' };
  // Nothing is to be done by itself until a person says so.
  if (paused) return { kind: 'wait', forMs: Infinity };
  const more = report.waves.some(({ number }) => number > wave);
  const soaking = soak(report, rules, nowMs);
  if (soaking) return soaking;
  const blocked = more ? blockedOf(report) : [];
  const swap = swapOf(report, blocked);
  if (swap) return swap;
  if (more && blocked.length === 0) return { kind: 'next-wave' };
  const [next] = mayStart.flatMap(({ retryAt }) => retryAt ?? []).sort();
  return next === undefined ? { kind: 'end' } : { kind: 'wait', forMs: msUntil(next, nowMs) };
}

/** What waits in a wave of which nothing was rebuilt: it has shown nothing, so the next one, which is larger, can't go by it. */
function blockedOf({ tasks, wave }: RollupReport): readonly RollupTask[] {
  const own = tasks.filter((task) => task.wave === wave);
  const hasShown = own.some(({ state }) => ['failed', 'released', 'unchanged'].includes(state));
  return hasShown ? [] : own.filter(isWaiting);
}

/** Others may be free where these are frozen or busy; null when all have been asked. */
function swapOf({ tasks, wave }: RollupReport, blocked: readonly RollupTask[]): NextStep | null {
  const forward = tasks
    .filter((task) => isWaiting(task) && task.wave > wave && task.retryAt === null)
    .slice(0, blocked.length)
    .map(({ svc }) => svc);
  const back = blocked.slice(0, forward.length).map(({ svc }) => svc);
  return forward.length === 0 ? null : { kind: 'swap', back, forward };
}

/** A wave that changed nothing has nothing to watch. */
function soak(
  { tasks, wave, waves, soakUntil }: RollupReport,
  { soakMs }: Rules,
  nowMs: number,
): NextStep | null {
  const open = waves.find(({ number }) => number === wave);
  if (!open || open.endedAt !== null || soakMs === 0) return null;
  if (!tasks.some((task) => task.wave === wave && task.state === 'released')) return null;
  if (soakUntil === null) return { kind: 'soak', forMs: soakMs };
  const leftMs = msUntil(soakUntil, nowMs);
  return leftMs > 0 ? { kind: 'wait', forMs: leftMs } : null;
}
