import { WORKFLOWS } from '../../src/contract/messages';
import { OLGA, testPolicy, withoutWindows } from '../support/builders';
import { useDevServer } from '../support/dev-server';
import { AS_BEFORE, settleService, takenBack } from '../support/settled-service';
import { eventually } from '../support/workflow-env';

jest.setTimeout(60_000);

const STAYING = withoutWindows(
  testPolicy({ approval: { ...testPolicy().approval, required: true } }),
);

/** What a person may type into the argument of a signal in Temporal Web UI. */
const STRAY: readonly (readonly [string, readonly unknown[]])[] = [
  ['nothing', []],
  ['null', [null]],
  ['a text', ['please']],
  ['an empty object', [{}]],
  ['numbers', [{ by: 1, reason: 2, releaseId: 3, number: '4' }]],
];

describe('from Temporal Web UI', () => {
  const server = useDevServer();

  it('a release takes a signal with any argument and goes on', async () => {
    const service = await settleService(server, 'stray-release');
    const { releaseId } = await stay(service.request('2.0.0', { policy: STAYING }));
    const handle = server.caller.release(releaseId);

    for (const [, args] of STRAY) {
      for (const name of ['preempt', 'approve', 'abort']) await handle.signal(name, ...args);
    }

    await eventually(async () => {
      expect((await server.caller.status(releaseId)).reason).toContain('ignored');
    });
    expect(await server.caller.status(releaseId)).toMatchObject({ stage: 'approval' });
    await server.caller.decide(releaseId, 'abort', OLGA);
    expect(await server.caller.result(releaseId)).toMatchObject({ outcome: 'aborted' });
  });

  it('a forged preempt ends nothing, for no rollback has taken the service', async () => {
    const service = await settleService(server, 'forged');
    const { releaseId } = await stay(service.request('2.0.0', { policy: STAYING }));

    await server.caller.release(releaseId).signal('preempt', { by: 'eve', reason: 'because' });

    await eventually(async () => {
      expect((await server.caller.status(releaseId)).reason).toContain('preempt');
    });
    expect(await server.caller.status(releaseId)).toMatchObject({ stage: 'approval' });
    await server.caller.decide(releaseId, 'abort', OLGA, 'end of test');
    expect(await server.caller.result(releaseId)).toMatchObject({
      outcome: 'aborted',
      reason: 'end of test (olga)',
    });
    expect(await takenBack(service)).toEqual(AS_BEFORE);
  });

  it('a lane takes a signal with any argument and goes on', async () => {
    const service = await settleService(server, 'stray-lane');
    const lane = server.caller.lane(service.svc);

    for (const [, args] of STRAY) {
      for (const name of ['releaseEnded', 'rollbackEnded']) await lane.signal(name, ...args);
    }

    expect(
      await server.caller.run(service.request('2.0.0', { policy: withoutWindows() })),
    ).toMatchObject({ outcome: 'released' });
  });

  it('a forged end of a release does not let the next one start beside it', async () => {
    const service = await settleService(server, 'forged-end');
    const { releaseId } = await stay(service.request('2.0.0', { policy: STAYING }));
    const next = service.request('3.0.0', { policy: STAYING });
    await server.caller.submit(next);

    await server.caller.lane(service.svc).signal('releaseEnded', { releaseId, outcome: 'aborted' });

    const lane = await server.caller.getLane(service.svc);
    expect(lane.running).toMatchObject({ releaseId });
    expect(lane.queued).toMatchObject([{ releaseId: next.releaseId }]);
    await server.caller.decide(releaseId, 'abort', OLGA);
    await eventually(() => server.caller.waitForStage(next.releaseId, 'approval'));
    await server.caller.decide(next.releaseId, 'abort', OLGA);
    await server.caller.result(next.releaseId);
  });

  it.each(['holdLane', 'resumeLane', 'abortQueued', 'submitRelease', 'requestRollback'])(
    'a lane refuses a stray %s by name and goes on',
    async (update) => {
      const svc = `stray-${update.toLowerCase()}`;
      const service = await settleService(server, svc);

      for (const [, args] of STRAY) {
        const refused = server.caller.lane(svc).executeUpdate(update, { args: args as [unknown] });
        await expect(refused).rejects.toMatchObject({ cause: { type: 'INVALID_INPUT' } });
      }

      expect(await server.caller.getLane(svc)).toMatchObject({ hold: null, running: null });
      expect(
        await server.caller.run(service.request('2.0.0', { policy: withoutWindows() })),
      ).toMatchObject({ outcome: 'released' });
    },
  );

  it('a lane is not cancelled: it is held instead', async () => {
    const service = await settleService(server, 'uncancelled');
    await server.caller.lane(service.svc).cancel();

    const result = await server.caller.run(service.request('2.0.0', { policy: withoutWindows() }));
    const rolledBack = await server.caller.rollBack({
      service: service.request('1.0.0').service,
      target: { kind: 'previous' },
      actor: OLGA,
      reason: 'lost orders',
      requestedAt: new Date().toISOString(),
      policy: testPolicy(),
      requestId: 'uncancelled',
    });

    expect(result.outcome).toBe('released');
    expect(rolledBack.to).toBe(service.stable);
    const { status, type } = await server.caller.lane(service.svc).describe();
    expect([type, status.name]).toEqual([WORKFLOWS.lane, 'RUNNING']);
  });

  async function stay<T extends Parameters<typeof server.caller.submit>[0]>(
    request: T,
  ): Promise<T> {
    await server.caller.submit(request);
    await eventually(() => server.caller.waitForStage(request.releaseId, 'approval'));
    return request;
  }
});
