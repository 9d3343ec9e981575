import { createHash } from 'node:crypto';
import { createReclaimActivities } from '../../activities/gc-reclaim';
import { createGcRunActivities } from '../../activities/gc-run';
import { createCommandCollector } from '../../src/adapters/collector/command-collector';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { createOciRegistryCatalog } from '../../src/adapters/oci/registry-catalog';
import { createPostgresInventorySource } from '../../src/adapters/postgres/gc-inventory';
import { GraphBuilder } from '../../src/domain/gc/builder';
import { planGc } from '../../src/domain/gc/make-plan';
import { retentionOf, type GcPolicy } from '../../src/domain/gc/retention';
import { runActivity } from '../support/activity-env';
import { createFakeDeps, type FakeDeps } from '../support/fake-deps';
import { startGateway, type GatewayServer } from '../support/gateway-server';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { call } from '../support/registry-push';
import { startRegistry, type RegistryServer } from '../support/registry-server';
import { openStores, type OpenStores } from '../support/registry-stores';
import { createSoakCounts, pullWhole, soakImage, soakPush } from '../support/soak-pusher';
import { toolPath } from '../support/tools';

/** The real one: PLURA_SOAK_PUSHES=20000. */
const PUSHES = Number(process.env['PLURA_SOAK_PUSHES'] ?? '250');
const IS_LONG = PUSHES > 2000;
jest.setTimeout(180_000 + PUSHES * 360);

const PUSHERS = IS_LONG ? 16 : 8;
/** Between two reclaims. */
const RECLAIM_EVERY_MS = IS_LONG ? 30_000 : 3_000;
const PLAN_EVERY_MS = IS_LONG ? 4_000 : 1_000;
const PULL_EVERY_MS = IS_LONG ? 100 : 20;
const REPOSITORIES = Array.from({ length: 6 }, (_, index) => `scratch/soak/r${index}`);
/** A day and a week, for a test: longer than any push takes, closed registry included. */
const WINDOW_MS = IS_LONG ? 20_000 : 5_000;
const RECLAIM = {
  ...{ drainMs: 300, settleMs: 300, collectorMs: 120_000 },
  leaseMs: WINDOW_MS,
};
const NEVER = { windows: retentionOf({}).windows, facts: { roots: [], reaches: [], missing: [] } };

let postgres: PostgresServer;
let backend: RegistryServer;
let gateway: GatewayServer;
let stores: OpenStores;
let database: string;
let deps: FakeDeps;

beforeAll(async () => {
  [postgres, backend] = await Promise.all([startPostgres(), startRegistry()]);
  database = await postgres.freshDatabase();
  stores = await openStores(database);
  const all = { repositories: '**', actions: ['pull', 'push', 'delete'] } as const;
  // In this process, so that what a gateway remembers fits the short times of the test.
  gateway = await startGateway({
    backendUrl: backend.url,
    robots: [
      { name: 'pusher', scopes: [{ ...all, actions: ['pull', 'push'] }] },
      { name: 'retention', kind: 'system', scopes: [all] },
    ],
    policy: { open: ['scratch'] },
    inventory: stores.inventory,
    deps: { uploads: stores.uploads, rememberedMs: 1000 },
  });
  const { inventory, pendingPushes, gcPlans, gcItemFacts, tombstones, reclaims } = stores;
  const credentials = { username: 'retention', password: gateway.secret('retention') };
  deps = {
    ...(await createFakeDeps()),
    ...{ inventory, pendingPushes, gcPlans, gcItemFacts, tombstones, reclaims },
    retention: createOciRegistry({ url: gateway.url, credentials }),
    backend: createOciRegistry({ url: backend.url }),
    catalog: createOciRegistryCatalog({ url: backend.url, requestsPerSecond: 10_000 }),
    gatewayState: gateway.deps.state,
    uploadLeases: stores.uploads,
    reclaimer: createCommandCollector({
      command: [toolPath('registry'), 'garbage-collect', backend.configFile],
      storageDir: backend.storageDir,
    }),
  } as unknown as FakeDeps;
});

afterAll(async () => {
  await gateway.close();
  await stores.close();
  await Promise.all([backend.stop(), postgres.stop()]);
});

const POLICY: GcPolicy = {
  registry: { open: ['scratch'] },
  retention: {
    ...retentionOf({}),
    windows: { ...NEVER.windows, inactiveMs: WINDOW_MS },
    keepLast: 0,
    untaggedGraceMs: WINDOW_MS,
  },
};

const sha256 = (text: Iterable<string>): string => {
  const hash = createHash('sha256');
  for (const one of text) hash.update(one);
  return hash.digest('hex');
};

