import type { CheckReport } from '../../src/contract/continuous-check';
import { ReleaseError } from '../../src/contract/errors';
import { all, createCheckedLanes, criticals, stableOf, strip } from '../support/checked-lanes';
import { useDevServer } from '../support/dev-server';
import { keepHistory } from '../support/keep-history';
import { it } from '../support/side-by-side';
import { realLanes } from '../support/system-lanes';

jest.setTimeout(90_000);

describe('a rollback of the continuous check', () => {
  const server = useDevServer();
  const { settle, start, run } = createCheckedLanes(server);

  it('blocks what it rolled back from though nothing can be put on record', async () => {
    const checked = await settle('unrecorded');
    const [first, second] = checked.digests['unrecorded']!;
    await strip(checked, 'unrecorded', 1);
    checked.deps.checks.fail('INVALID_INPUT', 1, 'record');

    const report = await run(checked);

    expect(report).toMatchObject({ outcome: 'incomplete', counts: { rolledBack: 1, blocked: 1 } });
    expect(await stableOf(checked, 'unrecorded')).toEqual(all(first));
    expect(await checked.deps.quarantine.get(second!)).toMatchObject({ actor: 'system:plura' });
  });

  it('puts on record and tells what it rolled back though the block fails', async () => {
    const checked = await settle('unblocked');
    await strip(checked, 'unblocked', 1);
    checked.deps.quarantine.fail('INVALID_INPUT', 1, 'add');

    const report = await run(checked);

    expect(report).toMatchObject({ outcome: 'incomplete', counts: { rolledBack: 1, blocked: 0 } });
    expect(await checked.deps.checks.history('unblocked', 1)).toMatchObject([
      { outcome: 'rolled-back' },
    ]);
    expect(criticals(checked)[0]).toContain('unblocked: rolled back by the check');
  });

  it('asks again for a rollback that was not over, and blocks what it went back from', async () => {
    const checked = await settle('slow');
    const [first, second] = checked.digests['slow']!;
    await strip(checked, 'slow', 1);
    const lanes = realLanes(server);
    const asked: string[] = [];
    const rollBack: typeof lanes.rollBack = async (order, requestId) => {
      const answer = await lanes.rollBack(order, requestId);
      if (asked.push(requestId) > 1) return answer;
      throw new ReleaseError('TIMED_OUT', 'it goes on');
    };

    const handle = await start({ ...checked.deps, systemLanes: { ...lanes, rollBack } });
    const report = (await handle.result()) as CheckReport;

    expect(report.counts).toMatchObject({ rolledBack: 1, blocked: 1, errors: 0 });
    expect(new Set(asked).size).toBe(1);
    expect(criticals(checked)).toHaveLength(1);
    expect(await stableOf(checked, 'slow')).toEqual(all(first));
    expect(await checked.deps.quarantine.get(second!)).not.toBeNull();
    expect(await checked.deps.checks.rollbacks('slow', 5)).toMatchObject([{ end: 'done' }]);
    keepHistory({
      name: 'continuous-check/asked-again',
      workflowId: handle.workflowId,
      history: await handle.fetchHistory(),
    });
  });

  it('tells when the rollback that it told of is not done after all', async () => {
    const checked = await settle('undone');
    await strip(checked, 'undone', 1);
    let asked = 0;
    const rollBack = (): Promise<never> => {
      asked += 1;
      const code = asked === 1 ? 'TIMED_OUT' : 'ROLLOUT_FAILED';
      return Promise.reject(new ReleaseError(code, 'no pod came up'));
    };
    const systemLanes = { ...realLanes(server), rollBack };

    await (await start({ ...checked.deps, systemLanes })).result();

    expect(criticals(checked)).toEqual([
      expect.stringContaining('undone: rolled back by the check'),
      expect.stringContaining('undone: the rollback that the check had begun is not done'),
    ]);
  });
});
