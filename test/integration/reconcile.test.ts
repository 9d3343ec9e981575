import { Client } from '@temporalio/client';
import type { Deps } from '../../activities';
import { createOciRegistryCatalog } from '../../src/adapters/oci/registry-catalog';
import {
  createPostgresRegistryStores,
  type PostgresRegistryStores,
} from '../../src/adapters/postgres/registry-stores';
import { RECONCILE_ID } from '../../src/contract/ids';
import type { ReconcileReport, ScheduleOverview } from '../../src/contract/messages';
import type { Role } from '../../src/domain/actor';
import type { Digest } from '../../src/domain/digest';
import { UNKNOWN_ACTOR } from '../../src/domain/registry/drift';
import { ensureReconcileSchedule } from '../../src/orchestrator/reconcile-schedule';
import { createOrchestrator } from '../../src/orchestrator/temporal-orchestrator';
import type { PushRecord } from '../../src/ports/inventory';
import type { RegistryCatalog } from '../../src/ports/registry-catalog';
import { createTestApi, type TestApi } from '../support/api-app';
import { runPlura, type CliRun } from '../support/cli-run';
import { useDevServer } from '../support/dev-server';
import { createFakeDeps, type FakeDeps } from '../support/fake-deps';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { pushTestImage, startRegistry, type RegistryServer } from '../support/registry-server';
import { eventually } from '../support/workflow-env';
import { containing } from '../support/matchers';

jest.setTimeout(90_000);

const APP = 'apps/shop/shop';
const TAG = '1.0.0_abc1234';
const SETTINGS = {
  everyMs: 3_600_000,
  confirmAfterMs: 100,
  pendingAfterMs: 0,
  manifestShares: 1,
  maxForgotten: 10,
};

