import type { RebuildSight } from '../../../../src/domain/rollup/settle';
import { settle } from '../../../../src/domain/rollup/settle';
import { A, C } from '../../../support/contracts/ledger-builders';
import { rollupTask } from '../../../support/rollup-tasks';

const BUILDING = rollupTask('shop', { state: 'building', attempt: 1 });

function sight(over: Partial<RebuildSight> = {}): RebuildSight {
  return {
    ...{ svc: 'shop', releaseId: BUILDING.releaseId ?? '', stage: 'done', outcome: 'released' },
    ...{ reason: null, digest: C, stable: C, bad: null },
    ...over,
  };
}

it.each([
  ['nothing seen yet', { stage: null, outcome: null }, 'building', ''],
  ['being scanned', { stage: 'scan', outcome: null }, 'building', ''],
  ['in the canary', { stage: 'canary', outcome: null, reason: '5 %' }, 'promoting', '5 %'],
  ['released', {}, 'released', ''],
  ['unchanged', { outcome: 'unchanged', reason: 'same' }, 'unchanged', 'same'],
  ['rejected', { outcome: 'rejected', reason: 'scan' }, 'failed', 'rejected: scan'],
  ['aborted', { outcome: 'aborted', reason: 'olga' }, 'failed', 'aborted: olga'],
  ['preempted', { outcome: 'preempted' }, 'failed', 'preempted: preempted'],
  ['superseded', { outcome: 'superseded', reason: '2.0.0 won' }, 'waiting', '2.0.0 won'],
] as const)('%s', (_name, over, state, reason) => {
  expect(settle(BUILDING, sight(over), 3)).toEqual({ state, reason });
});

it('gives up on a service where others always get in between', () => {
  const third = { ...BUILDING, attempt: 3 };

  expect(settle(third, sight({ outcome: 'superseded' }), 3)).toMatchObject({ state: 'held' });
});

describe('a released rebuild', () => {
  const released = rollupTask('shop', { state: 'released', rebuilt: C, reason: 'as it was' });

  it('stays released, also when a newer release is stable', () => {
    const newer = { stable: `sha256:${'9'.repeat(64)}` } as const;

    expect(settle(released, sight(newer), 3)).toEqual({ state: 'released', reason: 'as it was' });
  });

  it.each([
    ['remembered as bad', { bad: 'errors 12 %' }, 'errors 12 %'],
    ['put back', { stable: A }, 'stable again'],
  ])('counts as failed once it is %s', (_name, over, why) => {
    const { state, reason } = settle(released, sight(over), 3);

    expect(state).toBe('failed');
    expect(reason).toContain(why);
  });
});
