import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { GcRunReport, ReclaimReport } from '../../src/contract/gc-run-messages';
import { GC_RECLAIM_ID, gcRunWorkflowId } from '../../src/contract/ids';
import type { Digest } from '../../src/domain/digest';
import { createGcCalls } from '../../src/orchestrator/gc-calls';
import { createGcRuns, type GcRuns } from '../../src/orchestrator/gc-runs';
import {
  manifestItem,
  openGcWorld,
  planOf,
  SCRATCH,
  tagItem,
  type GcWorld,
} from '../support/gc-world';
import { startGcWorker, type GcWorker } from '../support/gc-worker';
import { keepHistory } from '../support/keep-history';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { call, pushImage } from '../support/registry-push';
import { startRegistry, type RegistryServer } from '../support/registry-server';
import { startDevServer } from '../support/temporal';
import { toolPath } from '../support/tools';
import { eventually } from '../support/workflow-env';

jest.setTimeout(240_000);

const REPOSITORY = `${SCRATCH}/team/tool`;
const DAY_MS = 86_400_000;
const IMAGES = 12;
/** Two items an image, slow enough to be hit in the middle. */
const RUN = { sliceSize: 200, requestsPerSecond: 10, slackMs: 0, patienceMs: 60_000 };
const RECLAIM = { drainMs: 200, settleMs: 200, collectorMs: 60_000, leaseMs: DAY_MS };

let postgres: PostgresServer;
let backend: RegistryServer;
let temporal: TestWorkflowEnvironment;
let world: GcWorld;
let worker: GcWorker;
let runs: GcRuns;
let folder: string;
let images = 0;

/** The first time it only says who it is and hangs; then it is the real one. */
const collector = (): readonly string[] => [
  'sh',
  '-c',
  `if [ -e ${folder}/hang ]; then rm ${folder}/hang; echo $$ > ${folder}/pid; exec sleep 60; fi; ` +
    `exec ${toolPath('registry')} garbage-collect ${backend.configFile}`,
];

