import { runRounds } from '../../../../src/adapters/scenario/run-rounds';
import type { ScenarioResult } from '../../../../src/ports/scenarios';

function result(ok: boolean, reason = ok ? '' : 'step: broken'): readonly ScenarioResult[] {
  const step = { name: 'step', ok, durationMs: 1, status: 200, reason };
  return [{ name: 'buy', ok, steps: ok ? [step, step] : [step], reason }];
}

describe('rounds of scenarios', () => {
  it('are summed up, with the first failure kept', async () => {
    let round = 0;
    const runOnce = (): Promise<readonly ScenarioResult[]> => {
      round += 1;
      return Promise.resolve(result(round < 3, round < 3 ? '' : `step: broken in ${round}`));
    };

    const results = await runRounds({ rounds: 5, paceMs: 0 }, runOnce, {});

    expect(results).toMatchObject([
      { ok: false, reason: 'step: broken in 3', rounds: { run: 5, failed: 3, requests: 7 } },
    ]);
  });

  it('run eight at a time where the service is slower than the pace, never more', async () => {
    let underway = 0;
    let most = 0;
    let openGate: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      openGate = resolve;
    });

    const results = await runRounds(
      { rounds: 40, paceMs: 0 },
      async () => {
        underway += 1;
        most = Math.max(most, underway);
        if (underway === 8) openGate();
        await gate;
        await new Promise((resolve) => setImmediate(resolve));
        underway -= 1;
        return result(true);
      },
      {},
    );

    expect(most).toBe(8);
    expect(results).toMatchObject([{ ok: true, rounds: { run: 40, failed: 0, requests: 80 } }]);
  });

  it('end with the first that can not be run', async () => {
    const problem = new Error('no such secret');
    let calls = 0;

    const run = runRounds(
      { rounds: 1_000, paceMs: 0 },
      () => {
        calls += 1;
        return Promise.reject(problem);
      },
      {},
    );

    await expect(run).rejects.toBe(problem);
    expect(calls).toBeLessThanOrEqual(8);
  });

  it('do not wait out their pace once aborted', async () => {
    const abort = new AbortController();
    const { signal } = abort;

    const run = runRounds(
      { rounds: 3, paceMs: 600_000 },
      () => {
        signal.throwIfAborted();
        return Promise.resolve(result(true));
      },
      {
        signal,
        onRound: () => {
          abort.abort(new Error('enough'));
        },
      },
    );

    await expect(run).rejects.toThrow('enough');
  });
});
