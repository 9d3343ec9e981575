import type { WorkflowUpdateFailedError } from '@temporalio/client';
import { MESSAGES } from '../../src/contract/messages';
import { OLGA, testPolicy, withoutWindows } from '../support/builders';
import { useDevServer } from '../support/dev-server';
import { containing } from '../support/matchers';
import {
  AS_BEFORE,
  settleService,
  takenBack,
  type SettledService,
} from '../support/settled-service';
import { it } from '../support/side-by-side';
import { eventually } from '../support/workflow-env';

jest.setTimeout(60_000);

const codeOf = (failed: unknown): unknown =>
  ((failed as WorkflowUpdateFailedError).cause as { type?: unknown } | undefined)?.type;

/** Policy of releases that stay at approval until they are told. */
const STAYING = withoutWindows(
  testPolicy({ approval: { ...testPolicy().approval, required: true } }),
);

const server = useDevServer();

describe('lane', () => {
  const stay = (service: SettledService, version: string, policy = STAYING) =>
    server.caller.submit(service.request(version, { policy }));
  const idOf = (service: SettledService, version: string): string =>
    service.request(version).releaseId;
  const abort = async (service: SettledService, version: string): Promise<void> => {
    await eventually(() => server.caller.decide(idOf(service, version), 'abort', OLGA));
    await server.caller.resultOnceStarted(idOf(service, version));
  };

  it('runs one release at a time, the others in the order they came', async () => {
    const service = await settleService(server, 'fifo');
    const places = [await stay(service, '2.0.0'), await stay(service, '3.0.0')];
    places.push(await stay(service, '4.0.0'));
    const lane = await server.caller.getLane(service.svc);

    await abort(service, '2.0.0');
    await eventually(() => server.caller.waitForStage(idOf(service, '3.0.0'), 'approval'));
    const next = await server.caller.getLane(service.svc);

    expect(places.map((answer) => answer.place)).toEqual([1, 2, 3]);
    expect(lane.running?.releaseId).toBe(idOf(service, '2.0.0'));
    expect(lane.queued.map((one) => one.releaseId)).toEqual([
      idOf(service, '3.0.0'),
      idOf(service, '4.0.0'),
    ]);
    expect(next.running?.releaseId).toBe(idOf(service, '3.0.0'));
    expect(next.epoch).toBeGreaterThan(lane.epoch);
    await server.caller.abortQueued(idOf(service, '4.0.0'), OLGA, 'end of test');
    await abort(service, '3.0.0');
  });

  it('answers the same release with its place, without a second run', async () => {
    const service = await settleService(server, 'same');
    await stay(service, '2.0.0');
    await stay(service, '3.0.0');

    const running = await stay(service, '2.0.0');
    const queued = await stay(service, '3.0.0');

    expect([running.place, queued.place]).toEqual([1, 2]);
    expect((await server.caller.getLane(service.svc)).queued).toHaveLength(1);
    await abort(service, '2.0.0');
    await abort(service, '3.0.0');
  });

  it('does not run again what is prod:stable already', async () => {
    const service = await settleService(server, 'again');
    const builds = service.deps.builder.calls.length;

    await server.caller.submit(service.request('1.0.0'));
    await eventually(async () => {
      const lane = await server.caller.getLane(service.svc);
      expect(lane).toMatchObject({ running: null, queued: [] });
    });

    expect(service.deps.builder.calls).toHaveLength(builds);
    expect(await service.status('1.0.0')).toMatchObject({ outcome: 'released' });
  });

  it('drops what waits when the policy supersedes, and records it', async () => {
    const policy = { ...STAYING, lane: { maxQueued: 3, supersede: 'pending' } } as const;
    const service = await settleService(server, 'newer');
    await stay(service, '2.0.0', policy);
    await stay(service, '3.0.0', policy);

    const newest = await stay(service, '4.0.0', policy);

    expect(newest).toEqual({ place: 2, superseded: [idOf(service, '3.0.0')] });
    await eventually(async () => {
      expect(await service.status('3.0.0')).toMatchObject({
        outcome: 'superseded',
        reason: containing('4.0.0'),
      });
    });
    await abort(service, '2.0.0');
    await abort(service, '4.0.0');
  });

  it('is full at the bound of its policy', async () => {
    const policy = { ...STAYING, lane: { maxQueued: 1, supersede: 'never' } } as const;
    const service = await settleService(server, 'full');
    await stay(service, '2.0.0', policy);
    await stay(service, '3.0.0', policy);

    const refused = await stay(service, '4.0.0', policy).catch(codeOf);

    expect(refused).toBe('LANE_FULL');
    await abort(service, '2.0.0');
    await abort(service, '3.0.0');
  });

  it('starts nothing while it is held, and goes on when it is resumed', async () => {
    const service = await settleService(server, 'held');
    await stay(service, '2.0.0');
    await stay(service, '3.0.0');
    const hold = { actor: OLGA, reason: 'freeze' };
    await server.caller.updateLane(service.svc, MESSAGES.holdLane, hold);

    const refused = await stay(service, '4.0.0').catch(codeOf);
    await abort(service, '2.0.0');
    await eventually(async () => {
      expect((await server.caller.getLane(service.svc)).running).toBeNull();
    });
    const whileHeld = await server.caller.getLane(service.svc);
    await server.caller.updateLane(service.svc, MESSAGES.resumeLane, hold);

    expect(refused).toBe('LANE_HELD');
    expect(whileHeld.queued).toHaveLength(1);
    expect(whileHeld.hold).toMatchObject({ by: 'olga', reason: 'freeze' });
    await eventually(() => server.caller.waitForStage(idOf(service, '3.0.0'), 'approval'));
    await abort(service, '3.0.0');
  });

  it('lets a waiting release go, with its end on record; not one that runs', async () => {
    const service = await settleService(server, 'leave');
    await stay(service, '2.0.0');
    await stay(service, '3.0.0');
    const drop = (version: string) =>
      server.caller.abortQueued(idOf(service, version), OLGA, 'wrong one');

    const waiting = await drop('3.0.0');
    const running = await drop('2.0.0');

    expect(waiting).toMatchObject({ accepted: true });
    expect(running).toMatchObject({ accepted: false, code: 'NOT_WAITING' });
    await eventually(async () => {
      expect(await service.status('3.0.0')).toMatchObject({
        outcome: 'aborted',
        reason: 'wrong one (olga)',
      });
    });
    await abort(service, '2.0.0');
  });

  it('lets nobody drop a waiting release without a token', async () => {
    const service = await settleService(server, 'forged');
    await stay(service, '2.0.0');
    await stay(service, '3.0.0');
    const forged = { releaseId: idOf(service, '3.0.0'), actor: OLGA, reason: 'x', token: 'e30.AA' };

    const answer = await server.caller.updateLane(service.svc, MESSAGES.abortQueued, forged);

    expect(answer).toMatchObject({ accepted: false, code: 'UNAUTHENTICATED' });
    expect((await server.caller.getLane(service.svc)).queued).toHaveLength(1);
    await server.caller.abortQueued(idOf(service, '3.0.0'), OLGA);
    await abort(service, '2.0.0');
  });

  it('notices a release that was terminated and told nobody', async () => {
    const service = await settleService(server, 'killed');
    await stay(service, '2.0.0');
    await stay(service, '3.0.0');
    await eventually(() => server.caller.waitForStage(idOf(service, '2.0.0'), 'approval'));

    await server.caller.release(idOf(service, '2.0.0')).terminate('by a careless hand');

    await eventually(() => server.caller.waitForStage(idOf(service, '3.0.0'), 'approval'));
    await abort(service, '3.0.0');
  });

  it('keeps its queue, hold and epoch across continue-as-new', async () => {
    const service = await settleService(server, 'anew');
    const first = (await server.caller.lane(service.svc).describe()).runId;
    const hold = { actor: OLGA, reason: 'freeze' };

    for (let turn = 2; turn < 40; turn += 1) {
      await stay(service, `${turn}.0.0`);
      const id = idOf(service, `${turn}.0.0`);
      const { accepted } = await server.caller.abortQueued(id, OLGA, 'not this one');
      if (!accepted) await eventually(() => server.caller.decide(id, 'abort', OLGA));
      const { runId } = await server.caller.lane(service.svc).describe();
      if (runId !== first) break;
    }
    const before = await server.caller.getLane(service.svc);
    await server.caller.updateLane(service.svc, MESSAGES.holdLane, hold);
    const after = await server.caller.getLane(service.svc);

    expect((await server.caller.lane(service.svc).describe()).runId).not.toBe(first);
    expect(before.epoch).toBeGreaterThan(0);
    expect(after.epoch).toBeGreaterThanOrEqual(before.epoch);
    await server.caller.updateLane(service.svc, MESSAGES.resumeLane, hold);
    expect(await server.caller.run(service.request('99.0.0'))).toMatchObject({
      outcome: 'released',
    });
  });
});

