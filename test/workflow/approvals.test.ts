import type { ReleaseRequest, ReleaseResult } from '../../src/contract/messages';
import { mintDecisionToken } from '../../src/contract/schema/decision-token';
import type { Actor } from '../../src/domain/actor';
import { VERDICTS_PREDICATE_TYPE } from '../../src/domain/evidence-predicate';
import { planOf } from '../../src/domain/plan-of';
import type { ApprovalPolicy } from '../../src/domain/policy';
import { KEY_IDS } from '../../src/ports/signer';
import { ADAM, ANNA, OLGA, testPolicy, testService, withoutWindows } from '../support/builders';
import { useDevServer } from '../support/dev-server';
import { freezeLine, openLine, afterSigning } from '../support/frozen-line';
import { containing } from '../support/matchers';
import { stepOf } from '../support/plan-release';
import { settleService, type SettledService } from '../support/settled-service';
import { it } from '../support/side-by-side';
import { eventually } from '../support/workflow-env';

jest.setTimeout(60_000);

const AUTHOR_LABEL = 'plura.commit_author';
const BY_ADAM = { builder: { labels: { [AUTHOR_LABEL]: 'Adam <ADAM@example.com>' } } };
const as = (subject: string): Actor => ({ subject, roles: ['approver'] });

describe('a release by plan that needs an approval', () => {
  const server = useDevServer();

  async function submit(
    service: SettledService,
    rule: Partial<ApprovalPolicy> = {},
    over: Partial<ReleaseRequest> = {},
  ): Promise<string> {
    const { approval } = testPolicy();
    const policy = withoutWindows(
      testPolicy({ approval: { ...approval, required: true, ...rule } }),
    );
    const plan = planOf({ policy, service: testService(service.svc), given: null });
    const request = service.request('2.0.0', { policy, plan, ...over });
    await server.caller.submit(request);
    return request.releaseId;
  }

  const waits = (releaseId: string): Promise<unknown> =>
    eventually(() => server.caller.waitForStage(releaseId, 'approval'));
  const approve = (releaseId: string, actor: Actor): Promise<unknown> =>
    server.caller.decide(releaseId, 'approve', actor).catch((error: unknown) => {
      const { type, message } = (error as { cause: { type: string; message: string } }).cause;
      return { accepted: false, code: type, message };
    });
  const abort = async (releaseId: string): Promise<ReleaseResult> => {
    await server.caller.decide(releaseId, 'abort', OLGA);
    return server.caller.result(releaseId);
  };

  async function signalApproval(
    { deps }: SettledService,
    releaseId: string,
    actor: Actor,
  ): Promise<void> {
    const mac = (data: Buffer): Promise<Buffer> => deps.kms.mac(KEY_IDS.decision, data);
    const token = await mintDecisionToken(mac, actor, 'approve', releaseId, Date.now());
    await server.caller.release(releaseId).signal('approve', { token });
  }

  it('is not approved by the author of its commit, by update or by signal', async () => {
    const service = await settleService(server, 'author', BY_ADAM);
    const releaseId = await submit(service);
    await waits(releaseId);

    const byUpdate = await approve(releaseId, ADAM);
    await signalApproval(service, releaseId, ADAM);
    await eventually(async () => {
      const { reason } = await server.caller.status(releaseId);
      expect(reason).toContain('wrote the commit');
    });
    const { approvals, authors } = await server.caller.status(releaseId);
    await approve(releaseId, ANNA);
    const result = await server.caller.result(releaseId);

    expect(byUpdate).toMatchObject({ code: 'FORBIDDEN', message: containing('wrote the commit') });
    expect(approvals).toEqual([]);
    // It stands in the Dockerfile, where anybody could have written it.
    expect(authors).toMatchObject({ known: false, authors: [{ who: 'Adam <ADAM@example.com>' }] });
    expect(result.outcome).toBe('released');
  });

  it('takes nobody’s approval before it is known who wrote the commit', async () => {
    const service = await settleService(server, 'unread', BY_ADAM);
    const { registry, ledger } = service.deps;
    const isBuilt = async (): Promise<boolean> =>
      (await ledger.getStatus(service.request('2.0.0').releaseId))?.digest !== undefined;
    const read = registry.getImageConfig.bind(registry);
    let isDown = true;
    Object.assign(registry, {
      getImageConfig: async (...args: Parameters<typeof read>) => {
        if (isDown && (await isBuilt())) registry.fail('REGISTRY_UNAVAILABLE', 1, 'getImageConfig');
        return read(...args);
      },
    });
    const releaseId = await submit(service);
    await server.caller.waitForRetry(releaseId);

    const early = await approve(releaseId, ADAM);
    await signalApproval(service, releaseId, ADAM);
    isDown = false;
    await waits(releaseId);
    const late = await approve(releaseId, ADAM);
    const { approvals } = await server.caller.status(releaseId);

    expect(early).toMatchObject({ accepted: false, code: 'NOT_WAITING' });
    expect(late).toMatchObject({ accepted: false, code: 'FORBIDDEN' });
    expect(approvals).toEqual([]);
    await abort(releaseId);
  });

  it('is not approved by who asked for it under another spelling, nor twice by one person', async () => {
    const service = await settleService(server, 'spelling');
    const requestedBy = { subject: 'Ana@x.example', roles: ['releaser'] } as const;
    const releaseId = await submit(service, { quorum: 2 }, { requestedBy });
    await waits(releaseId);

    const byRequester = await approve(releaseId, as('ana@X.example'));
    const first = await approve(releaseId, as('Bob@x.example'));
    const again = await approve(releaseId, as('bob@x.example'));

    expect(byRequester).toMatchObject({ code: 'FORBIDDEN' });
    expect(first).toMatchObject({ accepted: true, message: containing('1 more') });
    expect(again).toMatchObject({ accepted: true, message: containing('counts once') });
    await abort(releaseId);
  });

  it('is stopped before its canary when nobody is named and the policy refuses that', async () => {
    const service = await settleService(server, 'nobody');
    service.deps.rollout.calls.length = 0;

    const releaseId = await submit(service, { unknownAuthor: 'refuse' });
    const result = await server.caller.resultOnceStarted(releaseId);

    expect(result).toMatchObject({
      outcome: 'rejected',
      reason: containing('approval.unknownAuthor'),
    });
    expect(service.deps.rollout.calls.map(({ method }) => method)).not.toContain('startCandidate');
  });

  it('knows the author that git names, beside whom its request names', async () => {
    const service = await settleService(server, 'named');
    const written: Record<string, string> = { head: 'anna@example.com' };
    Object.assign(service.deps, {
      readRevision: () => Promise.resolve('head'),
      readAuthor: (_folder: string, revision: string) =>
        Promise.resolve(written[revision] ?? 'ADAM@example.com'),
    });

    const over = { author: 'olga@example.com' };
    const releaseId = await submit(service, { unknownAuthor: 'refuse' }, over);
    await waits(releaseId);
    const { authors } = await server.caller.status(releaseId);
    const byAuthors = await Promise.all(
      [ADAM, ANNA, as('olga')].map((one) => approve(releaseId, one)),
    );

    expect(authors).toEqual({
      known: true,
      authors: [
        { who: 'ADAM@example.com', from: `provenance label ${AUTHOR_LABEL}` },
        { who: 'anna@example.com', from: `provenance label ${AUTHOR_LABEL}` },
        { who: 'olga@example.com', from: 'label plura.requested_author' },
      ],
    });
    expect(byAuthors).toMatchObject(Array(3).fill({ code: 'FORBIDDEN' }));
    await abort(releaseId);
  });

  it('knows nobody by what its request says', async () => {
    const service = await settleService(server, 'claimed');

    const over = { author: 'nobody@example.com' };
    const releaseId = await submit(service, { unknownAuthor: 'refuse' }, over);
    const result = await server.caller.resultOnceStarted(releaseId);

    expect(result).toMatchObject({
      outcome: 'rejected',
      reason: containing('approval.unknownAuthor'),
    });
  });

  it('is asked for again when a freeze outlasted it, and is pinned on a fresh one only', async () => {
    const service = await settleService(server, 'stale');
    const { deps } = service;
    afterSigning(deps, VERDICTS_PREDICATE_TYPE, () => freezeLine(deps));
    const releaseId = await submit(service, { validForMs: 3_000 });
    await waits(releaseId);
    await approve(releaseId, ADAM);
    await eventually(async () => {
      const status = await server.caller.status(releaseId);
      expect(stepOf(status, 'freeze: prod pin')?.state).toBe('running');
    });

    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await openLine(deps);
    await waits(releaseId);
    const { reason } = await server.caller.status(releaseId);
    const pinned = deps.rollout.states.get(`${service.svc}/prod`)?.stable;
    await approve(releaseId, ANNA);
    const result = await server.caller.result(releaseId);

    expect(reason).toContain('again: those given are too old');
    expect(pinned).toBe(service.stable);
    expect(result.outcome).toBe('released');
    const [last] = await deps.ledger.standingVerdicts(releaseId).then((all) => all.slice(-1));
    expect(last?.verdict).toMatchObject({
      gate: 'approval',
      outcome: 'pass',
      evidence: {
        approvals: [
          { actor: 'adam', counts: false },
          { actor: 'anna', counts: true },
        ],
      },
    });
  });

  it('ends when the fresh approval does not come in time', async () => {
    const service = await settleService(server, 'too-late');
    afterSigning(service.deps, VERDICTS_PREDICATE_TYPE, () => freezeLine(service.deps));
    const releaseId = await submit(service, { validForMs: 2_000, timeoutMs: 5_000 });
    await waits(releaseId);
    await approve(releaseId, ADAM);
    await eventually(async () => {
      const status = await server.caller.status(releaseId);
      expect(stepOf(status, 'freeze: prod pin')?.state).toBe('running');
    });

    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await openLine(service.deps);
    const result = await server.caller.result(releaseId);

    expect(result).toMatchObject({
      outcome: 'rejected',
      reason: containing('0 of 1 approvals'),
    });
    expect(service.deps.rollout.states.get(`${service.svc}/prod`)?.stable).toBe(service.stable);
  });
});