/** By the product's own planner, and executed as the workflow does. Returns how many items went, and how many stayed. */
async function planAndRun(): Promise<{ readonly deleted: number; readonly skipped: number }> {
  const builder = new GraphBuilder();
  const source = createPostgresInventorySource({ connectionString: database });
  const read = await source.read(builder, new AbortController().signal);
  const plan = planGc({
    ...{ graph: builder.build(), facts: NEVER.facts, policy: POLICY, nowMs: read.readAtMs },
    ...{ policyHash: `sha256:${sha256(['policy'])}`, repository: null, eventGapMs: 0, sha256 },
  });
  await stores.gcPlans.savePlan({ ...plan, breaches: [] }, 'soak');
  const activities = createGcRunActivities(deps);
  const planId = plan.id;
  await runActivity(activities, 'beginGcPlan', { planId, runId: planId });
  const settings = { sliceSize: 500, requestsPerSecond: 1000, slackMs: 1500, patienceMs: 0 };
  let next: number | null = 0;
  while (next !== null) {
    const from: number = next;
    const slice = runActivity(activities, 'executeGcSlice', { planId, from, settings });
    next = await slice.then(
      (done) => done.next,
      (error: unknown) => {
        // Sealed just now: as the workflow, try again.
        if (String(error).includes('closed')) return from;
        throw error;
      },
    );
  }
  return runActivity(activities, 'endGcPlan', { planId, state: 'done' });
}

async function reclaim(number: number): Promise<number> {
  const activities = createReclaimActivities(deps);
  const input = { id: `soak ${number}`, settings: RECLAIM };
  const { outcome, beforeBytes, afterBytes } = await runActivity(
    activities,
    'reclaimStorage',
    input,
  );
  if (outcome === 'not-drained') return 0;
  expect(outcome).toBe('done');
  if (beforeBytes === null || afterBytes === null) throw new Error('the disk was not measured');
  return beforeBytes - afterBytes;
}

async function tagsOf(repository: string): Promise<readonly string[]> {
  const access = { url: gateway.url, basic: gateway.basic('pusher') };
  const answer = await call(access, `/v2/${repository}/tags/list`);
  if (answer.status === 404) return [];
  return ((await answer.json()) as { readonly tags: readonly string[] | null }).tags ?? [];
}

it(`loses nothing in ${PUSHES} pushes while plans run and disk is reclaimed`, async () => {
  const counts = createSoakCounts();
  const access = { url: gateway.url, basic: gateway.basic('pusher') };
  const figures = { plans: 0, deleted: 0, kept: 0, reclaims: 0, freed: 0, pulls: 0 };
  const broken: string[] = [];
  const startedAt = performance.now();
  let next = 0;
  let over = false;

  const pusher = async (): Promise<void> => {
    for (let turn = next++; turn < PUSHES; turn = next++) {
      // Two of three are new; the others were pushed before, and may be on their way out.
      const seed = turn % 3 === 0 ? Math.floor(turn * 0.6) : turn;
      const repository = REPOSITORIES[seed % REPOSITORIES.length] ?? '';
      const from = REPOSITORIES[(seed + 1) % REPOSITORIES.length] ?? '';
      const push = { repository, from, image: soakImage(repository, seed), tag: `t${seed}` };
      await soakPush(access, counts, push);
      if (!IS_LONG) await new Promise((resolve) => setTimeout(resolve, 150));
    }
  };
  const puller = async (): Promise<void> => {
    for (let turn = 0; !over; turn += 1) {
      const repository = REPOSITORIES[turn % REPOSITORIES.length] ?? '';
      const tag = `t${Math.floor(Math.random() * Math.max(1, next))}`;
      const wrong = await pullWhole(access, repository, tag);
      figures.pulls += 1;
      // Deleted before or while it was pulled: then the tag is gone too.
      if (wrong.length > 0 && (await tagsOf(repository)).includes(tag)) {
        const again = await pullWhole(access, repository, tag);
        if (again.length > 0 && (await tagsOf(repository)).includes(tag)) broken.push(...again);
      }
      await new Promise((resolve) => setTimeout(resolve, PULL_EVERY_MS));
    }
  };
  const cleaner = async (): Promise<void> => {
    while (!over) {
      await new Promise((resolve) => setTimeout(resolve, PLAN_EVERY_MS));
      const { deleted, skipped } = await planAndRun();
      figures.plans += 1;
      figures.deleted += deleted;
      figures.kept += skipped;
    }
  };
  const reclaimer = async (): Promise<void> => {
    while (!over) {
      await new Promise((resolve) => setTimeout(resolve, RECLAIM_EVERY_MS));
      figures.reclaims += 1;
      figures.freed += await reclaim(figures.reclaims);
    }
  };

  const others = Promise.all([puller(), cleaner(), reclaimer()]);
  await Promise.all(Array.from({ length: PUSHERS }, pusher));
  over = true;
  await others;
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  let tags = 0;
  for (const repository of REPOSITORIES) {
    for (const tag of await tagsOf(repository)) {
      tags += 1;
      broken.push(...(await pullWhole(access, repository, tag)));
    }
  }
  const { unknown, failed, ...sums } = counts;
  process.stdout.write(`soak: ${JSON.stringify({ ...sums, ...figures, tags, seconds })}\n`);

  expect({ unknown, failed, broken }).toEqual({ unknown: [], failed: [], broken: [] });
  expect(figures.deleted).toBeGreaterThan(0);
  expect(figures.freed).toBeGreaterThan(0);
});
