import { ReleaseError } from '../../src/contract/errors';
import type { ReleaseRequest } from '../../src/contract/messages';
import { VERDICTS_PREDICATE_TYPE } from '../../src/domain/evidence-predicate';
import { planOf } from '../../src/domain/plan-of';
import type { ReleaseStatus } from '../../src/domain/release';
import { OLGA, releaseRequest, testPolicy, testService, withoutWindows } from '../support/builders';
import { useDevServer } from '../support/dev-server';
import { createFakeDeps } from '../support/fake-deps';
import { afterSigning, CLOSED_EDGES, freezeLine, openLine } from '../support/frozen-line';
import { containing } from '../support/matchers';
import { stepOf } from '../support/plan-release';
import {
  AS_BEFORE,
  settleService,
  takenBack,
  type SettledService,
} from '../support/settled-service';
import { it } from '../support/side-by-side';
import { eventually } from '../support/workflow-env';

jest.setTimeout(60_000);

/** How long what must not happen is waited for: more than one look at the edge. */
const A_FEW_LOOKS_MS = 2_500;
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('a release before a closed edge', () => {
  const server = useDevServer();
  const numbered = CLOSED_EDGES.map((edge, index) => [edge.what, edge, index] as const);

  async function submit(
    service: SettledService,
    policy = withoutWindows(),
  ): Promise<ReleaseRequest> {
    const plan = planOf({ policy, service: testService(service.svc), given: null });
    const request = service.request('2.0.0', { policy, plan });
    await server.caller.submit(request);
    return request;
  }

  const waitsAt = (service: SettledService, title: string): Promise<ReleaseStatus> =>
    eventually(async () => {
      const status = await server.caller.status(service.request('2.0.0').releaseId);
      if (stepOf(status, title)?.state === 'running') return status;
      throw new Error(`at ${status.stage}, not at ${title}: ${status.reason ?? ''}`);
    });

  /** Settled, submitted, and waiting at the first edge. */
  async function frozen(svc: string): Promise<{ service: SettledService; releaseId: string }> {
    const service = await settleService(server, svc);
    await freezeLine(service.deps);
    const { releaseId } = await submit(service);
    await waitsAt(service, 'freeze: stg channel');
    return { service, releaseId };
  }

  it.each(numbered)(
    'waits before %s, and goes on once it is opened',
    async (_what, edge, index) => {
      const service = await settleService(server, `edge-${index}`);
      const { deps } = service;
      deps.rollout.calls.length = 0;
      await edge.arrange(deps);
      const { releaseId } = await submit(service);

      const waiting = await waitsAt(service, edge.step);
      const writes = (): number =>
        deps.rollout.calls.length + deps.ledger.calls.filter(isMove).length;
      const before = writes();
      await wait(A_FEW_LOOKS_MS);
      const given = sharesIn(service);
      const after = writes();
      await openLine(deps);
      const result = await server.caller.result(releaseId);

      expect(waiting.reason).toContain('freeze year-end by carol');
      expect(after).toBe(before);
      expect(given).toEqual(edge.given);
      expect(result.outcome).toBe('released');
    },
  );

  it.each(numbered)(
    'is aborted before %s and taken back, frozen or not',
    async (_what, edge, index) => {
      const service = await settleService(server, `abort-${index}`);
      await edge.arrange(service.deps);
      const { releaseId } = await submit(service);
      await waitsAt(service, edge.step);

      await server.caller.decide(releaseId, 'abort', OLGA);
      const result = await server.caller.result(releaseId);

      expect(result.outcome).toBe('aborted');
      expect(await takenBack(service)).toMatchObject({ traffic: AS_BEFORE.traffic });
      expect(await takenBack(service)).toMatchObject({
        tags: { 'stg:stable': 'stable', 'prod:stable': 'stable', 'prod:candidate': null },
      });
    },
  );

  it('is pre-empted by a rollback, which asks nobody', async () => {
    const service = await settleService(server, 'rolled-back');
    await server.caller.run(service.request('1.5.0', { policy: withoutWindows() }));
    await freezeLine(service.deps);
    const { releaseId } = await submit(service);
    await waitsAt(service, 'freeze: stg channel');

    const rollback = await server.caller.rollBack({
      service: service.request('1.0.0').service,
      target: { kind: 'previous' },
      actor: OLGA,
      reason: 'lost orders',
      requestedAt: new Date().toISOString(),
      policy: testPolicy(),
      requestId: 'rollback-while-frozen',
    });
    const result = await server.caller.result(releaseId);

    expect(rollback).toMatchObject({ to: service.stable, preempted: releaseId });
    expect(result.outcome).toBe('preempted');
  });

  it.each([
    ['prod', 'makeStable', 'freeze: prod pin'],
    ['prod', 'setCandidatePercent', 'freeze: prod traffic'],
    ['stg', 'makeStable', 'freeze: stg channel'],
  ] as const)(
    'that closes while %s %s is tried again waits, and goes on',
    async (env, method, step) => {
      const service = await settleService(server, `retried-${step.length}-${method.length}`);
      const { deps } = service;
      const write = deps.rollout[method].bind(deps.rollout) as (
        ...args: unknown[]
      ) => Promise<unknown>;
      let tries = 0;
      Object.assign(deps.rollout, {
        [method]: async (...args: unknown[]) => {
          if ((args[0] as { readonly env: string }).env !== env) return write(...args);
          tries += 1;
          if (tries > 1) return write(...args);
          await freezeLine(deps);
          throw new ReleaseError('ROLLOUT_UNAVAILABLE', 'not now');
        },
      });
      const { releaseId } = await submit(service);

      await waitsAt(service, step);
      await wait(A_FEW_LOOKS_MS);
      const before = tries;
      await openLine(deps);
      const result = await server.caller.result(releaseId);

      expect(before).toBe(1);
      expect(result.outcome).toBe('released');
    },
  );

  it('gives a first version nothing of prod that closes while it gets ready', async () => {
    const deps = await createFakeDeps();
    const [start, closed] = [deps.rollout.startCandidate.bind(deps.rollout), { times: 0 }];
    Object.assign(deps.rollout, {
      startCandidate: async (...args: Parameters<typeof start>) => {
        if (args[0].env === 'prod' && closed.times === 0) {
          closed.times += 1;
          await freezeLine(deps);
        }
        return start(...args);
      },
    });
    server.workers.use('first', deps);
    const policy = withoutWindows();
    const plan = planOf({ policy, service: testService('first'), given: null });
    const request = releaseRequest('first', '1.0.0', { policy, plan });
    const { releaseId } = request;
    await server.caller.submit(request);

    await eventually(async () => {
      const status = await server.caller.status(releaseId);
      expect(stepOf(status, 'freeze: prod traffic')?.state).toBe('running');
    });
    const { candidate } = deps.rollout.states.get('first/prod')!;
    await openLine(deps);
    const result = await server.caller.result(releaseId);

    expect(candidate).toBeNull();
    expect(result.outcome).toBe('released');
  });

  it('is taken back where nobody can say any more whether the edge is open', async () => {
    const service = await settleService(server, 'unsaid');
    const { deps } = service;
    deps.rollout.calls.length = 0;
    afterSigning(deps, VERDICTS_PREDICATE_TYPE, () => {
      deps.freezes.fail('LEDGER_UNAVAILABLE', 10_000, 'covering');
      return Promise.resolve();
    });
    const { timeouts } = testPolicy();
    const policy = withoutWindows(testPolicy({ timeouts: { ...timeouts, dependencyMs: 1_000 } }));
    const { releaseId } = await submit(service, policy);

    const result = await server.caller.resultOnceStarted(releaseId);

    expect(result).toMatchObject({
      outcome: 'failed',
      reason: containing('LEDGER_UNAVAILABLE'),
    });
    expect(await takenBack(service)).toMatchObject({
      tags: AS_BEFORE.tags,
      traffic: AS_BEFORE.traffic,
    });
    const pinned = deps.rollout.calls.filter(
      ({ method, args }) =>
        method === 'makeStable' && (args[0] as { readonly env: string }).env === 'prod',
    );
    expect(pinned).toEqual([]);
  });

  it('goes on by itself when the freeze is over', async () => {
    const { service, releaseId } = await frozen('over');

    const nowMs = service.deps.now().getTime();
    Object.assign(service.deps, { now: () => new Date(nowMs + 1) });
    const result = await server.caller.result(releaseId);

    expect(result.outcome).toBe('released');
  });

  it('shows the reason that stands when another one closes it', async () => {
    const { service, releaseId } = await frozen('reasons');

    await freezeLine(service.deps, { name: 'audit', reason: 'the auditors are here' });
    await openLine(service.deps);
    await eventually(async () => {
      expect((await server.caller.status(releaseId)).reason).toContain('the auditors are here');
    });
    await openLine(service.deps, 'audit');

    expect(await server.caller.result(releaseId)).toMatchObject({ outcome: 'released' });
  });

  it('waits on while the ledger does not answer', async () => {
    const { service, releaseId } = await frozen('blind');

    service.deps.freezes.fail('LEDGER_UNAVAILABLE', 2, 'covering');
    await openLine(service.deps);

    expect(await server.caller.result(releaseId)).toMatchObject({ outcome: 'released' });
  });

  it('writes nothing into its history while it waits', async () => {
    const { service, releaseId } = await frozen('quiet');
    const length = async (): Promise<number> =>
      (await server.caller.release(releaseId).describe()).historyLength;
    const looks = (): number =>
      service.deps.freezes.calls.filter(({ method }) => method === 'covering').length;
    await wait(A_FEW_LOOKS_MS);
    const [before, looked] = [await length(), looks()];

    await eventually(() => {
      expect(looks()).toBeGreaterThan(looked + 2);
    });

    expect(await length()).toBe(before);
    await openLine(service.deps);
    expect(await server.caller.result(releaseId)).toMatchObject({
      outcome: 'released',
      reason: containing('prod:stable'),
    });
  });
});

function isMove({ method }: { readonly method: string }): boolean {
  return method === 'beginMove' || method === 'completeMove';
}

/** Shares of traffic given to a candidate in stg and in prod. */
function sharesIn({ deps }: SettledService): readonly [number, number] {
  const given = deps.rollout.calls.filter(({ method }) => method === 'setCandidatePercent');
  const of = (env: string): number =>
    given.filter(({ args }) => (args[0] as { readonly env: string }).env === env).length;
  return [of('stg'), of('prod')];
}
