import { describeFaults, type CompletenessFault } from '../completeness';
import { shortDigest, type Digest } from '../digest';
import { percentile } from '../percentile';

/** One rollback of a drill. */
export interface DrillStep {
  readonly number: number;
  readonly direction: 'back' | 'forward';
  readonly from: Digest;
  readonly to: Digest;
  /** What `to` lacked just before; empty when it was complete. */
  readonly faults: readonly CompletenessFault[];
  /** RFC 3339. */
  readonly requestedAt: string;
  /** From the request until channel and traffic were seen where they belong; null when they were not. */
  readonly durationMs: number | null;
  readonly error: string | null;
}

/** What is kept of a drill. Times are RFC 3339. */
export interface DrillReport {
  readonly id: string;
  /** Null when the catalogue marks no service. */
  readonly svc: string | null;
  /** skipped: nothing was rolled back, so nothing is proven. */
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Why it did not pass; empty when it did. */
  readonly reasons: readonly string[];
  readonly startedAt: string;
  readonly endedAt: string;
  readonly targetMs: number;
  /** Rollbacks that got through. */
  readonly n: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly maxMs: number | null;
  /** Every digest that was rolled back to had all it needs; null when none was looked at. */
  readonly complete: boolean | null;
  readonly steps: readonly DrillStep[];
}

export interface DrillEnd {
  readonly id: string;
  readonly svc: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly targetMs: number;
  /** Rollbacks that it was to make, both ways counted. */
  readonly planned: number;
  readonly steps: readonly DrillStep[];
  /** What else went wrong, such as a service that is not where it was. */
  readonly troubles: readonly string[];
}

/** Passed: all rollbacks got through, each to a complete digest, 95 of 100 within the target. */
export function judgeDrill(end: DrillEnd): DrillReport {
  const { id, svc, startedAt, endedAt, targetMs, steps } = end;
  const times = steps.flatMap(({ durationMs }) => (durationMs === null ? [] : [durationMs]));
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number | null =>
    sorted.length === 0 ? null : percentile(sorted, share);
  const reasons = [...stepReasons(steps), ...timeReasons(end, at(0.95), times.length)];
  const all = [...reasons, ...end.troubles];
  return {
    id,
    svc,
    outcome: all.length === 0 ? 'passed' : 'failed',
    reasons: all,
    startedAt,
    endedAt,
    targetMs,
    n: times.length,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    maxMs: at(1),
    complete: steps.length === 0 ? null : steps.every(({ faults }) => faults.length === 0),
    steps,
  };
}

function stepReasons(steps: readonly DrillStep[]): readonly string[] {
  const lines = steps.flatMap(({ number, to, faults, error }) => [
    ...(faults.length > 0 ? [`${shortDigest(to)} is not complete: ${describeFaults(faults)}`] : []),
    ...(error === null ? [] : [`Rollback ${number} to ${shortDigest(to)} failed: ${error}`]),
  ]);
  return [...new Set(lines)];
}

function timeReasons(
  { planned, targetMs }: DrillEnd,
  p95Ms: number | null,
  done: number,
): readonly string[] {
  return [
    ...(done < planned ? [`${done} of ${planned} rollbacks got through.`] : []),
    ...(p95Ms !== null && p95Ms > targetMs
      ? [`The 95th percentile is ${p95Ms} ms, over the ${targetMs} ms allowed.`]
      : []),
  ];
}

export interface DrillSkip {
  readonly id: string;
  readonly svc: string | null;
  readonly at: string;
  readonly targetMs: number;
  readonly why: string;
}

/** Of a drill that could not begin. */
export function skipDrill({ id, svc, at, targetMs, why }: DrillSkip): DrillReport {
  return {
    ...{ id, svc, targetMs, outcome: 'skipped', reasons: [why], startedAt: at, endedAt: at },
    ...{ n: 0, p50Ms: null, p95Ms: null, maxMs: null, complete: null, steps: [] },
  };
}

/** `{svc}-20261130T040000Z`: tells itself apart, since two drills of a service never overlap. */
export function drillId(svc: string | null, startedAt: string): string {
  const instant = startedAt.replace(/\.\d+/, '').replace(/[-:]/g, '');
  return `${svc ?? 'none'}-${instant}`;
}
