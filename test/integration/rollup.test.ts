import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowHandle } from '@temporalio/client';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { createPostgresLedger, type PostgresLedger } from '../../src/adapters/postgres/ledger';
import { signatureStatement } from '../../activities/bundles';
import { rollupWorkflowId } from '../../src/contract/ids';
import { ROLLUP_MESSAGES, ROLLUP_WORKFLOW } from '../../src/contract/rollup-messages';
import { TASK_QUEUES } from '../../src/contract/queues';
import type { Digest } from '../../src/domain/digest';
import { rollupSettingsOf, type RollupSettings } from '../../src/domain/rollup/policy';
import { waveSizes } from '../../src/domain/rollup/waves';
import { isUnderWay } from '../../src/domain/rollup/next-step';
import { countStates, type RollupReport } from '../../src/domain/rollup/report';
import { BUNDLE_ARTIFACT_TYPE, KEY_IDS } from '../../src/ports/signer';
import { digestOf } from '../support/contracts/ledger-builders';
import { createFakeSigner } from '../support/fakes/signer';
import { addBase, useBase } from '../support/known-bases';
import { openStores, type OpenStores } from '../support/registry-stores';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { pushImage } from '../support/registry-push';
import { startRegistry, type RegistryServer } from '../support/registry-server';
import { startRollupWorker, type RollupWorker } from '../support/rollup-worker';
import type { RollupWorkerInput } from '../support/rollup-worker-main';
import { makeStable } from '../support/stable-release';
import { startDevServer } from '../support/temporal';

/**
 * All real but what takes hours or a cluster: builds push a tiny image, nothing is scanned, signed with real keys, or run. The 200 services
 * of docs/rollups.md take minutes: PLURA_ROLLUP_SERVICES=200.
 */
const COUNT = Number(process.env['PLURA_ROLLUP_SERVICES'] ?? '40');
const MINUTE_MS = 60_000;
jest.setTimeout(15 * MINUTE_MS);

const SETTINGS: RollupSettings = {
  ...rollupSettingsOf({}, 'monthly'),
  ...{ concurrency: 20, soakMs: 500, maxDurationMs: 14 * MINUTE_MS, lookMs: 2_000, retryMs: 2_000 },
};

let postgres: PostgresServer;
let registry: RegistryServer;
let temporal: TestWorkflowEnvironment;

beforeAll(async () => {
  [postgres, registry, temporal] = await Promise.all([
    startPostgres(),
    startRegistry(),
    startDevServer(),
  ]);
});

afterAll(async () => {
  await temporal.teardown();
  await Promise.all([postgres.stop(), registry.stop()]);
});

/** A base as the custodian leaves it. */
async function importBase(repository: string, content: string): Promise<Digest> {
  const layers = [Buffer.from(content)];
  const { digest } = await pushImage({ ...registry, basic: '' }, { repository, layers }, '1');
  const bundle = createFakeSigner().sign(KEY_IDS.bases, signatureStatement(digest), true);
  await createOciRegistry({ url: registry.url }).attach({
    subject: { repository, digest },
    artifactType: BUNDLE_ARTIFACT_TYPE,
    mediaType: BUNDLE_ARTIFACT_TYPE,
    payload: await bundle,
    annotations: {},
  });
  return digest;
}

interface Shop {
  readonly stores: OpenStores;
  readonly ledger: PostgresLedger;
  readonly input: RollupWorkerInput;
  close(): Promise<void>;
}

/** So many services whose prod:stable stands on the older base. */
async function openShop(prefix: string, isBroken: (index: number) => boolean): Promise<Shop> {
  const database = await postgres.freshDatabase();
  const stores = await openStores(database);
  stores.client.on('error', () => undefined);
  const ledger = createPostgresLedger({ connectionString: database });
  const services = Array.from(
    { length: COUNT },
    (_, index) => `${prefix}-${String(index).padStart(3, '0')}`,
  );
  const { baseCatalogue } = stores;
  const older = await importBase('bases/static', 'older');
  await addBase(baseCatalogue, 'go', await importBase('bases/go', 'go'), 1);
  await addBase(baseCatalogue, 'static', older, 1);
  await addBase(baseCatalogue, 'static', await importBase('bases/static', 'newer'), 2);
  for (const svc of services) {
    await makeStable(ledger, svc, digestOf(svc));
    await useBase(baseCatalogue, { svc, digest: digestOf(svc) }, 'static', older);
  }
  const input: RollupWorkerInput = {
    ...{ database, services, registryUrl: registry.url },
    address: temporal.address,
    broken: services.filter((_, index) => isBroken(index)),
  };
  return {
    ...{ stores, ledger, input },
    close: async () => {
      await Promise.all([stores.close(), ledger.close()]);
    },
  };
}

async function startRollup(id: string): Promise<WorkflowHandle> {
  return temporal.client.workflow.start(ROLLUP_WORKFLOW, {
    workflowId: rollupWorkflowId(id),
    taskQueue: TASK_QUEUES.release,
    args: [{ id, cause: { kind: 'monthly' }, only: null, settings: SETTINGS }],
  });
}

