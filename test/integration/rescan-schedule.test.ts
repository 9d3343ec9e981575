import { Client } from '@temporalio/client';
import type { RescanReport } from '../../src/contract/messages';
import { RESCAN_ID } from '../../src/contract/ids';
import { ensureRescanSchedule } from '../../src/orchestrator/rescan-schedule';
import { createOrchestrator } from '../../src/orchestrator/temporal-orchestrator';
import { createTestApi, type TestApi } from '../support/api-app';
import { CATALOG } from '../support/api-fixtures';
import { runPlura, type CliRun } from '../support/cli-run';
import { useDevServer } from '../support/dev-server';
import { createFakeDeps, type FakeDeps } from '../support/fake-deps';
import { HIGH_FINDING } from '../support/fakes/scanner';
import { containing } from '../support/matchers';
import { keepImage, KEPT_REPOSITORY, rescanSettings } from '../support/rescan-world';
import { eventually } from '../support/workflow-env';

jest.setTimeout(90_000);

const SHOP = { ...CATALOG[0]!, svc: 'shop', name: 'web' };
const LONG_AGO = '2026-01-01T00:00:00.000Z';

describe('rescans by their Schedule', () => {
  const server = useDevServer();
  let api: TestApi;
  let deps: FakeDeps;

  beforeAll(async () => {
    deps = await createFakeDeps({ scanner: { findings: [HIGH_FINDING] } });
    for (const svc of ['', 'shop']) server.workers.use(svc, deps);
    api = await createTestApi({
      ledger: deps.ledger,
      rescans: deps.rescans,
      catalog: [SHOP],
      orchestrator: createOrchestrator({
        client: server.environment.client,
        deadlineMs: 10_000,
        rollbackDeadlineMs: 20_000,
      }),
    });
  });

  afterAll(async () => {
    await api.app.close();
  });

  const plura = (...args: readonly string[]): Promise<CliRun> =>
    runPlura(api, ['reg', 'rescan', ...args], { as: 'olga', roles: ['operator'] });

  function untilDone(): Promise<RescanReport> {
    return eventually(async () => {
      const { last, running } = await api.deps.orchestrator.rescans.overview();
      if (running || !last?.report) throw new Error('not yet');
      return last.report;
    }, 30_000);
  }

  it('does nothing before a worker has made the Schedule', async () => {
    expect(await plura()).toMatchObject({ exit: 0, stdout: containing('none yet') });
    expect(await plura('--now')).toMatchObject({ exit: 7, stderr: containing(RESCAN_ID) });
  });

  it('runs on its Schedule, and shows what it found', async () => {
    const digest = await keepImage(deps, 'one', LONG_AGO);
    const worker = new Client({ connection: server.environment.nativeConnection });
    await ensureRescanSchedule(worker, 3_600_000, rescanSettings());
    await ensureRescanSchedule(worker, 7_200_000, rescanSettings());

    expect(await plura('--now')).toMatchObject({ exit: 0, stdout: containing('Started') });
    const report = await untilDone();

    const { spec, policies } = await server.environment.client.schedule
      .getHandle(RESCAN_ID)
      .describe();
    expect(spec.intervals).toMatchObject([{ every: 7_200_000 }]);
    expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 60_000 });
    expect(report).toMatchObject({ outcome: 'bad', counts: { scanned: 1, bad: 1, alarmed: 1 } });
    expect((await plura()).stdout).toContain(digest);
  });

  it('scans one image now, by a run beside the Schedule', async () => {
    const image = `${KEPT_REPOSITORY}@${await keepImage(deps, 'two', LONG_AGO)}`;

    expect(await plura(image, '--now')).toMatchObject({ exit: 0, stdout: containing('Started') });
    await eventually(async () => {
      expect((await plura(image)).stdout).toContain('fail');
    }, 30_000);

    expect((await plura('shop')).stdout).toContain('rollback-window');
  });
});
