import type {
  RequestRollbackInput,
  RollbackResult,
  RollbackTarget,
} from '../../src/contract/messages';
import { MESSAGES } from '../../src/contract/messages';
import type { Digest } from '../../src/domain/digest';
import { OLGA, testPolicy, withoutWindows } from '../support/builders';
import { useDevServer } from '../support/dev-server';
import { containing } from '../support/matchers';
import { settleService, type SettledService } from '../support/settled-service';
import { it } from '../support/side-by-side';
import { eventually } from '../support/workflow-env';

jest.setTimeout(60_000);

describe('rollback', () => {
  const server = useDevServer();
  let requests = 0;

  function order(
    service: SettledService,
    target: RollbackTarget = { kind: 'previous' },
  ): RequestRollbackInput {
    requests += 1;
    return {
      service: service.request('1.0.0').service,
      target,
      actor: OLGA,
      reason: 'lost orders',
      requestedAt: new Date().toISOString(),
      policy: testPolicy(),
      requestId: `rollback-${requests}`,
    };
  }

  const rollBack = (service: SettledService, target?: RollbackTarget): Promise<RollbackResult> =>
    server.caller.rollBack(order(service, target));

  const refusal = async (rollback: Promise<unknown>): Promise<unknown> => {
    const error = await rollback.then(
      () => undefined,
      (failed: unknown) => failed as { cause?: { type?: unknown } },
    );
    return error?.cause?.type;
  };

  async function released(service: SettledService, version: string): Promise<Digest> {
    const { digest, reason } = await server.caller.run(
      service.request(version, { policy: withoutWindows() }),
    );
    if (!digest) throw new Error(reason);
    return digest;
  }

  const stableTag = async ({ deps, svc }: SettledService): Promise<Digest | undefined> =>
    (await deps.registry.resolve(`channels/prod/${svc}`, 'stable'))?.digest;

  it('puts the previous stable digest back, remembers the bad one, and holds the lane', async () => {
    const service = await settleService(server, 'back');
    const second = await released(service, '2.0.0');

    const result = await rollBack(service);

    expect(result).toMatchObject({
      from: second,
      to: service.stable,
      held: true,
      preempted: null,
      reason: 'lost orders',
    });
    expect(await stableTag(service)).toBe(service.stable);
    expect(service.deps.rollout.states.get('back/prod')).toMatchObject({
      stable: service.stable,
      warm: [],
    });
    await eventually(async () => {
      expect(await service.deps.ledger.findBad('back', second)).toMatchObject({ actor: 'olga' });
      expect(service.deps.log.entries.at(-1)?.statement.predicate).toMatchObject({
        previous: second,
      });
      expect(service.deps.notifier.sent.at(-1)?.title).toContain('rolled back');
    });
    const lane = await server.caller.getLane('back');
    expect(lane.hold).toMatchObject({ reason: containing('lost orders') });
  });

  it('skips the bad digest when asked again', async () => {
    const service = await settleService(server, 'twice');
    const second = await released(service, '2.0.0');
    await released(service, '3.0.0');

    const first = await rollBack(service);
    await eventually(async () => {
      expect((await server.caller.getLane('twice')).rollbackRunning).toBe(false);
      expect(await service.deps.ledger.findBad('twice', first.from)).not.toBeNull();
    });
    const again = await rollBack(service);

    expect([first.to, again.to]).toEqual([second, service.stable]);
  });

  it('goes to a named digest that was stable, not to one that never was', async () => {
    const service = await settleService(server, 'named');
    await released(service, '2.0.0');
    await released(service, '3.0.0');

    const stranger = `sha256:${'e'.repeat(64)}` as const;
    const refused = await refusal(rollBack(service, { kind: 'digest', digest: stranger }));
    await eventually(async () => {
      expect((await server.caller.getLane('named')).rollbackRunning).toBe(false);
    });
    const result = await rollBack(service, { kind: 'digest', digest: service.stable });

    expect(refused).toBe('NO_ROLLBACK_TARGET');
    expect(result.to).toBe(service.stable);
  });

  it('works by revert key, once', async () => {
    const service = await settleService(server, 'keyed');
    await released(service, '2.0.0');
    const keyId = (await service.status('2.0.0')).revertKeyId ?? '';

    const result = await rollBack(service, { kind: 'revert-key', keyId });
    await eventually(async () => {
      expect((await service.deps.ledger.getRevertKey(keyId))?.usedAt).not.toBeNull();
      expect((await server.caller.getLane('keyed')).rollbackRunning).toBe(false);
    });
    const again = await refusal(rollBack(service, { kind: 'revert-key', keyId }));

    expect(result.to).toBe(service.stable);
    expect(again).toBe('REVERT_KEY_INVALID');
  });

  it.each<[string, (service: SettledService) => void | Promise<void>]>([
    [
      'QUARANTINED',
      ({ deps, stable }: SettledService) => {
        deps.ledger.quarantined.add(stable);
      },
    ],
    [
      'DIGEST_NOT_FOUND',
      ({ deps, svc, stable }: SettledService) => {
        deps.registry.lose({ repository: `apps/${svc}/${svc}`, digest: stable });
      },
    ],
    [
      'SIGNATURE_INVALID',
      async ({ deps, svc, stable }: SettledService) => {
        const image = { repository: `apps/${svc}/${svc}`, digest: stable };
        for (const referrer of await deps.registry.listReferrers(image)) {
          deps.registry.lose({ repository: image.repository, digest: referrer.digest });
        }
      },
    ],
  ])('moves nothing when its target is %s', async (code, spoil) => {
    const service = await settleService(server, `spoilt-${code.slice(0, 4).toLowerCase()}`);
    const second = await released(service, '2.0.0');
    await spoil(service);

    const refused = await refusal(rollBack(service));

    expect(refused).toBe(code);
    expect(await stableTag(service)).toBe(second);
    await eventually(async () => {
      const lane = await server.caller.getLane(service.svc);
      expect(lane).toMatchObject({ hold: null, rollbackRunning: false });
    });
  });

  it('is refused when there is nothing to go back to', async () => {
    const service = await settleService(server, 'alone');

    const refused = await refusal(rollBack(service));

    expect(refused).toBe('NO_ROLLBACK_TARGET');
  });

  it('ends a running release at once, which then changes nothing any more', async () => {
    const service = await settleService(server, 'urgent');
    const second = await released(service, '2.0.0');
    const staying = testPolicy({ approval: { ...testPolicy().approval, required: true } });
    const request = service.request('3.0.0', { policy: staying });
    await server.caller.submit(request);
    await eventually(() => server.caller.waitForStage(request.releaseId, 'approval'));

    const result = await rollBack(service);
    const ended = await server.caller.result(request.releaseId);

    expect(result).toMatchObject({
      from: second,
      to: service.stable,
      preempted: request.releaseId,
    });
    expect(ended.outcome).toBe('preempted');
    await eventually(async () => {
      const channels = await service.deps.ledger.listChannels('urgent');
      expect(Object.fromEntries(channels.map((one) => [one.channel, one.digest]))).toMatchObject({
        'prod:stable': service.stable,
        'prod:candidate': null,
        'stg:candidate': null,
      });
    });
    expect(service.deps.rollout.states.get('urgent/prod')).toMatchObject({
      stable: service.stable,
      candidate: null,
    });
    const status = await service.status('3.0.0');
    expect(status.steps.filter((step) => step.state === 'compensation-failed')).toEqual([]);
    expect(service.deps.notifier.sent.map((one) => one.severity)).not.toContain('critical');
  });

  it('does not wait for a release that is stuck in a write', async () => {
    const service = await settleService(server, 'stuck');
    await released(service, '2.0.0');
    const request = service.request('3.0.0');
    service.deps.rollout.fail('ROLLOUT_UNAVAILABLE', 6, 'startCandidate');
    await server.caller.submit(request);
    await eventually(() => server.caller.waitForStage(request.releaseId, 'stg'));

    const result = await rollBack(service);

    expect(result.to).toBe(service.stable);
    expect(await server.caller.result(request.releaseId)).toMatchObject({ outcome: 'preempted' });
  });

  it('waits for a ledger that is down for a moment, and is right in the end', async () => {
    const service = await settleService(server, 'patient');
    await released(service, '2.0.0');
    service.deps.ledger.fail('LEDGER_UNAVAILABLE', 2, 'completeMove');
    service.deps.registry.fail('REGISTRY_UNAVAILABLE', 2, 'putTag');
    service.deps.rollout.fail('ROLLOUT_UNAVAILABLE', 2, 'makeStable');

    const result = await rollBack(service);

    expect(result.to).toBe(service.stable);
    expect(await stableTag(service)).toBe(service.stable);
  });

  it('answers although the transparency log is down', async () => {
    const service = await settleService(server, 'unlogged');
    await released(service, '2.0.0');
    service.deps.log.fail('LOG_UNAVAILABLE', 4, 'append');
    const entries = service.deps.log.entries.length;

    const result = await rollBack(service);

    expect(result.to).toBe(service.stable);
    expect(service.deps.log.entries).toHaveLength(entries);
    await eventually(() => {
      expect(service.deps.log.entries).toHaveLength(entries + 1);
    });
  });

  it('is one at a time', async () => {
    const service = await settleService(server, 'one');
    await released(service, '2.0.0');
    service.deps.rollout.fail('ROLLOUT_UNAVAILABLE', 3, 'makeStable');

    const first = rollBack(service);
    await eventually(async () => {
      expect((await server.caller.getLane('one')).rollbackRunning).toBe(true);
    });
    const second = await refusal(
      server.caller.updateLane('one', MESSAGES.requestRollback, order(service)),
    );

    expect(second).toBe('NOT_WAITING');
    expect((await first).to).toBe(service.stable);
  });
});
