import { OLGA, testPolicy, withoutWindows } from '../support/builders';
import { useDevServer } from '../support/dev-server';
import type { FakeDeps } from '../support/fake-deps';
import { AS_BEFORE, settleService, takenBack } from '../support/settled-service';
import { eventually } from '../support/workflow-env';

jest.setTimeout(60_000);

const TEN_MINUTES = 600_000;
const PATIENT = testPolicy({ timeouts: { ...testPolicy().timeouts, readyMs: TEN_MINUTES } });

/** How long each start was given, by the method. */
function patienceOf({ rollout }: FakeDeps, method: string): readonly unknown[] {
  return rollout.calls.filter((call) => call.method === method).map(({ args }) => args[3]);
}

describe('a version that takes long to get ready', () => {
  const server = useDevServer();

  it('is given as long as the policy says, and aborted at once all the same', async () => {
    const service = await settleService(server, 'long-start');
    const { caller, deps } = service;
    deps.rollout.calls.length = 0;
    deps.rollout.stall();
    const { releaseId, ...request } = service.request('2.0.0', { policy: PATIENT });
    await caller.submit({ releaseId, ...request });
    await eventually(() => {
      expect(patienceOf(deps, 'startCandidate')).toEqual([TEN_MINUTES]);
    });

    const answer = await caller.decide(releaseId, 'abort', OLGA, 'wrong build');
    const result = await caller.result(releaseId);

    expect(answer).toMatchObject({ accepted: true });
    expect(result).toMatchObject({ outcome: 'aborted', reason: 'wrong build (olga)' });
    expect(await takenBack(service)).toEqual(AS_BEFORE);
  });

  it('is waited for as long by a rollback to it', async () => {
    const service = await settleService(server, 'long-way-back');
    const { caller, deps } = service;
    await caller.run(service.request('2.0.0', { policy: withoutWindows() }));
    deps.rollout.calls.length = 0;

    await caller.rollBack({
      service: service.request('2.0.0').service,
      target: { kind: 'previous' },
      actor: OLGA,
      reason: 'lost orders',
      requestedAt: new Date().toISOString(),
      policy: PATIENT,
      requestId: 'long-way-back',
    });

    expect(patienceOf(deps, 'makeStable')).toEqual([TEN_MINUTES]);
  });
});
