import type { AccountingReport } from '../../src/contract/accounting';
import { ACCOUNTING_ID } from '../../src/contract/ids';
import { WORKFLOWS } from '../../src/contract/messages';
import { TASK_QUEUES } from '../../src/contract/queues';
import { ensureAccountingSchedule } from '../../src/orchestrator/accounting-schedule';
import { layer, pushed } from '../support/contracts/inventory-builders';
import { useDevServer } from '../support/dev-server';
import { createFakeDeps, type FakeDeps } from '../support/fake-deps';
import { keepHistory } from '../support/keep-history';
import { containing } from '../support/matchers';
import { eventually } from '../support/workflow-env';

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;
const KEEP = { eventsMs: 90 * DAY_MS, tagMovesMs: 400 * DAY_MS, samplesMs: 400 * DAY_MS };

const daysAgo = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString();

describe('accountStorageWorkflow', () => {
  const server = useDevServer();
  let deps: FakeDeps;
  let runs = 0;

  beforeEach(async () => {
    deps = await createFakeDeps();
    server.workers.use('', deps);
    await pushed(deps.inventory, { edges: [layer('base', 500)] });
  });

  async function run(recordAs?: string): Promise<AccountingReport> {
    runs += 1;
    const handle = await server.environment.client.workflow.start(WORKFLOWS.accountStorage, {
      workflowId: `account-storage-${runs}`,
      taskQueue: TASK_QUEUES.release,
      args: [{ settings: { everyMs: DAY_MS, keep: KEEP } }],
    });
    const report = (await handle.result()) as AccountingReport;
    const { workflowId } = handle;
    if (recordAs !== undefined) {
      keepHistory({ name: recordAs, workflowId, history: await handle.fetchHistory() });
    }
    return report;
  }

  it('counts what is stored as the sample of its day, and forgets what is too old', async () => {
    const { kept } = deps.oldRecords;
    kept['registry-events'].push(daysAgo(91), daysAgo(89));
    kept['tag-moves'].push(daysAgo(401), daysAgo(399));

    const report = await run('account-storage/done');

    expect(report).toMatchObject({ outcome: 'done', storageBytes: 1524, repositories: 1 });
    expect(report).toMatchObject({ forgotten: 2, errors: [] });
    expect(kept['registry-events']).toHaveLength(1);
    expect(await deps.storageSamples.newest()).toMatchObject({
      day: report.startedAt.slice(0, 10),
      at: report.startedAt,
    });
  });

  it('goes on until nothing is too old', async () => {
    const { kept } = deps.oldRecords;
    kept['registry-events'].push(...Array.from({ length: 50_001 }, () => daysAgo(91)));

    expect(await run()).toMatchObject({ outcome: 'done', forgotten: 50_001 });
  });

  it('ends, and says so, where something can not be done', async () => {
    deps.storageSamples.fail('INTERNAL', 1, 'take');
    deps.oldRecords.fail('INTERNAL', 1);

    const report = await run();

    expect(report).toMatchObject({ outcome: 'incomplete', storageBytes: null, forgotten: 0 });
    expect(report.errors).toEqual([containing('take'), containing('forget')]);
    expect(await run()).toMatchObject({ outcome: 'done' });
  });

  it('runs at once when its Schedule is made, and not when a worker starts again', async () => {
    const { client } = server.environment;
    await ensureAccountingSchedule(client, { everyMs: DAY_MS, keep: KEEP });
    const first = await eventually(async () => {
      const sample = await deps.storageSamples.newest();
      if (!sample) throw new Error('not yet');
      return sample;
    }, 20_000);

    await ensureAccountingSchedule(client, { everyMs: DAY_MS, keep: KEEP });

    const { info } = await client.schedule.getHandle(ACCOUNTING_ID).describe();
    expect(first).toMatchObject({ day: first.at.slice(0, 10) });
    expect(info.recentActions).toHaveLength(1);
  });
});
