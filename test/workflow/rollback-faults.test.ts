import { ReleaseError } from '../../src/contract/errors';
import type { RequestRollbackInput, RollbackResult } from '../../src/contract/messages';
import { MESSAGES } from '../../src/contract/messages';
import type { Digest } from '../../src/domain/digest';
import { OLGA, testPolicy, withoutWindows } from '../support/builders';
import { useDevServer } from '../support/dev-server';
import type { FakeDeps } from '../support/fake-deps';
import { containing } from '../support/matchers';
import { settleService, type SettledService } from '../support/settled-service';
import { it } from '../support/side-by-side';
import { eventually } from '../support/workflow-env';

jest.setTimeout(60_000);

const STAYING = withoutWindows(
  testPolicy({ approval: { ...testPolicy().approval, required: true } }),
);

describe('a rollback that meets', () => {
  const server = useDevServer();
  let requests = 0;

  function order(service: SettledService): RequestRollbackInput {
    requests += 1;
    return {
      service: service.request('1.0.0').service,
      target: { kind: 'previous' },
      actor: OLGA,
      reason: 'lost orders',
      requestedAt: new Date().toISOString(),
      policy: testPolicy(),
      requestId: `faults-${requests}`,
    };
  }
  const rollBack = (service: SettledService): Promise<RollbackResult> =>
    server.caller.rollBack(order(service));

  const failureOf = async (
    work: Promise<unknown>,
  ): Promise<{ type?: unknown; message: string }> => {
    const error = await work.then(
      () => {
        throw new Error('it did not fail');
      },
      (failed: unknown) => failed as { cause: { type?: unknown; message: string } },
    );
    return error.cause;
  };

  async function released(service: SettledService, version: string): Promise<Digest> {
    const { digest, reason } = await server.caller.run(
      service.request(version, { policy: withoutWindows() }),
    );
    if (!digest) throw new Error(reason);
    return digest;
  }

  /** 2.0.0 is stable, 3.0.0 waits for approval as prod:candidate. */
  async function withRunning(svc: string): Promise<{ service: SettledService; second: Digest }> {
    const service = await settleService(server, svc);
    const second = await released(service, '2.0.0');
    const request = service.request('3.0.0', { policy: STAYING });
    await server.caller.submit(request);
    await eventually(() => server.caller.waitForStage(request.releaseId, 'approval'));
    return { service, second };
  }

  const channelsOf = async ({ deps, svc }: SettledService): Promise<unknown> => {
    const channels = await deps.ledger.listChannels(svc);
    return Object.fromEntries(channels.map(({ channel, digest }) => [channel, digest]));
  };

  it('a release that is being admitted takes a newer epoch, and is right in the end', async () => {
    const service = await settleService(server, 'overtaken');
    const { deps, svc } = service;
    await released(service, '2.0.0');
    let intruded = false;
    const ledger = Object.assign(Object.create(deps.ledger) as FakeDeps['ledger'], {
      bumpEpoch: async (name: string, key: string) => {
        const epoch = await deps.ledger.bumpEpoch(name, key);
        if (key.startsWith('rollback/') && !intruded) {
          intruded = true;
          await deps.ledger.bumpEpoch(name, 'a release just admitted');
        }
        return epoch;
      },
    });
    server.workers.use(svc, { ...deps, ledger });

    const result = await rollBack(service);

    expect(result.to).toBe(service.stable);
    expect(await channelsOf(service)).toMatchObject({ 'prod:stable': service.stable });
    expect(deps.rollout.states.get(`${svc}/prod`)?.stable).toBe(service.stable);
  });

  it('a target that does not get ready leaves prod as it was, and clears the release it ended', async () => {
    const { service, second } = await withRunning('unready');
    const { deps, svc } = service;
    deps.rollout.breakImage(service.stable);

    const failure = await failureOf(rollBack(service));

    expect(failure).toMatchObject({
      type: 'ROLLOUT_FAILED',
      message: containing(`prod still serves ${second.slice(0, 19)}`),
    });
    expect(deps.rollout.states.get(`${svc}/prod`)?.stable).toBe(second);
    await eventually(async () => {
      expect(await channelsOf(service)).toMatchObject({
        'prod:stable': second,
        'prod:candidate': null,
        'stg:candidate': null,
      });
      expect(deps.rollout.states.get(`${svc}/prod`)).toMatchObject({ candidate: null });
    });
    expect(deps.notifier.sent).toMatchObject([
      { severity: 'critical', title: containing('rollback') },
    ]);
    expect(await server.caller.getLane(svc)).toMatchObject({ hold: null, rollbackRunning: false });
    expect(await deps.ledger.findBad(svc, second)).toBeNull();
  });

  it('a release mid-pin, and cannot go on itself, puts prod back where its channel is', async () => {
    const service = await settleService(server, 'mid-pin');
    const { deps, svc } = service;
    const second = await released(service, '2.0.0');
    let stuck = false;
    const ledger = Object.assign(Object.create(deps.ledger) as FakeDeps['ledger'], {
      beginMove: async (move: Parameters<FakeDeps['ledger']['beginMove']>[0]) => {
        const isPin = move.channel.env === 'prod' && move.channel.tag === 'stable';
        if (isPin && move.epoch === (await deps.ledger.currentEpoch(svc))) {
          stuck = true;
          throw new ReleaseError('LEDGER_UNAVAILABLE', 'not now');
        }
        return deps.ledger.beginMove(move);
      },
    });
    server.workers.use(svc, { ...deps, ledger });
    const request = service.request('3.0.0', { policy: withoutWindows() });
    await server.caller.submit(request);
    await eventually(() => {
      expect(stuck).toBe(true);
    });
    expect(deps.rollout.states.get(`${svc}/prod`)?.stable).not.toBe(second);
    deps.rollout.breakImage(service.stable);

    const failure = await failureOf(rollBack(service));

    expect(failure.type).toBe('ROLLOUT_FAILED');
    expect(await server.caller.result(request.releaseId)).toMatchObject({ outcome: 'preempted' });
    await eventually(() => {
      expect(deps.rollout.states.get(`${svc}/prod`)).toMatchObject({
        stable: second,
        candidate: null,
      });
    });
    expect(await channelsOf(service)).toMatchObject({ 'prod:stable': second });
  });

  it('a release between traffic and channel of stg leaves stg consistent', async () => {
    const service = await settleService(server, 'mid-stg');
    const { deps, svc } = service;
    const second = await released(service, '2.0.0');
    let stuck = false;
    const ledger = Object.assign(Object.create(deps.ledger) as FakeDeps['ledger'], {
      beginMove: async (move: Parameters<FakeDeps['ledger']['beginMove']>[0]) => {
        const isStg = move.channel.env === 'stg' && move.channel.tag === 'stable';
        if (isStg && move.epoch === (await deps.ledger.currentEpoch(svc))) {
          stuck = true;
          throw new ReleaseError('LEDGER_UNAVAILABLE', 'not now');
        }
        return deps.ledger.beginMove(move);
      },
    });
    server.workers.use(svc, { ...deps, ledger });
    const request = service.request('3.0.0', { policy: withoutWindows() });
    await server.caller.submit(request);
    await eventually(() => {
      expect(stuck).toBe(true);
    });

    await rollBack(service);

    await eventually(() => {
      expect(deps.rollout.states.get(`${svc}/stg`)).toMatchObject({ stable: second });
    });
    expect(await channelsOf(service)).toMatchObject({ 'stg:stable': second });
  });

  it('a channel that cannot be moved keeps the good traffic, says so, and holds the lane', async () => {
    const service = await settleService(server, 'half');
    const { deps, svc } = service;
    const second = await released(service, '2.0.0');
    deps.ledger.fail('CHANNEL_MOVED', 1, 'beginMove');

    const failure = await failureOf(rollBack(service));

    expect(failure).toMatchObject({
      type: 'CHANNEL_MOVED',
      message: containing('prod:stable still names'),
    });
    expect(deps.rollout.states.get(`${svc}/prod`)?.stable).toBe(service.stable);
    expect(await channelsOf(service)).toMatchObject({ 'prod:stable': second });
    expect(deps.notifier.sent).toMatchObject([{ severity: 'critical', svc }]);
    expect(await server.caller.getLane(svc)).toMatchObject({
      hold: { reason: containing('rollback 1') },
      rollbackRunning: false,
    });
  });

  it('another one right behind it never goes back to the bad digest', async () => {
    const service = await settleService(server, 'hasty');
    const second = await released(service, '2.0.0');
    await released(service, '3.0.0');
    service.deps.ledger.fail('LEDGER_UNAVAILABLE', 4, 'markBad');

    const first = await rollBack(service);
    const again = await rollBack(service);

    expect([first.to, again.to]).toEqual([second, service.stable]);
  });

  it('another one at the same instant lets one of the two through', async () => {
    const service = await settleService(server, 'at-once');
    await released(service, '2.0.0');
    await released(service, '3.0.0');
    const ask = () =>
      server.caller.updateLane(service.svc, MESSAGES.requestRollback, order(service));

    const answers = await Promise.allSettled([ask(), ask(), ask()]);

    const refused = answers.filter((answer) => answer.status === 'rejected');
    expect(refused).toHaveLength(2);
    for (const { reason } of refused) {
      expect(reason).toMatchObject({ cause: { type: 'NOT_WAITING' } });
    }
    await eventually(async () => {
      expect((await server.caller.getLane(service.svc)).rollbackRunning).toBe(false);
    });
  });

  it('a lane held by a person leaves the hold theirs', async () => {
    const service = await settleService(server, 'theirs');
    await released(service, '2.0.0');
    const freeze = { actor: OLGA, reason: 'freeze' };
    await server.caller.updateLane(service.svc, MESSAGES.holdLane, freeze);

    const result = await rollBack(service);

    expect(result.to).toBe(service.stable);
    const { hold } = await server.caller.getLane(service.svc);
    expect(hold).toMatchObject({ by: 'olga', reason: 'freeze' });
  });
});
