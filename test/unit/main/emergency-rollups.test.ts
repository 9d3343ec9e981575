import type { RollupItem, RollupItemState } from '../../../src/domain/rollup';
import { createEmergencyRollups } from '../../../src/main/emergency-rollups';
import { A } from '../../support/contracts/ledger-builders';

const itemOf = (state: RollupItemState): RollupItem => ({
  ...{ svc: state, digest: A, wave: 1, state, reason: '', releaseId: null },
});

describe('rollups in the name of a case', () => {
  it('are started with their cause', async () => {
    const start = jest.fn(() => Promise.resolve());
    const rollups = createEmergencyRollups({ start, read: () => Promise.resolve(null) });

    await rollups.start({ id: 'CVE-2026-1-1', advisory: 'CVE-2026-1', only: ['shop'] });

    const cause = { kind: 'emergency', advisory: 'CVE-2026-1' };
    expect(start).toHaveBeenCalledWith('CVE-2026-1-1', cause, ['shop']);
    expect(await rollups.find('CVE-2026-1-1')).toBeNull();
  });

  it('leave to people what was neither released nor is under way', async () => {
    const states = ['released', 'unchanged', 'building', 'failed', 'held', 'opted-out'] as const;
    const tasks = [...states, 'not-rebuildable' as const].map(itemOf);
    const sight = { endedAt: null, tasks };

    const rollups = createEmergencyRollups({
      start: () => Promise.resolve(),
      read: () => Promise.resolve(sight),
    });

    expect(await rollups.find('x')).toMatchObject({ ended: false, released: 1 });
    const left = (await rollups.find('x'))?.troubled.map(({ state }) => state);
    expect(left).toEqual(['unchanged', 'failed', 'held', 'opted-out', 'not-rebuildable']);
  });
});
