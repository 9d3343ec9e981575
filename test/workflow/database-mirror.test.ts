import { setTimeout as sleep } from 'node:timers/promises';
import {
  DATABASE_WORKFLOWS,
  type DatabaseMirrorReport,
} from '../../src/contract/database-messages';
import { DATABASE_MIRROR_ID } from '../../src/contract/ids';
import { TASK_QUEUES } from '../../src/contract/queues';
import { ensureDatabaseMirrorSchedule } from '../../src/orchestrator/database-mirror-schedule';
import { createFakeRegistry, type FakeRegistry } from '../support/fakes/registry';
import { mirrorOf } from '../support/contracts/database-mirrors';
import { useDevServer } from '../support/dev-server';
import { createFakeDeps, type FakeDeps } from '../support/fake-deps';
import { containing } from '../support/matchers';
import { eventually } from '../support/workflow-env';

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;
const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

describe('databaseMirrorWorkflow', () => {
  const server = useDevServer();
  let deps: FakeDeps;
  let source: FakeRegistry;
  let runs = 0;

  beforeEach(async () => {
    deps = await createFakeDeps();
    source = createFakeRegistry();
    const kind = 'vulnerabilities';
    const from = { registry: source, kind, repository: 'aqua/trivy-db', reference: '2' } as const;
    const databaseSources = [{ ...from, name: 'registry.example/aqua/trivy-db:2' }];
    const startAdvisoryWatch = (): Promise<boolean> => Promise.resolve(true);
    server.workers.use('', { ...deps, databaseSources, startAdvisoryWatch });
  });

  async function run(): Promise<DatabaseMirrorReport> {
    runs += 1;
    const settings = { kinds: ['vulnerabilities'], maxAgeMs: DAY_MS };
    return (await server.environment.client.workflow.execute(DATABASE_WORKFLOWS.mirror, {
      workflowId: `database-mirror-${runs}`,
      taskQueue: TASK_QUEUES.release,
      args: [{ settings }],
    })) as DatabaseMirrorReport;
  }

  it('refuses what is no database, tells people, and says what we have', async () => {
    const digest = source.pushImage({ repository: 'aqua/trivy-db', layers: [Buffer.from('x')] });
    await source.putTag({ repository: 'aqua/trivy-db', digest }, '2');
    await deps.databaseMirrors.add(mirrorOf({ updatedAt: hoursAgo(1) }));

    const report = await run();

    expect(report).toMatchObject({
      outcome: 'refused',
      lines: [{ reason: containing('Its type is'), age: 'fresh' }],
      watchStarted: false,
    });
    expect(deps.notifier.sent).toMatchObject([
      { severity: 'critical', title: containing('refused') },
    ]);
  });

  it.each([
    ['warns of', 13, 'warning', 'grows old'],
    ['alarms of', 25, 'critical', 'too old'],
  ])('%s what is %d hours old while the source has none', async (_name, hours, severity, title) => {
    await deps.databaseMirrors.add(mirrorOf({ updatedAt: hoursAgo(hours) }));

    const report = await run();

    expect(report).toMatchObject({ outcome: 'failed', lines: [{ outcome: 'failed' }] });
    expect(deps.notifier.sent).toMatchObject([{ severity, title: containing(title) }]);
  });

  it('runs at once when a worker makes its Schedule, and whenever one starts again, unless it is paused', async () => {
    const { client } = server.environment;
    const settings = { kinds: ['vulnerabilities'], maxAgeMs: DAY_MS } as const;
    const start = (): Promise<void> => ensureDatabaseMirrorSchedule(client, DAY_MS, settings);
    const handle = client.schedule.getHandle(DATABASE_MIRROR_ID);
    const ended = (runsSoFar: number): Promise<void> =>
      eventually(async () => {
        const { info } = await handle.describe();
        expect([info.numActionsTaken, info.runningActions]).toEqual([runsSoFar, []]);
      });

    await start();
    await ended(1);
    // Runs are named by the second that they start in.
    await sleep(1_000);
    await start();
    await ended(2);
    await handle.pause();
    await sleep(1_000);
    await start();
    await sleep(300);

    await ended(2);
  });

  it('alarms when there is none at all', async () => {
    expect(await run()).toMatchObject({ outcome: 'failed', lines: [{ updatedAt: null }] });
    expect(deps.notifier.sent).toMatchObject([{ severity: 'critical', text: containing('none') }]);
  });
});
