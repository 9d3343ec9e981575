import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { isUnderWay, nextStep, type NextStep } from '../../../../src/domain/rollup/next-step';
import type { RollupReport, RollupTask } from '../../../../src/domain/rollup/report';
import { stopReason } from '../../../../src/domain/rollup/stop-rule';
import { T0 } from '../../../support/contracts/ledger-builders';
import { rollupOf, rollupTask, SETTINGS } from '../../../support/rollup-tasks';

const START_MS = Date.parse(T0);
const at = (ms: number): string => new Date(START_MS + ms).toISOString();

const step = (report: RollupReport, afterMs = 0, over = {}): NextStep =>
  nextStep(report, { ...SETTINGS, ...over }, START_MS + afterMs);

const many = (count: number, over: Partial<RollupTask>): readonly RollupTask[] =>
  Array.from({ length: count }, (_, index) => rollupTask(`${over.state ?? 'svc'}-${index}`, over));

describe('what is next', () => {
  it('starts as many of the wave as may be under way', () => {
    const tasks = [...many(2, { state: 'building' }), ...many(3, { state: 'waiting' })];

    expect(step(rollupOf(tasks))).toEqual({ kind: 'start', services: ['waiting-0'] });
  });

  it('waits for the end of what is under way before the next wave', () => {
    const tasks = [rollupTask('one', { state: 'promoting' }), rollupTask('two', { wave: 2 })];

    expect(step(rollupOf(tasks))).toEqual({ kind: 'wait', forMs: SETTINGS.lookMs });
  });

  it('watches a wave that released something, then begins the next', () => {
    const tasks = [rollupTask('one', { state: 'released' }), rollupTask('two', { wave: 2 })];
    const report = rollupOf(tasks);
    const soakMs = 60_000;

    expect(step(report, 0, { soakMs })).toEqual({ kind: 'soak', forMs: soakMs });
    const soaking = { ...report, soakUntil: at(soakMs) };
    expect(step(soaking, 20_000, { soakMs })).toEqual({ kind: 'wait', forMs: 40_000 });
    expect(step(soaking, soakMs, { soakMs })).toEqual({ kind: 'next-wave' });
    expect(step(report)).toEqual({ kind: 'next-wave' });
  });

  it('has nothing to watch where nothing was released', () => {
    const tasks = [rollupTask('one', { state: 'unchanged' }), rollupTask('two', { wave: 2 })];

    expect(step(rollupOf(tasks), 0, { soakMs: 60_000 })).toEqual({ kind: 'next-wave' });
  });

  it('is not held up by a service that may not be released yet, and comes back to it', () => {
    const frozen = rollupTask('one', { retryAt: at(60_000) });
    const released = rollupTask('two', { state: 'released' });
    const report = rollupOf([frozen, released, rollupTask('three', { wave: 2 })]);

    expect(step(report)).toEqual({ kind: 'next-wave' });
    const done = rollupTask('three', { wave: 2, state: 'unchanged' });
    const last = rollupOf([frozen, released, done], { wave: 2 });
    expect(step(last)).toEqual({ kind: 'wait', forMs: 60_000 });
    expect(step(last, 60_000)).toEqual({ kind: 'start', services: ['one'] });
  });

  it('opens no larger wave where nothing of this one was rebuilt: others take their places', () => {
    const frozen = many(2, { state: 'waiting', retryAt: at(60_000) });
    const later = [
      rollupTask('busy', { wave: 2, retryAt: at(30_000) }),
      rollupTask('a', { wave: 3 }),
    ];

    expect(step(rollupOf([...frozen, ...later]))).toEqual({
      ...{ kind: 'swap', back: ['waiting-0'], forward: ['a'] },
    });
  });

  it('waits with all its waves where a freeze is on everything', () => {
    const all = [1, 2, 3].map((wave) =>
      rollupTask(`of-${wave}`, { wave, retryAt: at(60_000 - wave) }),
    );

    expect(step(rollupOf(all))).toEqual({ kind: 'wait', forMs: 59_999 });
    expect(step(rollupOf(all), 60_000)).toEqual({ kind: 'start', services: ['of-1'] });
  });

  it('holds what has not begun when the wave is bad enough, and waits for the rest', () => {
    const bad = [...many(2, { state: 'failed' }), rollupTask('on', { state: 'promoting' })];
    const tasks = [...bad, rollupTask('two', { wave: 2 })];

    expect(step(rollupOf(tasks))).toMatchObject({ kind: 'hold', because: 'condition' });
    const held = [...bad, rollupTask('two', { wave: 2, state: 'held' })];
    const stopped = rollupOf(held, { stopped: 'condition', reason: 'two failed' });
    expect(step(stopped)).toEqual({ kind: 'wait', forMs: SETTINGS.lookMs });
  });

  it('holds what has not begun when a person cancels it, paused or not', () => {
    const over = { stopped: 'cancelled', reason: 'cancelled by olga', paused: true } as const;

    expect(step(rollupOf([rollupTask('one')], over))).toEqual({
      ...{ kind: 'hold', because: 'cancelled', why: 'cancelled by olga' },
    });
    expect(step(rollupOf([rollupTask('one', { state: 'held' })], over))).toEqual({ kind: 'end' });
  });

  it('starts nothing and goes nowhere while it is paused, as long as it has time', () => {
    const paused = rollupOf([rollupTask('one')], { paused: true });

    expect(step(paused)).toEqual({ kind: 'wait', forMs: SETTINGS.maxDurationMs });
    expect(step(paused, SETTINGS.maxDurationMs)).toMatchObject({ kind: 'hold', because: 'time' });
  });

  it('ends when its time is over, whatever is under way', () => {
    const over = rollupOf([rollupTask('one', { state: 'held' })]);

    expect(step(over, SETTINGS.maxDurationMs)).toEqual({ kind: 'end' });
  });

  it('ends when nothing is left', () => {
    expect(step(rollupOf([], { wave: 0 }))).toEqual({ kind: 'end' });
  });
});