describe('a lane that is held with releases waiting', () => {
  it('keeps them and its hold across continue-as-new, and starts the first when resumed', async () => {
    const service = await settleService(server, 'waiting');
    const { svc } = service;
    const versions = ['2.0.0', '3.0.0', '4.0.0'] as const;
    const ids = versions.map((version) => service.request(version).releaseId);
    const [running = '', first = '', second = ''] = ids;
    for (const version of versions) {
      await server.caller.submit(service.request(version, { policy: STAYING }));
    }
    const hold = { actor: OLGA, reason: 'freeze' };
    await server.caller.updateLane(svc, MESSAGES.holdLane, hold);
    await eventually(() => server.caller.decide(running, 'abort', OLGA));
    await server.caller.result(running);
    const { runId } = await server.caller.lane(svc).describe();

    for (let turn = 0; turn < 100; turn += 1) {
      await server.caller.updateLane(svc, MESSAGES.holdLane, hold);
      if ((await server.caller.lane(svc).describe()).runId !== runId) break;
    }
    const after = await server.caller.getLane(svc);
    await server.caller.updateLane(svc, MESSAGES.resumeLane, hold);
    await eventually(() => server.caller.waitForStage(first, 'approval'));

    expect((await server.caller.lane(svc).describe()).runId).not.toBe(runId);
    expect(after).toMatchObject({ running: null, hold: { by: 'olga', reason: 'freeze' } });
    expect(after.queued.map((one) => one.releaseId)).toEqual([first, second]);
    for (const id of [first, second]) {
      await eventually(() => server.caller.decide(id, 'abort', OLGA));
      await server.caller.resultOnceStarted(id);
    }
  });
});

describe('two services', () => {
  it('do not wait for each other', async () => {
    const one = await settleService(server, 'left');
    const other = await settleService(server, 'right');
    await server.caller.submit(one.request('2.0.0', { policy: STAYING }));

    const result = await server.caller.run(other.request('2.0.0', { policy: withoutWindows() }));

    expect(result.outcome).toBe('released');
    const { releaseId } = one.request('2.0.0');
    await eventually(() => server.caller.decide(releaseId, 'abort', OLGA));
    await server.caller.result(releaseId);
    expect(await takenBack(one)).toEqual(AS_BEFORE);
  });
});
