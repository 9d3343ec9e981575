import type { WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import { MESSAGES } from '../../src/contract/messages';
import { mintDecisionToken } from '../../src/contract/schema/decision-token';
import type { Actor } from '../../src/domain/actor';
import { KEY_IDS } from '../../src/ports/signer';
import { ADAM, ANNA, OLGA, RITA, testPolicy, VERA, withoutWindows } from '../support/builders';
import { useDevServer } from '../support/dev-server';
import { containing } from '../support/matchers';
import {
  AS_BEFORE,
  settleService,
  takenBack,
  type SettledService,
} from '../support/settled-service';
import { eventually } from '../support/workflow-env';

jest.setTimeout(60_000);

const TWO_APPROVALS = withoutWindows(
  testPolicy({ approval: { ...testPolicy().approval, required: true, quorum: 2 } }),
);

async function refusalOf(decision: Promise<unknown>): Promise<{ type: unknown; message: string }> {
  const error = await decision.then(
    () => {
      throw new Error('it was accepted');
    },
    (failed: unknown) => failed as WorkflowUpdateFailedError,
  );
  const { type, message } = error.cause as { type?: unknown; message: string };
  return { type, message };
}

function tokenFor(
  { deps }: SettledService,
  actor: Actor,
  action: 'approve' | 'abort',
  releaseId: string,
  nowMs = Date.now(),
): Promise<string> {
  const mac = (data: Buffer): Promise<Buffer> => deps.kms.mac(KEY_IDS.decision, data);
  return mintDecisionToken(mac, actor, action, releaseId, nowMs);
}

describe('a release that needs two approvals', () => {
  const server = useDevServer();
  let service: SettledService;
  let releaseId: string;
  let tests = 0;

  beforeEach(async () => {
    tests += 1;
    service = await settleService(server, `approve-${tests}`);
    const request = service.request('2.0.0', { policy: TWO_APPROVALS });
    ({ releaseId } = request);
    await server.caller.submit(request);
    await eventually(() => server.caller.waitForStage(releaseId, 'approval'));
  });

  const decide = (action: 'approve' | 'abort', actor: Actor) =>
    server.caller.decide(releaseId, action, actor);
  const abortForGood = async (): Promise<void> => {
    await decide('abort', OLGA);
    await server.caller.result(releaseId);
  };

  it('goes on after two different people have approved', async () => {
    const first = await decide('approve', ADAM);
    const again = await decide('approve', ADAM);
    const waiting = await server.caller.status(releaseId);
    const second = await decide('approve', ANNA);
    const result = await server.caller.result(releaseId);

    expect(first).toEqual({ accepted: true, message: 'Approved; 1 more needed.' });
    expect(again).toMatchObject({ accepted: true, message: containing('once') });
    expect(waiting.approvals).toHaveLength(1);
    expect(second).toEqual({ accepted: true, message: 'Approved; the release goes on.' });
    expect(result.outcome).toBe('released');
    const status = await service.status('2.0.0');
    expect(status.approvals.map(({ actor, via }) => [actor, via])).toEqual([
      ['adam', 'api'],
      ['anna', 'api'],
    ]);
  });

  it('refuses the one who asked for it and one without the role, and leaves no trace', async () => {
    const byRequester = await refusalOf(decide('approve', RITA));
    const byViewer = await refusalOf(decide('approve', VERA));
    const abortByViewer = await refusalOf(decide('abort', VERA));

    expect(byRequester).toMatchObject({ type: 'FORBIDDEN' });
    expect(byViewer).toMatchObject({ type: 'FORBIDDEN' });
    expect(abortByViewer).toMatchObject({ type: 'FORBIDDEN' });
    expect((await server.caller.status(releaseId)).approvals).toEqual([]);
    await abortForGood();
  });

  it('refuses what is no decision at all', async () => {
    const handle = server.caller.release(releaseId);

    const refused = await refusalOf(handle.executeUpdate('approve', { args: ['yes, please'] }));

    expect(refused.type).toBe('INVALID_INPUT');
    await abortForGood();
  });

  it('takes no approval once it is being taken back, and none after its end', async () => {
    await decide('abort', OLGA);
    const late = await decide('approve', ADAM).catch((error: unknown) => error as Error);
    await server.caller.result(releaseId);
    const after = await decide('approve', ADAM).catch((error: unknown) => error as Error);

    expect(late).toBeInstanceOf(Error);
    expect(after).toBeInstanceOf(Error);
    expect(await service.status('2.0.0')).toMatchObject({ outcome: 'aborted', approvals: [] });
    expect(await takenBack(service)).toEqual(AS_BEFORE);
  });

  it('counts approvals by signal when their tokens are good, each once', async () => {
    const handle = server.caller.release(releaseId);
    const token = await tokenFor(service, ADAM, 'approve', releaseId);

    await handle.signal('approve', { token });
    await eventually(async () => {
      expect((await server.caller.status(releaseId)).approvals).toHaveLength(1);
    });
    await handle.signal('approve', { token });
    await eventually(async () => {
      expect((await server.caller.status(releaseId)).reason).toContain('used before');
    });
    await handle.signal('approve', { token: await tokenFor(service, ANNA, 'approve', releaseId) });
    const result = await server.caller.result(releaseId);

    expect(result.outcome).toBe('released');
    expect((await service.status('2.0.0')).approvals).toMatchObject([
      { actor: 'adam', via: 'signal' },
      { actor: 'anna', via: 'signal' },
    ]);
  });

  it.each([
    ['forged', async () => Promise.resolve('e30.AAAA'), 'not ours'],
    ['not a token', async () => Promise.resolve('hello'), 'malformed'],
    [
      'expired',
      async () => tokenFor(service, ADAM, 'approve', releaseId, Date.now() - 3_600_000),
      'expired',
    ],
    ['for abort', async () => tokenFor(service, ADAM, 'abort', releaseId), 'another action'],
    [
      'for another release',
      async () => tokenFor(service, ADAM, 'approve', 'x/1'),
      'another action',
    ],
    ['of the requester', async () => tokenFor(service, RITA, 'approve', releaseId), 'asked for'],
  ])('shows that it ignored a signal with a token that is %s', async (_, token, words) => {
    await server.caller.release(releaseId).signal('approve', { token: await token() });

    await eventually(async () => {
      const status = await server.caller.status(releaseId);
      expect(status.reason).toContain(words);
      expect(status.approvals).toEqual([]);
    });
    await abortForGood();
  });

  it.each([
    ['no token', () => undefined],
    ['a forged token', () => 'e30.AAAA'],
    ['a token for another action', () => tokenFor(service, ADAM, 'abort', releaseId)],
  ])('refuses an update with %s, whoever it says it is from', async (_, token) => {
    const update = { actor: ADAM, reason: 'trust me', token: await token() };

    const answer = await server.caller
      .release(releaseId)
      .executeUpdate('approve', { args: [update] });

    expect(answer).toMatchObject({ accepted: false, code: 'UNAUTHENTICATED' });
    expect((await server.caller.status(releaseId)).approvals).toEqual([]);
    await abortForGood();
  });

  it('believes the token of an update, not the name beside it', async () => {
    const token = await tokenFor(service, ANNA, 'approve', releaseId);
    const update = { actor: ADAM, reason: 'lgtm', token };

    await server.caller.release(releaseId).executeUpdate('approve', { args: [update] });

    expect((await server.caller.status(releaseId)).approvals).toMatchObject([{ actor: 'anna' }]);
    await abortForGood();
  });

  it('is aborted by the update that its lane sent on, with the token that it was shown', async () => {
    const update = {
      releaseId,
      actor: OLGA,
      reason: 'not today',
      token: await tokenFor(service, OLGA, 'abort', releaseId),
    };
    const send = (to: WorkflowHandle, name: string): Promise<unknown> =>
      to.executeUpdate(name, { updateId: `request-of-${releaseId}`, args: [update] });

    const atLane = await send(server.caller.lane(service.svc), MESSAGES.abortQueued);
    const atRelease = await send(server.caller.release(releaseId), MESSAGES.abort);

    expect(atLane).toMatchObject({ accepted: false, code: 'NOT_WAITING' });
    expect(atRelease).toMatchObject({ accepted: true });
    await server.caller.result(releaseId);
  });

  it('is aborted by signal', async () => {
    const token = await tokenFor(service, OLGA, 'abort', releaseId);

    await server.caller.release(releaseId).signal('abort', { token, reason: 'not today' });
    const result = await server.caller.result(releaseId);

    expect(result).toMatchObject({ outcome: 'aborted', reason: 'not today (olga)' });
    expect(await takenBack(service)).toEqual(AS_BEFORE);
  });
});

describe('approval', () => {
  const server = useDevServer();

  it('before its stage is refused with where the release is', async () => {
    const service = await settleService(server, 'early');
    const request = service.request('2.0.0', { policy: TWO_APPROVALS });
    service.deps.builder.fail('BUILDER_UNAVAILABLE', 3);
    await server.caller.submit(request);
    await eventually(() => server.caller.waitForStage(request.releaseId, 'build'));

    const refused = await refusalOf(server.caller.decide(request.releaseId, 'approve', ADAM));

    expect(refused).toEqual({ type: 'NOT_WAITING', message: containing('at build') });
    await server.caller.decide(request.releaseId, 'abort', OLGA);
    await server.caller.result(request.releaseId);
  });

  it('that nobody gives in time ends the release', async () => {
    const { approval } = testPolicy();
    const policy = testPolicy({ approval: { ...approval, required: true, timeoutMs: 1_000 } });
    const service = await settleService(server, 'nobody');

    const result = await server.caller.run(service.request('2.0.0', { policy }));

    expect(result.outcome).toBe('rejected');
    expect(result.reason).toContain('0 of 1 approvals');
    expect(await takenBack(service)).toEqual(AS_BEFORE);
  });
});
