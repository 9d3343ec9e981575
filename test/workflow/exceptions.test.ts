import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type {
  ExceptionExpiryInput,
  ExceptionExpiryReport,
} from '../../src/contract/exception-messages';
import { MESSAGES, WORKFLOWS } from '../../src/contract/messages';
import { TASK_QUEUES } from '../../src/contract/queues';
import type { ExceptionRequest } from '../../src/domain/exceptions/exception';
import { exceptionsOf } from '../../src/domain/exceptions/policy';
import { planOf } from '../../src/domain/plan-of';
import { ANNA, testPolicy, testService, withoutWindows } from '../support/builders';
import { useDevServer } from '../support/dev-server';
import { coveredEvidence, coveredFinding, grantedOf, requestOf } from '../support/exceptions';
import { createFakeDeps, type FakeDeps } from '../support/fake-deps';
import { HIGH_FINDING } from '../support/fakes/scanner';
import { keepHistory } from '../support/keep-history';
import { containing } from '../support/matchers';
import { keepImage } from '../support/rescan-world';
import { settleService } from '../support/settled-service';
import { loadWorkflowBundle } from '../support/temporal';
import { eventually } from '../support/workflow-env';

jest.setTimeout(60_000);

const END = '2026-12-01T00:00:00.000Z';
/** Less than a decision token lasts. */
const LEFT_MS = 180_000;

