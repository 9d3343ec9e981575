import fc from 'fast-check';
import type { Digest } from '../../../../src/domain/digest';
import {
  drillId,
  judgeDrill,
  skipDrill,
  type DrillEnd,
  type DrillStep,
} from '../../../../src/domain/drill/report';

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const [A, B] = [digest('a'), digest('b')];
const T0 = '2026-03-01T12:00:00.123Z';

function step(number: number, over: Partial<DrillStep> = {}): DrillStep {
  const back = number % 2 === 1;
  return {
    ...{ number, direction: back ? 'back' : 'forward', requestedAt: T0 },
    ...{ from: back ? B : A, to: back ? A : B, faults: [], durationMs: 100, error: null },
    ...over,
  };
}

function end(steps: readonly DrillStep[], over: Partial<DrillEnd> = {}): DrillEnd {
  return {
    ...{ id: 'drill-1', svc: 'drill', startedAt: T0, endedAt: T0, targetMs: 300_000 },
    ...{ planned: steps.length, steps, troubles: [] },
    ...over,
  };
}

describe('judgeDrill', () => {
  it('passes when all got through in time, to complete digests', () => {
    const steps = [100, 300, 200, 400].map((durationMs, index) => step(index + 1, { durationMs }));

    expect(judgeDrill(end(steps))).toMatchObject({
      ...{ outcome: 'passed', reasons: [], complete: true },
      ...{ n: 4, p50Ms: 200, p95Ms: 400, maxMs: 400 },
    });
  });

  const SBOM = { part: 'sbom', message: 'It has no validly signed SBOM.' } as const;

  it.each<[string, DrillEnd, string]>([
    ['too slow', end([step(1, { durationMs: 300_001 }), step(2)]), '300001 ms'],
    ['incomplete', end([step(1, { faults: [SBOM] }), step(2)]), SBOM.message],
    [
      'broken',
      end([step(1, { durationMs: null, error: 'it did not become ready' })], { planned: 2 }),
      'Rollback 1 to aaaaaaaaaaaa failed: it did not become ready',
    ],
    ['stopped half-way', end([step(1)], { planned: 2 }), '1 of 2 rollbacks'],
    ['without a single step', end([], { planned: 2 }), '0 of 2 rollbacks'],
    ['left elsewhere', end([step(1)], { troubles: ['prod:stable was left'] }), 'was left'],
  ])('fails what is %s, and says why', (_, given, why) => {
    const report = judgeDrill(given);

    expect(report.outcome).toBe('failed');
    expect(report.reasons.join(' ')).toContain(why);
  });

  it('says once what every step found', () => {
    const steps = [1, 3, 5].map((number) => step(number, { faults: [SBOM] }));

    expect(judgeDrill(end(steps))).toMatchObject({ complete: false, reasons: { length: 1 } });
  });

  it('never passes with a time over the target among fewer than 20', () => {
    const times = fc.array(fc.integer({ min: 0, max: 400_000 }), { minLength: 1, maxLength: 19 });
    fc.assert(
      fc.property(times, (all) => {
        const steps = all.map((durationMs, index) => step(index + 1, { durationMs }));
        const slow = all.some((ms) => ms > 300_000);

        expect(judgeDrill(end(steps)).outcome).toBe(slow ? 'failed' : 'passed');
      }),
    );
  });
});

describe('skipDrill', () => {
  it('proves nothing', () => {
    const skipped = skipDrill({ id: 'x', svc: null, at: T0, targetMs: 1, why: 'no service' });

    expect(skipped).toMatchObject({ outcome: 'skipped', n: 0, complete: null, p95Ms: null });
    expect(skipped.reasons).toEqual(['no service']);
  });
});

describe('drillId', () => {
  it.each([
    ['drill', 'drill-20260301T120000Z'],
    [null, 'none-20260301T120000Z'],
  ])('of %s is %s', (svc, id) => {
    expect(drillId(svc, T0)).toBe(id);
  });
});