async function startWorker(): Promise<void> {
  worker = await startGcWorker({
    address: temporal.address,
    places: world.places,
    collector: collector(),
    storageDir: backend.storageDir,
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plura-gc-kills-'));
  [postgres, backend, temporal] = await Promise.all([
    startPostgres(),
    startRegistry(),
    startDevServer(),
  ]);
  world = await openGcWorld(postgres, backend);
  runs = createGcRuns(temporal.client, 20_000);
  await startWorker();
});

afterAll(async () => {
  await worker.kill();
  await world.close();
  await temporal.teardown();
  await Promise.all([backend.stop(), postgres.stop()]);
  await rm(folder, { recursive: true, force: true });
});

/** Starts the execution of a plan for images that were pushed for it. */
async function startRun(requestsPerSecond = RUN.requestsPerSecond): Promise<{
  readonly planId: string;
  readonly digests: readonly Digest[];
}> {
  const doomed = [];
  const digests: Digest[] = [];
  for (let left = IMAGES; left > 0; left -= 1) {
    images += 1;
    const tag = `v${images}`;
    const layers = [Buffer.from(`layer ${images}`.padEnd(3000, '.'))];
    const input = { repository: REPOSITORY, user: tag, layers };
    const { digest } = await pushImage(world.access, input, tag);
    digests.push(digest);
    doomed.push(tagItem(REPOSITORY, tag, digest), manifestItem(REPOSITORY, digest));
  }
  await world.age(10 * DAY_MS);
  const plan = planOf(doomed);
  await world.stores.gcPlans.savePlan(plan, 'test');
  const settings = { ...RUN, requestsPerSecond };
  const input = { planId: plan.id, requestedBy: 'test', settings };
  await createGcCalls(temporal.client, 20_000).run(input);
  return { planId: plan.id, digests };
}

const resultOf = <Report>(workflowId: string): Promise<Report> =>
  temporal.client.workflow.getHandle(workflowId).result() as Promise<Report>;

/** For test/replay. */
async function keep(name: string, workflowId: string): Promise<void> {
  const history = await temporal.client.workflow.getHandle(workflowId).fetchHistory();
  keepHistory({ name, workflowId, history });
}

/** Some tags are gone, and not all. */
async function inTheMiddle(digests: readonly Digest[]): Promise<void> {
  await eventually(async () => {
    const there = await world.stores.inventory.tagsOf(REPOSITORY, digests);
    expect(there.length).toBeLessThan(IMAGES - 2);
  });
}

async function allDeleted(planId: string, digests: readonly Digest[]): Promise<void> {
  const report = await resultOf<GcRunReport>(gcRunWorkflowId(planId));
  expect(report).toMatchObject({
    outcome: 'done',
    counts: { deleted: 2 * IMAGES, skipped: 0, failed: 0 },
  });
  for (const digest of digests) {
    expect(await world.deps.catalog.describe(REPOSITORY, digest)).toBeNull();
    expect(await world.stores.tombstones.find(REPOSITORY, digest)).not.toBeNull();
  }
  expect(await world.stores.gcPlans.getPlan(planId)).toMatchObject({ state: 'done' });
}

const pushesOpen = async (): Promise<void> => {
  const path = `/v2/${REPOSITORY}/blobs/uploads/`;
  await eventually(async () => {
    expect((await call(world.access, path, { method: 'POST' })).status).toBe(202);
  });
};

/** A reclaim whose collector hangs. Returns its process. */
async function startHangingReclaim(): Promise<number> {
  await rm(join(folder, 'pid'), { force: true });
  await writeFile(join(folder, 'hang'), '');
  await runs.startReclaim({ settings: RECLAIM, requestedBy: 'test' });
  return eventually(async () => Number(await readFile(join(folder, 'pid'), 'utf8')), 30_000);
}

describe('a plan under way', () => {
  it('goes on where it stopped when its worker is killed', async () => {
    const { planId, digests } = await startRun();
    await inTheMiddle(digests);

    await worker.kill();
    await startWorker();

    await allDeleted(planId, digests);
    await keep('gc-run/worker-killed', gcRunWorkflowId(planId));
  });

  it('waits for a registry that was killed', async () => {
    const { planId, digests } = await startRun();
    await inTheMiddle(digests);

    await backend.kill();
    await sleep(2000);
    await backend.restart();

    await allDeleted(planId, digests);
  });

  it('waits for a database that was lost', async () => {
    const { planId, digests } = await startRun();
    await inTheMiddle(digests);

    await postgres.crash();
    await sleep(2000);
    await postgres.start();

    await allDeleted(planId, digests);
  });

  it('is paused between two items, goes on, and is stopped', async () => {
    const { planId, digests } = await startRun(2);
    const by = { by: 'olga', reason: 'an incident' };
    await inTheMiddle(digests);

    const paused = await runs.order(planId, 'pause', by);
    // It hears of it with a heartbeat.
    await sleep(4000);
    const before = await world.stores.inventory.tagsOf(REPOSITORY, digests);
    await sleep(1000);
    const after = await world.stores.inventory.tagsOf(REPOSITORY, digests);
    await runs.order(planId, 'resume', by);
    await runs.order(planId, 'cancel', by);
    const report = await resultOf<GcRunReport>(gcRunWorkflowId(planId));

    expect(paused).toMatchObject({ paused: true });
    expect(after).toEqual(before);
    expect(report).toMatchObject({ outcome: 'stopped', reason: 'cancelled by olga: an incident' });
    expect(report.counts.deleted).toBeLessThan(2 * IMAGES);
    expect(await world.stores.gcPlans.getPlan(planId)).toMatchObject({
      state: 'stopped',
      settled: report.counts,
    });
    await keep('gc-run/paused-and-stopped', gcRunWorkflowId(planId));
  });
});

describe('a reclaim under way', () => {
  it('is begun anew when its worker is killed, whose collector dies with it', async () => {
    const pid = await startHangingReclaim();

    await worker.kill();
    const died = await eventually(() => {
      expect(existsSync(`/proc/${pid}`)).toBe(false);
      return true;
    });
    await startWorker();

    expect(died).toBe(true);
    expect(await resultOf<ReclaimReport>(GC_RECLAIM_ID)).toMatchObject({ outcome: 'done' });
    await pushesOpen();
    await keep('gc-reclaim/begun-anew', GC_RECLAIM_ID);
  });

  it('ends as failed when its collector is killed, and pushes are open', async () => {
    const pid = await startHangingReclaim();

    process.kill(pid, 'SIGKILL');

    expect(await resultOf<ReclaimReport>(GC_RECLAIM_ID)).toMatchObject({ outcome: 'failed' });
    await pushesOpen();
    await keep('gc-reclaim/failed', GC_RECLAIM_ID);
  });

  it('ends when it is cancelled, and pushes are open', async () => {
    const pid = await startHangingReclaim();

    expect(await runs.cancelReclaim()).toBe(true);

    expect(await resultOf<ReclaimReport>(GC_RECLAIM_ID)).toMatchObject({ outcome: 'failed' });
    expect(existsSync(`/proc/${pid}`)).toBe(false);
    await pushesOpen();
  });

  it('opens pushes once a lost database is back', async () => {
    const pid = await startHangingReclaim();
    await postgres.crash();
    process.kill(pid, 'SIGKILL');
    await sleep(3000);

    await postgres.start();

    await resultOf<ReclaimReport>(GC_RECLAIM_ID);
    await pushesOpen();
  });

  it('needs no registry that runs', async () => {
    const pid = await startHangingReclaim();
    await backend.kill();
    process.kill(pid, 'SIGKILL');
    await backend.restart();

    await resultOf<ReclaimReport>(GC_RECLAIM_ID);
    await pushesOpen();
    await runs.startReclaim({ settings: RECLAIM, requestedBy: 'test' });

    expect(await resultOf<ReclaimReport>(GC_RECLAIM_ID)).toMatchObject({ outcome: 'done' });
    const [newest] = await world.stores.reclaims.list(1);
    expect(newest?.leaseManifests).toEqual([]);
  });
});
