import {
  WorkflowFailedError,
  type WorkflowHandleWithFirstExecutionRunId,
} from '@temporalio/client';
import {
  GC_WORKFLOWS,
  type GcAnswer,
  type GcPlanInput,
  type GcPlanReport,
} from '../../src/contract/gc-messages';
import { gcRunWorkflowId } from '../../src/contract/ids';
import { TASK_QUEUES } from '../../src/contract/queues';
import type { InventorySink } from '../../src/domain/gc/inventory';
import type { RetentionPolicy } from '../../src/domain/gc/retention';
import { A, T0 } from '../support/contracts/ledger-builders';
import { BREACH, planIdOf, planOf } from '../support/contracts/gc-plans';
import { useDevServer } from '../support/dev-server';
import { createFakeDeps, type FakeDeps } from '../support/fake-deps';
import { DAY_MS, STRICT_RETENTION } from '../support/gc-plan-world';
import { keepHistory } from '../support/keep-history';
import { containing } from '../support/matchers';

jest.setTimeout(60_000);

const REPOSITORY = 'apps/shop/web';

/** One old release. */
function tell(sink: InventorySink): void {
  const old = { pushedAtMs: Date.now() - 60 * DAY_MS, lastPulledAtMs: null };
  const image = { repository: REPOSITORY, digest: A, mediaType: 'manifest', artifactType: null };
  sink.manifest({ ...image, ...old, size: 10, subject: null, pending: false });
  sink.tag({ repository: REPOSITORY, tag: '1.0.0_abc1234', digest: A, ...old });
}

describe('gcPlanWorkflow', () => {
  const server = useDevServer();
  let deps: FakeDeps;
  let runs = 0;

  beforeEach(async () => {
    deps = await createFakeDeps();
    server.workers.use('', deps);
    deps.gcPlanner.source.store.tell = tell;
  });

  const policyOf = (over: Partial<RetentionPolicy>): GcPlanInput['policy'] => ({
    retention: { ...STRICT_RETENTION, ...over },
    registry: { open: [] },
  });

  function start(
    workflowType: string,
    input: unknown,
  ): Promise<WorkflowHandleWithFirstExecutionRunId> {
    runs += 1;
    return server.environment.client.workflow.start(workflowType, {
      workflowId: `gc-test-${String(runs)}`,
      taskQueue: TASK_QUEUES.release,
      args: [input],
    });
  }

  /** With a name its history is one of those that are kept. */
  async function plan(input: Partial<GcPlanInput> = {}, name?: string): Promise<GcPlanReport> {
    const handle = await start(GC_WORKFLOWS.plan, {
      ...{ repository: null, requestedBy: 'ana', then: 'run', by: 'person' },
      ...{ policy: policyOf({ firstRun: 'run' }), policyHash: 'sha256:p', ...input },
    });
    const report = (await handle.result()) as GcPlanReport;
    const { workflowId } = handle;
    if (name !== undefined) {
      keepHistory({ name, workflowId, history: await handle.fetchHistory() });
    }
    return report;
  }

  /** The run was started by its id: that it may not run here, or does, is its own affair. */
  async function hasRun(planId: string): Promise<boolean> {
    const handle = server.environment.client.workflow.getHandle(gcRunWorkflowId(planId));
    try {
      await handle.describe();
      return true;
    } catch {
      return false;
    }
  }

  it('keeps the plan and starts its run where nobody has to look at it first', async () => {
    const report = await plan({}, 'gc-plan/started');

    expect(report).toMatchObject({ outcome: 'started', reason: null });
    const { id, totals } = report.plan ?? { id: '', totals: null };
    expect(totals).toMatchObject({ deleteTags: 1, deleteManifests: 1 });
    expect(report.runWorkflowId).toBe(gcRunWorkflowId(id));
    expect(await hasRun(id)).toBe(true);
    expect(await deps.gcPlans.getPlan(id)).toMatchObject({ madeBy: 'ana' });
    expect(deps.notifier.sent).toEqual([]);
  });

  it('only reports when that was asked for', async () => {
    const report = await plan({ then: 'report' });

    expect(report).toMatchObject({ outcome: 'reported', runWorkflowId: null });
    expect(await hasRun(report.plan?.id ?? '')).toBe(false);
  });

  it('says so where there is nothing to delete', async () => {
    deps.gcPlanner.source.store.tell = () => undefined;

    expect(await plan()).toMatchObject({ outcome: 'nothing' });
  });

  it('waits for a person until one approved some plan', async () => {
    const policy = policyOf({ firstRun: 'report' });
    const first = await plan({ policy });
    await deps.gcPlans.savePlan(
      planOf('old', { repository: REPOSITORY, breaches: [BREACH] }),
      'ana',
    );
    await deps.gcPlans.approvePlan(planIdOf('old'), 'sec', 'looked at it', T0);

    const second = await plan({ policy });

    expect(first).toMatchObject({ outcome: 'waits', reason: containing('approved by a person') });
    expect(second).toMatchObject({ outcome: 'started' });
  });

  it('of the Schedule tells people once a day that a plan waits', async () => {
    const report = await plan({ by: 'schedule' }, 'gc-plan/waiting');

    expect(report).toMatchObject({ outcome: 'waits' });
    const day = report.startedAt.slice(0, 10);
    expect(deps.notifier.sent).toMatchObject([
      {
        id: `gc-plan/waits/${day}`,
        severity: 'warning',
        text: containing(`plura reg gc approve ${report.plan?.id ?? ''}`),
      },
    ]);
  });

  it('runs by itself where the policy says so', async () => {
    const policy = policyOf({ firstRun: 'run', automatic: true });

    const report = await plan({ by: 'schedule', policy });

    expect(report).toMatchObject({ outcome: 'started' });
    const run = server.environment.client.workflow.getHandle(report.runWorkflowId ?? '');
    expect(await run.result()).toMatchObject({ outcome: 'done' });
    expect(deps.notifier.sent).toEqual([]);
  });

  it('plans again after an outage, and reports one that does not pass', async () => {
    deps.gcPlanner.fail('LEDGER_UNAVAILABLE', 2, 'plan');
    expect(await plan()).toMatchObject({ outcome: 'started' });

    deps.gcPlanner.fail('INTERNAL', 1, 'plan');
    const report = await plan({ by: 'schedule' });

    expect(report).toMatchObject({ outcome: 'failed', plan: null, reason: containing('plan') });
    expect(deps.notifier.sent).toMatchObject([{ title: containing('could not be planned') }]);
  });

  it('answers questions, and fails with the code of what stayed away', async () => {
    const question = { kind: 'explain', repository: REPOSITORY, reference: A };
    const input = { question, policy: policyOf({}) };

    const answer = (await (await start(GC_WORKFLOWS.ask, input)).result()) as GcAnswer;
    deps.gcPlanner.fail('INVALID_INPUT', 1, 'explain');
    const failed = await start(GC_WORKFLOWS.ask, input);

    expect(answer).toMatchObject({ kind: 'explain', explanation: { outcome: 'delete' } });
    await expect(failed.result()).rejects.toThrow(WorkflowFailedError);
    const diff = { kind: 'diff', repository: null, after: policyOf({ keepLast: 5 }) };
    expect(
      await (await start(GC_WORKFLOWS.ask, { question: diff, policy: policyOf({}) })).result(),
    ).toMatchObject({ kind: 'diff', diff: { keeps: { tags: 1 } } });
  });
});
