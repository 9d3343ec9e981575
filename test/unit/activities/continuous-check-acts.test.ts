import type { ServiceCheck } from '../../../src/domain/continuous-check/service-check';
import type { Digest } from '../../../src/domain/digest';
import { testPolicy } from '../../support/builders';
import { callCheck } from '../../support/check-activities';
import { createCheckedService, SVC, type CheckedService } from '../../support/checked-service';
import { containing } from '../../support/matchers';

let service: CheckedService;
let old: Digest;
let stable: Digest;

beforeEach(async () => {
  service = await createCheckedService();
  old = await service.release('1.0.0');
  stable = await service.release('2.0.0');
});

describe('how things stand', () => {
  it('tells a pin of a release from one of a rollback', async () => {
    const pinned = await callCheck(service.deps, 'readCheckFacts', { svc: SVC });
    await service.point({ env: 'prod', tag: 'stable' }, old);

    expect(pinned).toMatchObject({ stable, isRollbackResult: false, inFlight: null, hold: null });
    expect(await callCheck(service.deps, 'readCheckFacts', { svc: SVC })).toMatchObject({
      stable: old,
      isRollbackResult: true,
    });
  });

  it('reads lane, rollbacks that count, and runs that could not check', async () => {
    const { checks, systemLanes: lanes } = service.deps;
    const at = '2026-03-01T12:00:00.000Z';
    lanes.show(SVC, { running: 'shop/3.0.0_abc1234', hold: { by: 'olga', reason: 'x', at } });
    const guard = { max: 9, since: '2026-01-01T00:00:00.000Z' };
    for (const id of ['one', 'two']) {
      await checks.beginRollback({ id, svc: SVC, from: stable, to: old, reason: 'x', at }, guard);
    }
    await checks.endRollback('one', 'not-begun', '');
    for (const runId of ['run-1', 'run-2']) {
      const unchecked = { outcome: 'unchecked', digests: 1, findings: [], note: '' } as const;
      await checks.record({ svc: SVC, runId, at, ...unchecked });
    }

    expect(await callCheck(service.deps, 'readCheckFacts', { svc: SVC })).toMatchObject({
      inFlight: 'release shop/3.0.0_abc1234',
      hold: 'olga: x',
      rolledBackAt: [at],
      uncheckedRuns: 2,
    });
  });
});

describe('what to go back to', () => {
  const find = (forCve = false): Promise<unknown> =>
    callCheck(service.deps, 'findVerifiedStable', { svc: SVC, from: stable, forCve });

  it('is the newest former one that passes', async () => {
    const third = await service.release('3.0.0');

    const newest = await callCheck(service.deps, 'findVerifiedStable', {
      svc: SVC,
      from: third,
      forCve: false,
    });
    await service.strip(stable);
    const older = await callCheck(service.deps, 'findVerifiedStable', {
      svc: SVC,
      from: third,
      forCve: false,
    });

    expect(newest).toEqual({ kind: 'verified', digest: stable });
    expect(older).toEqual({ kind: 'verified', digest: old });
  });

  it.each<[string, string, () => unknown]>([
    ['does not pass', 'none', () => service.strip(old)],
    [
      'is bad',
      'none',
      () =>
        service.deps.ledger.markBad({
          ...{ digest: old, svc: SVC, reason: 'x', actor: 'olga' },
          at: '2026-03-01T12:00:00.000Z',
        }),
    ],
    [
      'is under quarantine',
      'none',
      () => {
        service.deps.ledger.quarantined.add(old);
      },
    ],
    [
      'can not be checked',
      'unknown',
      () => {
        service.deps.registry.fail('REGISTRY_UNAVAILABLE', 1000);
      },
    ],
  ])('is not the only one when it %s', async (_what, kind, arrange) => {
    await arrange();

    expect(await find()).toMatchObject({ kind });
  });

  it('is a clean one before a newer one that has lapsed, which does where none is clean', async () => {
    const lapsed = await service.release('3.0.0', null);
    const next = await service.release('4.0.0');
    const input = { svc: SVC, from: next, forCve: false };

    const clean = await callCheck(service.deps, 'findVerifiedStable', input);
    await service.strip(stable);
    await service.strip(old);
    const left = await callCheck(service.deps, 'findVerifiedStable', input);

    expect(clean).toEqual({ kind: 'verified', digest: stable });
    expect(left).toMatchObject({ kind: 'verified', digest: lapsed, doubt: containing('scan') });
  });

  it('is none that somebody denied, which says nothing of the images', async () => {
    await service.deps.allowList.addDenial({
      ...{ digest: old, repository: null, reason: 'incident 4711', by: 'olga' },
      at: '2026-03-01T12:00:00.000Z',
    });

    expect(await find()).toEqual({
      kind: 'none',
      reason: containing('incident 4711'),
      othersFail: false,
    });
  });

  it('is one with a fresh scan where a vulnerability is what fails', async () => {
    const fresh = await find(true);
    const unscanned = await service.release('3.0.0', null);
    const next = await service.release('4.0.0');

    const target = await callCheck(service.deps, 'findVerifiedStable', {
      svc: SVC,
      from: next,
      forCve: true,
    });

    expect(fresh).toEqual({ kind: 'verified', digest: old });
    expect(unscanned).not.toBe(stable);
    expect(target).toEqual({ kind: 'verified', digest: stable });
  });
});