describe('the reconcile of the registry', () => {
  const server = useDevServer();
  let postgres: PostgresServer;
  let registry: RegistryServer;
  let stores: PostgresRegistryStores;
  let catalog: RegistryCatalog;
  let api: TestApi;
  let deps: FakeDeps;

  beforeAll(async () => {
    [postgres, registry] = await Promise.all([startPostgres(), startRegistry()]);
    stores = createPostgresRegistryStores({ connectionString: await postgres.freshDatabase() });
    catalog = createOciRegistryCatalog({ url: registry.url, requestsPerSecond: 1000 });
    const { inventory, pendingPushes } = stores;
    deps = await createFakeDeps();
    const real: Deps = { ...deps, catalog, inventory, pendingPushes };
    for (const svc of ['', 'shop']) server.workers.use(svc, real);
    api = await createTestApi({
      ledger: deps.ledger,
      orchestrator: createOrchestrator({
        client: server.environment.client,
        deadlineMs: 10_000,
        rollbackDeadlineMs: 20_000,
      }),
    });
  });

  afterAll(async () => {
    await api.app.close();
    await stores.close();
    await Promise.all([postgres.stop(), registry.stop()]);
  });

  const plura = (args: readonly string[], roles: readonly Role[] = ['operator']): Promise<CliRun> =>
    runPlura(api, ['reg', 'reconcile', ...args], { as: 'olga', roles: [...roles] });
  const overview = (): Promise<ScheduleOverview<ReconcileReport>> =>
    api.deps.orchestrator.reconcile.overview();
  const push = (user: string, index = false): Promise<Digest> =>
    pushTestImage(registry.url, { repository: APP, user, index });

  /** Runs once, and waits for its end. */
  async function run(): Promise<ReconcileReport> {
    const before = (await overview()).last?.workflowId;
    // Runs are named by the second.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await plura(['run'])).toMatchObject({
      exit: 0,
      stdout: containing('Started'),
    });
    return eventually(async () => {
      const { last, running } = await overview();
      if (running || !last?.report || last.workflowId === before) throw new Error('not yet');
      return last.report;
    }, 30_000);
  }

  it('does nothing before a worker has made the Schedule', async () => {
    const status = await plura(['status']);
    const started = await plura(['run']);

    expect(status).toMatchObject({ exit: 0, stdout: containing('none yet') });
    expect(started).toMatchObject({ exit: 7, stderr: containing(RECONCILE_ID) });
  });

  it('is made once, set anew by each worker, and stays paused when it was', async () => {
    const { client } = server.environment;
    // As the worker has it.
    const worker = new Client({ connection: server.environment.nativeConnection });
    await ensureReconcileSchedule(worker, SETTINGS);
    const handle = client.schedule.getHandle(RECONCILE_ID);
    await handle.pause('storage is being moved');

    await ensureReconcileSchedule(worker, { ...SETTINGS, everyMs: 7_200_000 });

    const { spec, policies, state } = await handle.describe();
    expect(spec.intervals).toMatchObject([{ every: 7_200_000 }]);
    expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 60_000 });
    expect(state).toMatchObject({ paused: true, note: 'storage is being moved' });
    expect((await plura(['status'])).stdout).toContain('paused, storage is being moved');
    await handle.unpause();
    await ensureReconcileSchedule(client, SETTINGS);
  });

  it('repairs a registry that was written around the gateway, and says what it did', async () => {
    const { inventory } = stores;
    const ours = await push('ours');
    await catalog.putTag({ repository: APP, digest: ours }, TAG);
    const record: PushRecord = {
      ...{ id: 'one', repository: APP, digest: ours, tag: TAG, writeOnce: true, actor: 'builder' },
      ...{ mediaType: 'application/vnd.oci.image.manifest.v1+json', artifactType: null },
      ...{ size: 400, subject: null, edges: [], at: '2026-01-01T00:00:00.000Z' },
    };
    await inventory.beginPush(record);
    await inventory.completePush(record);
    expect(await run()).toMatchObject({ outcome: 'clean', counts: { repositories: 1, tags: 1 } });

    const intruder = await push('intruder');
    await catalog.putTag({ repository: APP, digest: intruder }, TAG);
    const unseen = await push('unseen', true);
    await catalog.putTag({ repository: APP, digest: unseen }, '2.0.0_abc1234');
    const report = await run();

    expect(report).toMatchObject({
      outcome: 'drift',
      counts: { drift: 2, repaired: 2, around: 1, alarmed: 1, errors: 0 },
    });
    expect(await catalog.describe(APP, TAG)).toMatchObject({ digest: ours });
    expect(await inventory.getTag(APP, '2.0.0_abc1234')).toMatchObject({
      digest: unseen,
      pushedBy: UNKNOWN_ACTOR,
      writeOnce: true,
    });
    expect(await inventory.getManifest(APP, intruder)).not.toBeNull();
    const events = await inventory.listEvents({ limit: 10 });
    expect(events.map(({ kind }) => kind).sort()).toEqual(['around-gateway', 'drift']);
    expect(deps.notifier.sent).toHaveLength(2);
    const { stdout } = await plura(['status']);
    expect(stdout).toContain('drift 2, repaired 2, around 1, alarmed 1');
    expect(stdout).toContain(`put back to ${ours}`);
    expect(await run()).toMatchObject({ outcome: 'clean' });
  });

  it('notes a tag that the registry lost, and settles a push that never ended', async () => {
    const { inventory } = stores;
    const lost = await push('lost');
    const record: PushRecord = {
      ...{ id: 'two', repository: APP, digest: lost, tag: '3.0.0_abc1234', writeOnce: true },
      ...{ mediaType: 'application/vnd.oci.image.manifest.v1+json', artifactType: null },
      ...{ size: 400, subject: null, edges: [], at: '2026-01-01T00:00:00.000Z', actor: 'builder' },
    };
    await inventory.beginPush(record);
    const response = await fetch(`${registry.url}/v2/${APP}/manifests/2.0.0_abc1234`, {
      method: 'DELETE',
    });
    expect(response.ok).toBe(true);

    const report = await run();

    expect(report).toMatchObject({ outcome: 'drift', counts: { settled: 1, repaired: 1 } });
    expect(await inventory.getTag(APP, '2.0.0_abc1234')).toBeNull();
    expect(
      await stores.pendingPushes.listPending({ before: '2999-01-01T00:00:00Z', limit: 9 }),
    ).toEqual([]);
  });

  it('is started by operators alone', async () => {
    expect(await plura(['run'], ['viewer'])).toMatchObject({ exit: 6 });
  });
});
