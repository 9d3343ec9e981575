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

/** A step of any stage that waits for a freeze to end is named after it. */
const FREEZE = /^freeze\b/i;
/** A release has some 20 steps; more than this is not looked at. */
const MAX_STEPS = 500;

interface Span {
  readonly startMs: number;
  readonly endMs: number;
  readonly part: TurnaroundPart;
}

/** A step that failed and was begun again under its title: that time was lost, whatever it was for. */
function isRetried(steps: readonly ReleaseStep[], index: number): boolean {
  const step = steps[index];
  return (
    step?.state === 'failed' && steps.slice(index + 1).some((later) => later.title === step.title)
  );
}

function partOf(steps: readonly ReleaseStep[], step: ReleaseStep, index: number): TurnaroundPart {
  if (FREEZE.test(step.title)) return 'freeze';
  if (isRetried(steps, index)) return 'retry';
  return PART_OF_STAGE[step.stage];
}

/** Steps as spans within the release; clocks of two processes may differ by a little. */
function spansOf(steps: readonly ReleaseStep[], startMs: number, endMs: number): readonly Span[] {
  const clip = (ms: number): number => Math.min(endMs, Math.max(startMs, ms));
  return steps
    .map((step, index) => ({
      startMs: clip(Date.parse(step.startedAt)),
      endMs: clip(step.endedAt === undefined ? endMs : Date.parse(step.endedAt)),
      part: partOf(steps, step, index),
    }))
    .filter((span) => span.endMs > span.startMs);
}

/** Of steps that run at once the innermost counts, which is the one begun last; a freeze stops all of them. */
function partAt(spans: readonly Span[], ms: number, firstMs: number): TurnaroundPart {
  const open = spans.filter((span) => span.startMs <= ms && ms < span.endMs);
  if (open.some((span) => span.part === 'freeze')) return 'freeze';
  const innermost = open.reduce<Span | null>(
    (last, span) => (last === null || span.startMs >= last.startMs ? span : last),
    null,
  );
  return innermost?.part ?? (ms < firstMs ? 'queue' : 'other');
}

/**
 * Where the wall time of a release that has ended went; null while it runs. Every instant is counted once: before the
 * first step it waited in the lane (`queue`), between steps it is `other`.
 */
export function splitTurnaround(status: ReleaseStatus): Turnaround | null {
  const startMs = Date.parse(status.requestedAt);
  const endMs = Date.parse(status.endedAt ?? '');
  if (!(endMs >= startMs)) return null;
  const steps = status.steps.slice(0, MAX_STEPS);
  const spans = spansOf(steps, startMs, endMs);
  const firstMs = spans.reduce((first, span) => Math.min(first, span.startMs), endMs);
  const cuts = [startMs, endMs, ...spans.flatMap((span) => [span.startMs, span.endMs])];
  const edges = [...new Set(cuts)].sort((a, b) => a - b);
  const parts: Record<TurnaroundPart, number> = emptyParts();
  edges.slice(1).forEach((edge, index) => {
    const from = edges[index] ?? edge;
    parts[partAt(spans, from, firstMs)] += edge - from;
  });
  return { totalMs: endMs - startMs, parts };
}

function emptyParts(): Record<TurnaroundPart, number> {
  const entries = TURNAROUND_PARTS.map((part) => [part, 0] as const);
  return Object.fromEntries(entries) as Record<TurnaroundPart, number>;
}