describe('the stop condition', () => {
  const ofWave = (wave: number, size: number, failed: number): readonly RollupTask[] => [
    ...many(failed, { wave, state: 'failed' }),
    ...many(size - failed, { wave, state: 'released' }),
  ];

  it.each([
    [1, 10, 1, false],
    [1, 10, 2, true],
    [1, 1, 1, true],
    [2, 50, 5, false],
    [2, 50, 6, true],
    [2, 3, 1, true],
    [3, 140, 14, false],
    [3, 140, 15, true],
  ])('wave %d of %d with %d failures stops: %s', (wave, size, failed, stops) => {
    const first = wave === 1 ? [] : ofWave(1, 10, 0);
    const reason = stopReason([...first, ...ofWave(wave, size, failed)], SETTINGS.stopAfter);

    expect(reason !== null).toBe(stops);
  });
});

describe('any rollup', () => {
  interface World {
    readonly report: RollupReport;
    readonly mostUnderWay: number;
    readonly startedAfterStop: number;
  }

  /** Runs it with releases that end at once, or fail where `fails` says so. */
  function runThrough(fails: readonly boolean[], concurrency: number): World {
    const sizes = [3, 5, Math.max(0, fails.length - 8)];
    const waves = sizes.flatMap((size, index) => Array.from({ length: size }, () => index + 1));
    const tasks = fails.map((_, index) => rollupTask(`svc-${index}`, { wave: waves[index] ?? 1 }));
    let report = rollupOf(tasks, { wave: 0 });
    let mostUnderWay = 0;
    let startedAfterStop = 0;
    const set = (svc: string, state: RollupTask['state']): void => {
      report = {
        ...report,
        tasks: report.tasks.map((task) => (task.svc === svc ? { ...task, state } : task)),
      };
    };
    for (let turn = 0; turn < 1000; turn += 1) {
      const next = nextStep(report, { ...SETTINGS, concurrency }, START_MS);
      if (next.kind === 'end') return { report, mostUnderWay, startedAfterStop };
      if (next.kind === 'start') {
        if (report.stopped !== null) startedAfterStop += next.services.length;
        for (const svc of next.services) set(svc, 'building');
        mostUnderWay = Math.max(mostUnderWay, report.tasks.filter(isUnderWay).length);
      } else if (next.kind === 'next-wave') {
        report = { ...report, wave: report.wave + 1 };
      } else if (next.kind === 'hold') {
        report = { ...report, stopped: 'condition', reason: next.why };
        for (const { svc, state } of report.tasks) if (state === 'waiting') set(svc, 'held');
      } else {
        const running = report.tasks.find(isUnderWay);
        if (!running) throw new Error('it waits for nothing');
        set(running.svc, fails[Number(running.svc.slice(4))] ? 'failed' : 'released');
      }
    }
    throw new Error('it does not end');
  }

  it('ends with every service in an end, keeps its concurrency and its waves, and starts nothing after a stop', () => {
    const world = record({
      fails: array(constantFrom(true, false, false, false, false), { maxLength: 40 }),
      concurrency: integer({ min: 1, max: 7 }),
    });

    assert(
      property(world, ({ fails, concurrency }) => {
        const { report, mostUnderWay, startedAfterStop } = runThrough(fails, concurrency);
        const states = new Set(report.tasks.map(({ state }) => state));
        expect(states.has('waiting') || states.has('building')).toBe(false);
        expect(mostUnderWay).toBeLessThanOrEqual(concurrency);
        expect(startedAfterStop).toBe(0);
        expect(states.has('held')).toBe(report.stopped !== null && states.has('held'));
        const first = report.tasks.filter(({ wave }) => wave === 1);
        const bad = first.filter(({ state }) => state === 'failed').length;
        if (bad >= Math.min(first.length, 2) && first.length > 0) {
          const later = report.tasks.filter(({ wave }) => wave > 1);
          expect(later.every(({ state }) => state === 'held')).toBe(true);
        }
      }),
    );
  });
});