describe('what is put on record', () => {
  const check: ServiceCheck = {
    ...{ svc: SVC, runId: 'run-1', at: '2026-03-01T12:00:00.000Z', note: 'x' },
    ...{ outcome: 'failing', digests: 1, findings: [] },
  };

  it.each([
    ['the same on the same day', {}, [2, false, false]],
    ['the same on the next day', { at: '2026-03-02T00:00:00.000Z' }, [2, true, false]],
    ['the same in other words', { note: 'y' }, [2, false, true]],
    ['something else', { outcome: 'ok' }, [1, false, false]],
    ['the same run again, as after a lost answer', { runId: 'run-1' }, [1, true, true]],
  ] as const)('tells what is new of it: %s', async (_what, over, [runs, isNewDay, isNewNote]) => {
    const first = await callCheck(service.deps, 'recordCheck', check);

    const second = await callCheck(service.deps, 'recordCheck', {
      ...check,
      runId: 'run-2',
      ...over,
    });

    expect(first).toEqual({ runs: 1, isNewDay: true, isNewNote: true });
    expect(second).toEqual({ runs, isNewDay, isNewNote });
  });
});

describe('what is done', () => {
  const order = { svc: SVC, requestId: 'check/1', reason: 'It has no signature.' };

  it('is a block in the name of the system, once, with the grace of the policy for what runs', async () => {
    const { deps } = service;
    const { registry } = testPolicy();
    const quarantine = { ...registry.quarantine, runningGraceMs: 60_000 };
    const policy = testPolicy({ registry: { ...registry, quarantine } });
    deps.quarantine.running.add(stable);
    const input = { svc: SVC, digests: [stable, old], reason: 'It has no signature.' };

    const first = await callCheck({ ...deps, policy }, 'blockDigests', input);
    const again = await callCheck({ ...deps, policy }, 'blockDigests', input);

    expect([first, again]).toEqual([2, 0]);
    const entries = await deps.quarantine.list({ all: true, limit: 10 });
    expect(entries.map(({ digest, graceUntil }) => [digest, graceUntil !== null])).toEqual([
      [old, false],
      [stable, true],
    ]);
    expect(entries[0]).toMatchObject({ actor: 'system:plura', reason: input.reason });
    const audited = await deps.ledger.listAudit(SVC, 10);
    expect(audited.map(({ action, subject }) => [action, subject])).toEqual([
      ['digest.quarantine', old],
      ['digest.quarantine', stable],
    ]);
  });

  it('is on the audit trail also when the first attempt got no further than the block', async () => {
    const { ledger } = service.deps;
    const input = { svc: SVC, digests: [old], reason: 'It has no signature.' };
    ledger.fail('LEDGER_UNAVAILABLE', 1, 'appendAudit');

    const first = callCheck(service.deps, 'blockDigests', input);

    await expect(first).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    await callCheck(service.deps, 'blockDigests', input);
    await callCheck(service.deps, 'blockDigests', input);
    expect(await ledger.listAudit(SVC, 10)).toMatchObject([
      { action: 'digest.quarantine', subject: old, actor: 'system:plura' },
    ]);
  });

  it('is a rollback in place of the digest that failed, asked for once', async () => {
    const { checks, systemLanes: lanes } = service.deps;
    const input = { ...order, from: stable, to: old };

    const answers = [
      await callCheck(service.deps, 'orderRollback', input),
      await callCheck(service.deps, 'orderRollback', input),
    ];

    expect(answers).toEqual([
      { kind: 'done', held: true },
      { kind: 'done', held: true },
    ]);
    expect([...lanes.rollbacks]).toMatchObject([['check/1', { from: stable, to: old }]]);
    expect(await checks.rollbacks(SVC, 10)).toMatchObject([{ id: 'check/1', end: 'done' }]);
  });

  it('is no second rollback within the time of the guard', async () => {
    await callCheck(service.deps, 'orderRollback', { ...order, from: stable, to: old });

    const second = await callCheck(service.deps, 'orderRollback', {
      ...{ ...order, requestId: 'check/2' },
      ...{ from: old, to: stable },
    });

    expect(second).toEqual({ kind: 'guarded' });
    expect(service.deps.systemLanes.rollbacks.size).toBe(1);
  });

  it.each([
    ['NOT_WAITING', { kind: 'failed' }, 'not-begun'],
    ['SIGNATURE_INVALID', { kind: 'failed' }, 'not-begun'],
    ['ROLLOUT_FAILED', { kind: 'failed' }, 'failed'],
    ['TIMED_OUT', { kind: 'under-way' }, null],
  ] as const)('says how it ended: %s', async (code, answer, end) => {
    service.deps.systemLanes.fail(code, 1, 'rollBack');

    expect(
      await callCheck(service.deps, 'orderRollback', { ...order, from: stable, to: old }),
    ).toMatchObject(answer);
    expect(await service.deps.checks.rollbacks(SVC, 10)).toMatchObject([{ end }]);
  });

  it('is tried again, under the same guard, while Temporal does not answer', async () => {
    service.deps.systemLanes.fail('ORCHESTRATOR_UNAVAILABLE', 1, 'rollBack');
    const input = { ...order, from: stable, to: old };

    const first = callCheck(service.deps, 'orderRollback', input);

    await expect(first).rejects.toMatchObject({ code: 'ORCHESTRATOR_UNAVAILABLE' });
    expect(await callCheck(service.deps, 'orderRollback', input)).toEqual({
      kind: 'done',
      held: true,
    });
    expect(await service.deps.checks.rollbacks(SVC, 10)).toHaveLength(1);
  });

  it('is nothing that the guard counts while Temporal is away', async () => {
    service.deps.systemLanes.fail('ORCHESTRATOR_UNAVAILABLE', 1);

    const asked = callCheck(service.deps, 'orderRollback', { ...order, from: stable, to: old });

    await expect(asked).rejects.toMatchObject({ code: 'ORCHESTRATOR_UNAVAILABLE' });
    expect(await service.deps.checks.rollbacks(SVC, 10)).toEqual([]);
  });

  it('is a hold, in so many words', async () => {
    await callCheck(service.deps, 'holdLane', {
      svc: SVC,
      reason: 'flapping',
      requestId: 'hold/1',
    });

    expect((await service.deps.systemLanes.look(SVC)).hold).toMatchObject({
      reason: containing('flapping'),
    });
  });
});