describe('exceptionExpiryWorkflow', () => {
  const server = useDevServer();
  let deps: FakeDeps;
  let now = '';
  let runs = 0;

  beforeEach(async () => {
    now = '2026-11-30T23:59:59.000Z';
    deps = {
      ...(await createFakeDeps({ services: [testService('shop')] })),
      now: () => new Date(now),
    };
    for (const svc of ['', 'shop']) server.workers.use(svc, deps);
  });

  async function grant(over: Partial<ExceptionRequest> = {}, at = now): Promise<void> {
    const { id } = await deps.exceptions.request(
      requestOf({ svc: 'shop', requestedAt: at, expiresAt: END, ...over }),
    );
    await deps.exceptions.approve(id, 'sam', at);
  }

  async function start(): Promise<WorkflowHandleWithFirstExecutionRunId> {
    runs += 1;
    const input: ExceptionExpiryInput = {
      settings: { policy: exceptionsOf({}), policyHash: 'sha256:policy' },
    };
    return server.environment.client.workflow.start(WORKFLOWS.exceptionExpiry, {
      workflowId: `exception-expiry-${runs}`,
      taskQueue: TASK_QUEUES.control,
      args: [input],
    });
  }

  const run = async (): Promise<ExceptionExpiryReport> =>
    (await (await start()).result()) as ExceptionExpiryReport;
  const titles = (): readonly string[] => deps.notifier.sent.map(({ title }) => title);

  it('leaves alone what is covered a second before the end, and judges it again at the end', async () => {
    await grant({}, '2026-11-01T00:00:00.000Z');
    const evidence = coveredEvidence(coveredFinding());
    const digest = await keepImage(deps, 'one', '2026-11-30T12:00:00.000Z', { evidence });

    const before = await run();
    const passed = await deps.ledger.newestScan('shop', digest);
    now = END;
    const handle = await start();
    const report = (await handle.result()) as ExceptionExpiryReport;
    const failed = await deps.ledger.newestScan('shop', digest);

    expect([before.rejudged, passed?.verdict.outcome]).toEqual([0, 'pass']);
    expect(report).toMatchObject({ outcome: 'done', rejudged: 1, errors: [] });
    expect(failed?.verdict).toMatchObject({
      outcome: 'fail',
      reasons: [`CVE-2026-0001 in qs 6.5.2: its exception exc-1 ended at ${END}`],
      evidence: { refused: ['CVE-2026-0001 qs@6.5.2'], covered: [], excepted: [] },
    });
    expect(failed?.policyHash).toBe('sha256:policy');
    expect(deps.notifier.sent).toContainEqual(
      expect.objectContaining({
        severity: 'critical',
        svc: 'shop',
        title: 'shop: a digest passes its scan no more, since an exception has ended',
        text: containing('It is in shop prod:stable'),
      }),
    );
    expect(await handle.query(MESSAGES.getExceptionExpiry)).toEqual(report);
    const recorded = {
      name: 'exception-expiry/ended',
      workflowId: handle.workflowId,
      history: await handle.fetchHistory(),
    };
    for await (const result of Worker.runReplayHistories(
      { workflowBundle: await loadWorkflowBundle() },
      [recorded],
    )) {
      expect(result.error).toBeUndefined();
    }
    keepHistory(recorded);
  });

  it('judges once, also when it was revoked, and what is renewed not at all', async () => {
    await grant();
    await grant({ id: 'exc-2', vulnerabilityId: 'CVE-2026-0002' });
    const first = await keepImage(deps, 'one', now, {
      evidence: coveredEvidence(coveredFinding()),
    });
    const second = await keepImage(deps, 'two', now, {
      evidence: coveredEvidence(
        coveredFinding({ exceptionId: 'exc-2', vulnerabilityId: 'CVE-2026-0002' }),
      ),
    });
    await deps.exceptions.revoke('exc-1', 'olga', 'an exploit is out', now);
    await deps.exceptions.revoke('exc-2', 'olga', 'a better one', now);
    await grant({ id: 'exc-3', vulnerabilityId: 'CVE-2026-0002' });

    const rejudged = [(await run()).rejudged, (await run()).rejudged];

    expect(rejudged).toEqual([1, 0]);
    const outcomeOf = async (digest: typeof first): Promise<string | undefined> =>
      (await deps.ledger.newestScan('shop', digest))?.verdict.outcome;
    expect([await outcomeOf(first), await outcomeOf(second)]).toEqual(['fail', 'pass']);
  });

  it('warns ahead of the end, once for each time, and of a broken glass at once', async () => {
    const asked = '2026-11-01T00:00:00.000Z';
    await grant({}, asked);
    now = '2026-11-28T00:00:00.000Z';
    const week = [await run(), await run()];
    await grant({ id: 'glass', kind: 'break-glass', expiresAt: '2026-11-28T04:00:00.000Z' });
    const glass = await run();

    expect(week.map(({ told }) => told)).toEqual([1, 0]);
    expect(glass.told).toBe(1);
    expect(titles()).toEqual([
      'exception exc-1 for CVE-2026-0001 in qs (shop) ends in 3d 0h',
      'break-glass: CVE-2026-0001 in qs (shop) is let pass for 4h 0m',
    ]);
    expect(deps.notifier.sent[1]).toMatchObject({ severity: 'critical', svc: 'shop' });
  });

  it('tells later what could not be delivered, and judges again all the same', async () => {
    await grant({}, '2026-11-01T00:00:00.000Z');
    const evidence = coveredEvidence(coveredFinding());
    await keepImage(deps, 'one', '2026-11-30T12:00:00.000Z', { evidence });
    now = END;
    deps.notifier.fail('INVALID_INPUT', 2);

    const first = await run();
    const second = await run();

    expect(first).toMatchObject({ outcome: 'incomplete', rejudged: 1, told: 0 });
    expect(second).toMatchObject({ outcome: 'done', rejudged: 0, told: 1 });
    expect(titles()).toEqual(['exception exc-1 for CVE-2026-0001 in qs (shop) has ended']);
  });

  describe('a release whose exception ends under way', () => {
    const finding = { ...HIGH_FINDING, severity: 'MEDIUM' as const };

    interface Waiting {
      readonly releaseId: string;
      readonly deps: FakeDeps;
      approve(): Promise<unknown>;
      /** Lets so much time pass for activities. */
      pass(ms: number): void;
    }

    async function waitForApproval(svc: string, leftMs: number): Promise<Waiting> {
      const service = await settleService(server, svc);
      let passedMs = 0;
      const clock = (): Date => new Date(Date.now() + passedMs);
      Object.assign(service.deps, { now: clock });
      const scan = service.deps.scanner.scanSbom.bind(service.deps.scanner);
      Object.assign(service.deps.scanner, {
        scanSbom: async (...args: Parameters<typeof scan>) => ({
          ...(await scan(...args)),
          findings: [finding],
        }),
      });
      const expiresAt = new Date(Date.now() + leftMs).toISOString();
      service.deps.ledger.exceptions.push(
        grantedOf({ vulnerabilityId: finding.id, svc, expiresAt }),
      );
      server.workers.use(svc, service.deps);
      const { approval } = testPolicy();
      const policy = withoutWindows(testPolicy({ approval: { ...approval, required: true } }));
      const plan = planOf({ policy, service: testService(svc), given: null });
      const request = service.request('2.0.0', { policy, plan });
      await server.caller.submit(request);
      const { releaseId } = request;
      await eventually(() => server.caller.waitForStage(releaseId, 'approval'));
      const approve = (): Promise<unknown> => server.caller.decide(releaseId, 'approve', ANNA);
      return { releaseId, approve, deps: service.deps, pass: (ms) => (passedMs += ms) };
    }

    it('is not pinned when that was approved a second after the end', async () => {
      const world = await waitForApproval('midnight', LEFT_MS);
      world.pass(LEFT_MS + 1_000);

      await world.approve();
      const result = await server.caller.result(world.releaseId);

      expect(result).toMatchObject({
        outcome: 'rejected',
        reason: containing('The exception exc-1 for CVE-2022-24999 in qs@6.5.2 ended at'),
      });
      const stable = await world.deps.ledger.getChannel('midnight', { env: 'prod', tag: 'stable' });
      expect(stable?.digest).not.toBe(result.digest);
      const history = await server.caller.release(world.releaseId).fetchHistory();
      keepHistory({
        name: 'release/exception-ended',
        workflowId: `release/${world.releaseId}`,
        history,
      });
    });

    it('is pinned when the exception lasts', async () => {
      const world = await waitForApproval('lasting', 3 * LEFT_MS);
      world.pass(LEFT_MS);

      await world.approve();

      expect(await server.caller.result(world.releaseId)).toMatchObject({ outcome: 'released' });
    });
  });
});
