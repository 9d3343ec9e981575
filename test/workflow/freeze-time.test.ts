import type { ReleaseResult } from '../../src/contract/messages';
import { planOf } from '../../src/domain/plan-of';
import { testPolicy, testService, withoutWindows } from '../support/builders';
import { useDevServer } from '../support/dev-server';
import { freezeLine, openLine } from '../support/frozen-line';
import { settleService } from '../support/settled-service';

jest.setTimeout(90_000);

describe('the longest time for a release', () => {
  const server = useDevServer();

  /** Frozen at its first edge for `frozenMs`, with `releaseMs` for all the rest. */
  async function runFrozen(
    svc: string,
    releaseMs: number,
    frozenMs: number,
  ): Promise<ReleaseResult> {
    const service = await settleService(server, svc);
    await freezeLine(service.deps);
    const { timeouts } = testPolicy();
    const policy = withoutWindows(testPolicy({ timeouts: { ...timeouts, releaseMs } }));
    const plan = planOf({ policy, service: testService(svc), given: null });
    const request = service.request('2.0.0', { policy, plan });
    await server.caller.submit(request);
    await new Promise((resolve) => setTimeout(resolve, frozenMs));
    await openLine(service.deps);
    return server.caller.result(request.releaseId);
  }

  it('does not count what it waited before a frozen edge', async () => {
    expect(await runFrozen('patient', 15_000, 18_000)).toMatchObject({ outcome: 'released' });
  });

  it('counts everything else, before and after the wait', async () => {
    const { outcome, reason } = await runFrozen('used-up', 100, 5_000);

    expect(outcome).toBe('failed');
    expect(reason).toContain('not done within');
  });
});
