import type { CompletenessFault } from '../../../../src/domain/completeness';
import type { Digest } from '../../../../src/domain/digest';
import {
  judgePreflight,
  preflightTarget,
  type Preflight,
} from '../../../../src/domain/drill/preflight';

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const [A, B, C] = [digest('a'), digest('b'), digest('c')];
const [T0, T1] = ['2026-03-01T12:00:00.000Z', '2026-03-01T13:00:00.000Z'];
const SBOM: CompletenessFault = { part: 'sbom', message: 'It has no validly signed SBOM.' };

describe('preflightTarget', () => {
  it.each([
    ['what a rollback would go to', C, [C, B, A], [], { kind: 'digest', digest: B }],
    ['past a bad one', C, [C, B, A], [B], { kind: 'digest', digest: A }],
    ['nothing for a first release', C, [C], [], { kind: 'none' }],
    ['nothing where nothing is stable', null, [], [], { kind: 'none' }],
    ['that all others are bad', C, [C, B, A], [A, B], { kind: 'all-bad' }],
  ] as const)('is %s', (_, current, past, bad, target) => {
    expect(preflightTarget({ svc: 'shop', current, past, bad, nowMs: 0 })).toEqual(target);
  });
});

describe('judgePreflight', () => {
  const found = {
    svc: 'shop',
    digest: A,
    faults: [SBOM],
    leaseUntil: T1,
    checkedAt: T1,
  } as const;
  const before: Preflight = { ...found, outcome: 'incomplete', since: T0, checkedAt: T0 };

  it('tells of what is not complete, and what to do', () => {
    const { preflight, alert } = judgePreflight(null, found);

    expect(preflight).toEqual({ ...found, outcome: 'incomplete', since: T1 });
    expect(alert).toMatchObject({ severity: 'critical' });
    expect(alert?.text).toContain(SBOM.message);
  });

  it('tells it once, and keeps since when it is so', () => {
    const { preflight, alert } = judgePreflight(before, { ...found, leaseUntil: null });

    expect(preflight.since).toBe(T0);
    expect(alert).toBeNull();
  });

  it.each([
    ['the faults are others', { faults: [{ part: 'quarantine', message: 'It is.' }] }, 'critical'],
    ['the target is another', { digest: B }, 'critical'],
    ['it is over', { faults: [] }, 'info'],
    ['there is no target any more', { digest: null, faults: [] }, 'info'],
  ] as const)('tells it again when %s', (_, over, severity) => {
    expect(judgePreflight(before, { ...found, ...over })).toMatchObject({
      preflight: { since: T1 },
      alert: { severity },
    });
  });

  it.each([
    ['the first look finds all', null, 'complete'],
    [
      'another digest is complete',
      { ...before, digest: B, faults: [], outcome: 'complete' },
      'complete',
    ],
  ] as const)('is silent when %s', (_, last, outcome) => {
    expect(judgePreflight(last, { ...found, faults: [] })).toMatchObject({
      preflight: { outcome },
      alert: null,
    });
  });
});
