import type { ReleaseStage, ReleaseStatus, ReleaseStep } from './release';

/** What the wall time of a release was spent on, in the order people read it. */
export const TURNAROUND_PARTS = [
  'queue',
  'build',
  'scan',
  'canary',
  'observation',
  'approval',
  'freeze',
  'retry',
  'other',
] as const;
export type TurnaroundPart = (typeof TURNAROUND_PARTS)[number];

/** Something was asked for again because it had not answered; RFC 3339. */
export interface RetriedTime {
  /** When it was first asked for. */
  readonly from: string;
  /** When it was asked for the time that ended it. */
  readonly to: string;
}

export interface Turnaround {
  /** From the request to the end, in ms. */
  readonly totalMs: number;
  /** In ms; they sum to `totalMs`. */
  readonly parts: Readonly<Record<TurnaroundPart, number>>;
}

/** Signing, tags and pins are short and nobody's bottleneck; taking back is no part of getting out. */
const PART_OF_STAGE: Readonly<Record<ReleaseStage, TurnaroundPart>> = {
  queued: 'queue',
  build: 'build',
  attest: 'scan',
  scan: 'scan',
  sign: 'other',
  tag: 'other',
  stg: 'canary',
  canary: 'canary',
  'prod-candidate': 'observation',
  observation: 'observation',
  approval: 'approval',
  'prod-stable': 'other',
  compensation: 'other',
  done: 'other',
};

/** Steps of any stage that are named after what they wait for: a freeze to end, somebody to answer. */
const FREEZE = /^freeze\b/i;
const RETRY = /^retry\b/i;
/** A release has some 20 steps; more than this is not looked at. */
const MAX_STEPS = 500;

interface Span {
  readonly startMs: number;
  readonly endMs: number;
  readonly part: TurnaroundPart;
}

function partOf({ title, stage }: ReleaseStep): TurnaroundPart {
  if (FREEZE.test(title)) return 'freeze';
  return RETRY.test(title) ? 'retry' : PART_OF_STAGE[stage];
}

type Clip = (at: string | undefined) => number;

/** Within the release, and at its end where it is open; clocks of two processes may differ by a little. */
function clipTo(startMs: number, endMs: number): Clip {
  return (at) => (at === undefined ? endMs : Math.min(endMs, Math.max(startMs, Date.parse(at))));
}

function spansOf(steps: readonly ReleaseStep[], clip: Clip): readonly Span[] {
  return steps
    .map((step) => ({
      startMs: clip(step.startedAt),
      endMs: clip(step.endedAt),
      part: partOf(step),
    }))
    .filter(isLasting);
}

function isLasting({ startMs, endMs }: Span): boolean {
  return endMs > startMs;
}

interface Spans {
  readonly steps: readonly Span[];
  readonly retries: readonly Span[];
  /** When the first step began. */
  readonly firstMs: number;
}

/**
 * Of steps that run at once the innermost counts, which is the one begun last; a freeze stops all of them. What was asked for again was
 * lost, whatever it was for; not where people or the lane were waited for meanwhile.
 */
function partAt({ steps, retries, firstMs }: Spans, ms: number): TurnaroundPart {
  const isOpen = (span: Span): boolean => span.startMs <= ms && ms < span.endMs;
  const open = steps.filter(isOpen);
  if (open.some((span) => span.part === 'freeze')) return 'freeze';
  if (ms < firstMs) return 'queue';
  const innermost = open.reduce<Span | null>(
    (last, span) => (last === null || span.startMs >= last.startMs ? span : last),
    null,
  );
  if (innermost?.part === 'approval') return 'approval';
  return retries.some(isOpen) ? 'retry' : (innermost?.part ?? 'other');
}

/**
 * Where the wall time of a release that has ended went; null while it runs. Every instant is counted once: before the
 * first step it waited in the lane (`queue`), between steps it is `other`.
 */
export function splitTurnaround(
  status: ReleaseStatus,
  retries: readonly RetriedTime[],
): Turnaround | null {
  const startMs = Date.parse(status.requestedAt);
  const endMs = Date.parse(status.endedAt ?? '');
  if (!(endMs >= startMs)) return null;
  const clip = clipTo(startMs, endMs);
  const steps = spansOf(status.steps.slice(0, MAX_STEPS), clip);
  const spans: Spans = {
    steps,
    retries: retries
      .map(({ from, to }) => ({ startMs: clip(from), endMs: clip(to), part: 'retry' as const }))
      .filter(isLasting),
    firstMs: steps.reduce((first, span) => Math.min(first, span.startMs), endMs),
  };
  const all = [...spans.steps, ...spans.retries];
  const cuts = [startMs, endMs, ...all.flatMap((span) => [span.startMs, span.endMs])];
  const edges = [...new Set(cuts)].sort((a, b) => a - b);
  const parts: Record<TurnaroundPart, number> = emptyParts();
  edges.slice(1).forEach((edge, index) => {
    const from = edges[index] ?? edge;
    parts[partAt(spans, from)] += edge - from;
  });
  return { totalMs: endMs - startMs, parts };
}

function emptyParts(): Record<TurnaroundPart, number> {
  const entries = TURNAROUND_PARTS.map((part) => [part, 0] as const);
  return Object.fromEntries(entries) as Record<TurnaroundPart, number>;
}