/** Looks at a rollup until `found` says so; null while no worker answers. */
async function watch(
  handle: WorkflowHandle,
  found: (report: RollupReport) => boolean,
): Promise<RollupReport> {
  for (;;) {
    const deadline = Date.now() + 5_000;
    const report = await temporal.client
      .withDeadline(deadline, () => handle.query<RollupReport>(ROLLUP_MESSAGES.get))
      .catch(() => null);
    if (report && (found(report) || report.outcome !== null)) return report;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const doneOf = ({ tasks }: RollupReport): number => {
  const { released, failed } = countStates(tasks);
  return released + failed;
};

it(`renews ${COUNT} services in waves, 5 % of which fail, through two kill -9 of the workers`, async () => {
  // One of twenty: of the first wave of 10 as well, below what stops it.
  const shop = await openShop('good', (index) => index % 20 === 3);
  let worker: RollupWorker = await startRollupWorker(shop.input);
  const began = Date.now();
  const handle = await startRollup('good');
  const seen: RollupReport[] = [];
  const look = async (share: number): Promise<void> => {
    seen.push(await watch(handle, (report) => doneOf(report) >= COUNT * share));
  };

  await look(0.1);
  await worker.kill();
  worker = await startRollupWorker(shop.input);
  await look(0.5);
  await worker.kill();
  worker = await startRollupWorker(shop.input);
  const report = (await handle.result()) as RollupReport;
  const tookMs = Date.now() - began;
  await worker.kill();

  // eslint-disable-next-line no-console -- the figure that docs/rollups.md cites
  console.log(`rollup of ${COUNT}: ${Math.round(tookMs / 1000)} s with two kills`);
  const { released, failed } = countStates(report.tasks);
  expect(report).toMatchObject({ outcome: 'done', stopped: null, wave: 3 });
  expect({ released, failed }).toEqual({ released: COUNT * 0.95, failed: COUNT * 0.05 });
  const broken = report.tasks.filter(({ state }) => state === 'failed').map(({ svc }) => svc);
  expect(broken.sort()).toEqual(shop.input.broken);
  const sizes = report.waves.map(({ size }) => size);
  expect(sizes).toEqual(waveSizes(COUNT, SETTINGS.waves));
  expectWaves(report);
  for (const { tasks } of seen) {
    expect(tasks.filter(isUnderWay).length).toBeLessThanOrEqual(SETTINGS.concurrency);
  }
  await expectOnce(shop, report);
  await shop.close();
});

/** No rebuild of a wave began before the last one of the wave before it had ended. */
function expectWaves({ tasks, waves }: RollupReport): void {
  for (const { number } of waves.slice(1)) {
    const before = tasks.filter(({ wave }) => wave === number - 1);
    const own = tasks.filter(({ wave }) => wave === number);
    const lastEnd =
      before
        .map(({ endedAt }) => endedAt ?? '')
        .sort()
        .at(-1) ?? '';
    const firstStart = own.map(({ startedAt }) => startedAt ?? '').sort()[0] ?? '';
    expect(lastEnd <= firstStart).toBe(true);
  }
}

/** The ledger says the same: one release a service, and each channel where the report says. */
async function expectOnce({ stores, ledger }: Shop, report: RollupReport): Promise<void> {
  const { rows } = await stores.client.query<{ readonly runs: string; readonly svc: string }>(
    `SELECT svc, count(DISTINCT release_id) AS runs FROM release_runs
     WHERE status ->> 'requestedBy' = 'system:plura' GROUP BY svc`,
  );
  expect(rows).toHaveLength(COUNT);
  expect(new Set(rows.map(({ runs }) => Number(runs)))).toEqual(new Set([1]));
  const stable = new Map((await stores.rollups.stable(null)).map((one) => [one.svc, one.digest]));
  for (const { svc, state, rebuilt, digest } of report.tasks) {
    expect(stable.get(svc)).toBe(state === 'released' ? rebuilt : digest);
  }
  expect(await stores.rollups.get(report.id)).toEqual(report);
  expect(await ledger.listReleases({ limit: 1 })).toHaveLength(1);
}

it(`holds the rest of ${COUNT} when the first wave is bad`, async () => {
  const shop = await openShop('bad', (index) => index < 3);
  const worker = await startRollupWorker(shop.input);

  const report = (await (await startRollup('bad')).result()) as RollupReport;
  await worker.kill();

  const [first = 0] = waveSizes(COUNT, SETTINGS.waves);
  const { held, failed, released } = countStates(report.tasks);
  expect(report).toMatchObject({ outcome: 'held', stopped: 'condition', wave: 1 });
  expect(failed).toBeGreaterThanOrEqual(SETTINGS.stopAfter.firstWave);
  expect(held).toBeGreaterThanOrEqual(COUNT - first);
  expect(held + failed + released).toBe(COUNT);
  await shop.close();
});
