import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { DrillRunResult } from '../../src/contract/drill-messages';
import { ReleaseError } from '../../src/contract/errors';
import { MESSAGES, WORKFLOWS } from '../../src/contract/messages';
import { TASK_QUEUES } from '../../src/contract/queues';
import type { Digest } from '../../src/domain/digest';
import { DRILL_ACTOR, drillReason } from '../../src/domain/drill/readiness';
import type { DrillReport } from '../../src/domain/drill/report';
import { createOrchestrator } from '../../src/orchestrator/temporal-orchestrator';
import { OLGA, testPolicy, testService, withoutWindows } from '../support/builders';
import { useDevServer } from '../support/dev-server';
import type { FakeDeps } from '../support/fake-deps';
import { createFakeNotifier } from '../support/fakes/notifier';
import { keepHistory } from '../support/keep-history';
import { containing } from '../support/matchers';
import { settleService, type SettledService } from '../support/settled-service';
import { it } from '../support/side-by-side';
import { eventually } from '../support/workflow-env';

jest.setTimeout(120_000);

const DAY_MS = 86_400_000;

interface Drillable extends SettledService {
  readonly deps: FakeDeps;
  /** prod:stable; `stable` is the digest before. */
  readonly newer: Digest;
}

describe('rollbackDrillWorkflow', () => {
  const server = useDevServer();
  const drillOf = (svc: string): string => `rollback-drill-${svc}`;

  async function drillable(svc: string, drill = true): Promise<Drillable> {
    const service = await settleService(server, svc);
    const { digest, reason } = await server.caller.run(
      service.request('2.0.0', { policy: withoutWindows() }),
    );
    if (!digest) throw new Error(reason);
    const { client } = server.environment;
    const deps = {
      ...service.deps,
      notifier: createFakeNotifier(),
      services: [testService(`${svc}-shop`), { ...testService(svc), drill }],
      lanes: createOrchestrator({ client, deadlineMs: 10_000, rollbackDeadlineMs: 30_000 }),
    };
    for (const one of [drillOf(svc), svc]) server.workers.use(one, deps);
    return { ...service, deps, newer: digest };
  }

  function start(
    { svc }: Drillable,
    rounds: number,
  ): Promise<WorkflowHandleWithFirstExecutionRunId> {
    const settings = { everyMs: DAY_MS, rounds, targetMs: 300_000, verdictMaxAgeMs: DAY_MS };
    return server.environment.client.workflow.start(WORKFLOWS.rollbackDrill, {
      workflowId: drillOf(svc),
      taskQueue: TASK_QUEUES.control,
      args: [{ settings, policy: testPolicy() }],
    });
  }

  async function reportOf({ deps }: Drillable): Promise<DrillReport> {
    const [report] = await deps.drills.listReports({ limit: 1 });
    if (!report) throw new Error('no report was kept');
    return report;
  }

  async function drill(service: Drillable, rounds = 1): Promise<DrillReport> {
    await (await start(service, rounds)).result();
    return reportOf(service);
  }

  const stableTag = async ({ deps, svc }: Drillable): Promise<Digest | undefined> =>
    (await deps.registry.resolve(`channels/prod/${svc}`, 'stable'))?.digest;

  /** All as it was before, and nothing remembered. */
  async function expectUntouched(service: Drillable): Promise<void> {
    const { deps, svc, newer, stable } = service;
    expect(await stableTag(service)).toBe(newer);
    expect(deps.rollout.states.get(`${svc}/prod`)?.stable).toBe(newer);
    for (const digest of [newer, stable]) {
      expect(await deps.ledger.findBad(svc, digest)).toBeNull();
    }
    expect(await server.caller.getLane(svc)).toMatchObject({
      ...{ hold: null, running: null, rollbackRunning: false },
    });
  }

  it('goes back and forward as often as it should, keeps the times, and leaves all as it was', async () => {
    const service = await drillable('drill');

    const handle = await start(service, 2);
    const result = (await handle.result()) as DrillRunResult;
    const report = await reportOf(service);

    expect(result.reports).toMatchObject([{ id: report.id, svc: 'drill', outcome: 'passed' }]);
    expect(report).toMatchObject({ outcome: 'passed', reasons: [], n: 4, complete: true });
    expect(report.steps.map(({ direction, from, to }) => [direction, from, to])).toEqual([
      ['back', service.newer, service.stable],
      ['forward', service.stable, service.newer],
      ['back', service.newer, service.stable],
      ['forward', service.stable, service.newer],
    ]);
    expect(report.p95Ms).toBeGreaterThan(0);
    await expectUntouched(service);
    expect(service.deps.rollout.states.get('drill/prod')?.warm).toEqual([service.stable]);
    await eventually(() => {
      expect(service.deps.notifier.sent).toHaveLength(4);
    });
    expect(new Set(service.deps.notifier.sent.map(({ severity }) => severity))).toEqual(
      new Set(['info']),
    );
    const { workflowId } = handle;
    keepHistory({
      ...{ name: 'rollback-drill/passed', workflowId, history: await handle.fetchHistory() },
    });
  });

  it('releases go on afterwards', async () => {
    const service = await drillable('after');
    await drill(service);

    const request = service.request('3.0.0', { policy: withoutWindows() });

    expect(await server.caller.run(request)).toMatchObject({ outcome: 'released' });
  });

  it('proves nothing where no service is marked, and says so', async () => {
    const service = await drillable('unmarked', false);

    const report = await drill(service);

    expect(report).toMatchObject({ svc: null, outcome: 'skipped', n: 0, complete: null });
    expect(report.reasons.join()).toContain('no service');
    await expectUntouched(service);
  });

  it('leaves a lane alone that a person holds', async () => {
    const service = await drillable('held');
    const hold = { actor: OLGA, reason: 'incident 4711' };
    await server.caller.updateLane('held', MESSAGES.holdLane, hold);

    const report = await drill(service);

    expect(report).toMatchObject({ outcome: 'skipped', reasons: [containing('incident 4711')] });
    expect((await server.caller.getLane('held')).hold).toMatchObject({ by: 'olga' });
    expect(service.deps.notifier.sent).toMatchObject([{ severity: 'warning' }]);
  });

  it('leaves a release alone that is under way', async () => {
    const service = await drillable('busy');
    const staying = testPolicy({ approval: { ...testPolicy().approval, required: true } });
    const request = service.request('3.0.0', { policy: staying });
    await server.caller.submit(request);
    await eventually(() => server.caller.waitForStage(request.releaseId, 'approval'));

    const report = await drill(service);

    expect(report).toMatchObject({ outcome: 'skipped', reasons: [containing('is under way')] });
    expect((await server.caller.status(request.releaseId)).stage).toBe('approval');
    await server.caller.decide(request.releaseId, 'abort', OLGA);
  });

  it('is skipped where there is nothing to go back to', async () => {
    const service = await drillable('single');
    await service.deps.ledger.markBad({
      ...{ svc: 'single', digest: service.stable, reason: 'lost orders' },
      ...{ at: new Date().toISOString(), actor: 'olga' },
    });

    expect(await drill(service)).toMatchObject({
      ...{ outcome: 'skipped', reasons: [containing('A drill needs two')] },
    });
    expect(await service.deps.ledger.findBad('single', service.stable)).not.toBeNull();
  });

  it('fails, and alarms, when what it goes back to lacks something', async () => {
    const service = await drillable('lacking');
    const image = { repository: 'apps/lacking/lacking', digest: service.stable };
    for (const referrer of await service.deps.registry.listReferrers(image)) {
      const type = referrer.annotations?.['dev.sigstore.bundle.predicateType'];
      if (type !== 'https://cyclonedx.org/bom') continue;
      service.deps.registry.lose({ repository: image.repository, digest: referrer.digest });
    }

    const report = await drill(service);

    expect(report).toMatchObject({ outcome: 'failed', n: 2, complete: false });
    expect(report.reasons).toEqual([containing('SBOM')]);
    await expectUntouched(service);
    expect(service.deps.notifier.sent).toContainEqual(
      expect.objectContaining({ severity: 'critical', title: containing('drill failed') }),
    );
  });

  it('holds the lane and alarms when it can not go forward again', async () => {
    const service = await drillable('stranded');
    service.deps.rollout.breakImage(service.newer);

    const report = await drill(service);

    expect(report).toMatchObject({ outcome: 'failed', n: 1 });
    expect(report.reasons.join(' ')).toMatch(/did not become ready.*was left at/);
    expect(await stableTag(service)).toBe(service.stable);
    expect((await server.caller.getLane('stranded')).hold).toMatchObject({ by: 'system:drill' });
  });

  it('does not take over from a drill that was broken off half-way, and alarms', async () => {
    const service = await drillable('broken');
    const reason = drillReason('broken-0');
    const { lanes, services } = service.deps;
    await lanes.holdLane('broken', { actor: DRILL_ACTOR, reason }, 'broken-0/hold');
    await lanes.rollBack(
      {
        service: services.find(({ svc }) => svc === 'broken') ?? testService('broken'),
        target: { kind: 'digest', digest: service.stable, from: service.newer },
        actor: DRILL_ACTOR,
        reason: `${reason}, 1`,
        requestedAt: new Date().toISOString(),
        policy: testPolicy(),
        drill: true,
      },
      'broken-0/1',
    );

    const report = await drill(service);

    expect(report).toMatchObject({ outcome: 'skipped', reasons: [containing(service.newer)] });
    expect((await server.caller.getLane('broken')).hold).toMatchObject({ reason });
    expect(await stableTag(service)).toBe(service.stable);
    expect(service.deps.notifier.sent.at(-1)).toMatchObject({ severity: 'critical' });
  });

  it('says that the lane may be held when it could not be opened and not be left', async () => {
    const service = await drillable('unleft');
    const { lanes } = service.deps;
    const away = (): Promise<never> =>
      Promise.reject(new ReleaseError('FORBIDDEN', 'the lane does not answer'));
    server.workers.use(drillOf('unleft'), { ...service.deps, lanes: { ...lanes, getLane: away } });

    const report = await drill(service);

    expect(report).toMatchObject({
      ...{ outcome: 'skipped', reasons: [containing('Its lane may be held.')] },
    });
    expect(service.deps.notifier.sent.at(-1)).toMatchObject({ severity: 'critical' });
  });

  it('waits for a part that is away for a moment', async () => {
    const service = await drillable('patient');
    service.deps.rollout.fail('ROLLOUT_UNAVAILABLE', 2, 'makeStable');
    service.deps.ledger.fail('LEDGER_UNAVAILABLE', 2, 'completeMove');

    expect(await drill(service)).toMatchObject({ outcome: 'passed', n: 2 });
    await expectUntouched(service);
  });

  it('puts the service back when it is cancelled, and keeps a report of it', async () => {
    const service = await drillable('stopped');

    const handle = await start(service, 20);
    await eventually(async () => {
      expect(await stableTag(service)).toBe(service.stable);
    });
    await handle.cancel();

    await expect(handle.result()).rejects.toMatchObject({ name: 'WorkflowFailedError' });
    expect(await reportOf(service)).toMatchObject({
      ...{ outcome: 'failed', reasons: expect.arrayContaining(['It was cancelled.']) as string[] },
    });
    await expectUntouched(service);
  });
});
