import fc from 'fast-check';
import { RELEASE_STAGES, type ReleaseStep } from '../../../src/domain/release';
import { splitTurnaround, TURNAROUND_PARTS, type Turnaround } from '../../../src/domain/turnaround';
import { summarizeTurnaround } from '../../../src/domain/turnaround-summary';
import { NOW, releaseStatus } from '../../support/api-fixtures';

const START_MS = Date.parse(NOW);
const at = (seconds: number): string => new Date(START_MS + seconds * 1_000).toISOString();

function step(
  stage: ReleaseStep['stage'],
  from: number,
  to: number,
  over: Partial<ReleaseStep> = {},
): ReleaseStep {
  return { stage, title: stage, state: 'done', startedAt: at(from), endedAt: at(to), ...over };
}

/** From and to. */
type Seconds = readonly [number, number];

function split(
  steps: readonly ReleaseStep[],
  endedAt = 100,
  retries: readonly Seconds[] = [],
): Turnaround['parts'] {
  const status = releaseStatus({ steps, outcome: 'released', endedAt: at(endedAt) });
  const times = retries.map(([from, to]) => ({ from: at(from), to: at(to) }));
  return splitTurnaround(status, times)!.parts;
}

/** Parts that are not 0, in seconds. */
function seconds(parts: Turnaround['parts']): Record<string, number> {
  const entries = Object.entries(parts).filter(([, ms]) => ms > 0);
  return Object.fromEntries(entries.map(([part, ms]) => [part, ms / 1_000]));
}

describe('splitTurnaround', () => {
  it('gives each stage its part of the wall time', () => {
    const parts = split([
      step('build', 10, 30),
      step('attest', 30, 33),
      step('scan', 33, 35),
      step('sign', 35, 36),
      step('tag', 36, 37),
      step('stg', 37, 40),
      step('canary', 40, 60),
      step('prod-candidate', 60, 61),
      step('observation', 61, 80),
      step('approval', 80, 95),
      step('prod-stable', 95, 99),
    ]);

    expect(seconds(parts)).toEqual({
      queue: 10,
      build: 20,
      scan: 5,
      canary: 23,
      observation: 20,
      approval: 15,
      other: 7,
    });
  });

  it('counts a freeze as such, whatever step it holds up', () => {
    const parts = split([
      step('canary', 0, 100),
      step('canary', 20, 80, { title: 'freeze: year end' }),
      step('canary', 30, 40, { title: 'canary 25 %' }),
    ]);

    expect(seconds(parts)).toEqual({ canary: 40, freeze: 60 });
  });

  it.each<[string, readonly ReleaseStep[], readonly Seconds[], Record<string, number>]>([
    [
      'of a step, where it was tried again, each instant once',
      [step('build', 0, 60), step('scan', 60, 100)],
      [
        [10, 30],
        [20, 40],
        [90, 95],
      ],
      { build: 30, retry: 35, scan: 35 },
    ],
    [
      'across steps and between them',
      [step('tag', 0, 20), step('stg', 40, 100)],
      [[10, 50]],
      {
        other: 10,
        retry: 40,
        canary: 50,
      },
    ],
    [
      'not before it began',
      [step('build', 50, 100)],
      [[-20, 60]],
      {
        queue: 50,
        retry: 10,
        build: 40,
      },
    ],
    ['not after it ended', [step('build', 0, 100)], [[80, 500]], { build: 80, retry: 20 }],
    ['not while people are waited for', [step('approval', 0, 100)], [[10, 50]], { approval: 100 }],
    [
      'not while a freeze holds it up',
      [step('canary', 0, 100), step('canary', 20, 80, { title: 'freeze: stg channel' })],
      [[10, 50]],
      { canary: 30, retry: 10, freeze: 60 },
    ],
    [
      'by a step of that name, as of a window that nobody can measure',
      [step('canary', 0, 100), step('canary', 30, 70, { title: 'retry: canary 25 % measured' })],
      [],
      { canary: 60, retry: 40 },
    ],
  ])('counts as retry what was lost %s', (_what, steps, retries, expected) => {
    expect(seconds(split(steps, 100, retries))).toEqual(expected);
  });

  it('counts the innermost of steps that run at once', () => {
    const parts = split([step('canary', 0, 100), step('scan', 10, 30)]);

    expect(seconds(parts)).toEqual({ canary: 80, scan: 20 });
  });

  it('is all queue for a release that never began', () => {
    expect(seconds(split([]))).toEqual({ queue: 100 });
  });

  it('is nothing for a release that runs', () => {
    expect(splitTurnaround(releaseStatus(), [])).toBeNull();
  });

  it('sums to the whole, whatever the steps are', () => {
    const moment = fc.integer({ min: -50, max: 200 });
    const anyStep = fc.record({
      stage: fc.constantFrom(...RELEASE_STAGES),
      title: fc.constantFrom('a', 'b', 'freeze', 'retry'),
      state: fc.constantFrom('running', 'done', 'failed'),
      startedAt: moment.map(at),
      endedAt: moment.map(at),
    });
    fc.assert(
      fc.property(
        fc.array(anyStep, { maxLength: 12 }),
        fc.nat(150),
        fc.array(fc.tuple(moment, moment), { maxLength: 6 }),
        (steps, endedAt, retries) => {
          const parts = Object.values(split(steps as readonly ReleaseStep[], endedAt, retries));

          expect(parts.every((ms) => ms >= 0)).toBe(true);
          expect(parts.reduce((sum, ms) => sum + ms, 0)).toBe(endedAt * 1_000);
        },
      ),
    );
  });
});

describe('summarizeTurnaround', () => {
  const none = Object.fromEntries(TURNAROUND_PARTS.map((part) => [part, 0]));
  const one = (build: number, approval: number): Turnaround => ({
    totalMs: build + approval,
    parts: { ...none, build, approval } as Turnaround['parts'],
  });

  it('takes percentiles by nearest rank: times that really were', () => {
    const all = Array.from({ length: 20 }, (_, n) => one(n + 1, 0));

    expect(summarizeTurnaround(all).total).toEqual({ p50Ms: 10, p95Ms: 19 });
  });

  it('names the part where most of the time went', () => {
    const summary = summarizeTurnaround([one(10, 5), one(10, 75)]);

    expect(summary).toMatchObject({ releases: 2, topBlocker: 'approval' });
    expect(summary.parts.find(({ part }) => part === 'approval')).toEqual({
      part: 'approval',
      p50Ms: 5,
      p95Ms: 75,
      share: 0.8,
    });
  });

  it('names none where no time passed', () => {
    expect(summarizeTurnaround([])).toMatchObject({ releases: 0, topBlocker: null });
    expect(summarizeTurnaround([one(0, 0)]).topBlocker).toBeNull();
  });
});
