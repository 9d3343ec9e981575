import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Client } from 'pg';
import { openAdvisoryDatabase } from '../../src/adapters/trivy/advisory-database';
import { createTrivyScanner } from '../../src/adapters/trivy/scanner';
import { inParallel } from '../../src/contract/in-parallel';
import { componentsOf } from '../../src/domain/advisories/sbom-components';
import { seedDatabase } from '../../src/local/seed/database';
import { openStores, type OpenStores } from '../support/registry-stores';
import { startPostgres } from '../support/postgres-server';
import { writeChannels } from './advisory-channels';
import { makeAdvisories, nextAdvisories, writeAdvisories } from './advisory-databases';
import { fleetImages, type FleetImage, type FleetShape } from './advisory-fleet';
import { matchAll, type MatchParts } from './advisory-match';
import { withStack } from './bench-stack';
import type { Benchmark, BenchContext } from './benchmark';
import { median, percentile, rounded } from './statistics';

interface Plan {
  readonly shape: FleetShape;
  /** In the first database, and changed in the second. */
  readonly advisories: number;
  readonly changes: number;
  readonly questions: number;
  readonly scans: number;
}

const FULL: Plan = {
  shape: { services: 250, releases: 40 },
  ...{ advisories: 40_000, changes: 1000, questions: 400, scans: 30 },
};
const QUICK: Plan = {
  shape: { services: 50, releases: 10 },
  ...{ advisories: 40_000, changes: 1000, questions: 100, scans: 5 },
};

interface Bench {
  readonly context: BenchContext;
  readonly plan: Plan;
  readonly folder: string;
  readonly stores: OpenStores;
  readonly trivy: string;
  readonly boltFixtures: string;
}

const T0 = '2026-01-01T00:00:00.000Z';
const secondsSince = (startMs: number): number => (performance.now() - startMs) / 1000;

const TOGETHER = 100;
/** As the backfill of the watch has it. */
const PARALLEL = 4;

function* chunksOf<T>(all: Iterable<T>): Generator<readonly T[]> {
  let chunk: T[] = [];
  for (const one of all) {
    chunk.push(one);
    if (chunk.length < TOGETHER) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** Read the SBOM, write what it lists. */
async function index({ plan, stores, context }: Bench): Promise<{
  readonly digests: number;
  readonly links: number;
  readonly seconds: number;
  readonly sample: readonly FleetImage[];
}> {
  const every = Math.floor((plan.shape.services * plan.shape.releases) / plan.scans);
  const sample: FleetImage[] = [];
  let digests = 0;
  let links = 0;
  let seconds = 0;
  for (const images of chunksOf(fleetImages(plan.shape))) {
    context.signal.throwIfAborted();
    const startMs = performance.now();
    await inParallel(images, PARALLEL, async ({ digest, document }) => {
      const found = componentsOf(document);
      await stores.componentIndex.put({ digest, sbom: digest, ...found, at: T0 });
      links += found.components.length;
    });
    seconds += secondsSince(startMs);
    for (const image of images) {
      if (digests % every === 0 && sample.length < plan.scans) sample.push(image);
      digests += 1;
    }
  }
  return { digests, links, seconds, sample };
}

async function bytesOf(client: Client): Promise<number> {
  await client.query('VACUUM (ANALYZE)');
  const { rows } = await client.query<{ readonly bytes: string }>(
    `SELECT sum(pg_total_relation_size(name::regclass)) AS bytes FROM unnest(
       ARRAY['component_packages', 'components', 'component_digests']) AS one (name)`,
  );
  return Number(rows[0]?.bytes);
}

async function databaseParts(
  { folder, trivy, boltFixtures, stores }: Bench,
  name: string,
  advisories: Parameters<typeof writeAdvisories>[1],
): Promise<MatchParts> {
  const stateDir = path.join(folder, name);
  const written = await writeAdvisories(path.join(stateDir, 'yaml'), advisories);
  const seeded = await seedDatabase({ stateDir, boltFixtures, advisories: written });
  const { cacheDir, canaryId, canarySbomFile } = seeded;
  const scanner = createTrivyScanner({
    ...{ trivy, cacheDir, canaryId, canarySbom: await readFile(canarySbomFile) },
    ...{ registryHost: '127.0.0.1:1', insecure: true, timeoutMs: 60_000 },
  });
  const openDatabase = (): ReturnType<typeof openAdvisoryDatabase> =>
    openAdvisoryDatabase(path.join(cacheDir, 'db'));
  return { scanner, stores, openAdvisoryDatabase: openDatabase };
}

/** From the question to the digests with their channels, each about another advisory that hits something. */
async function ask({ plan, stores, context }: Bench): Promise<readonly number[]> {
  const { rows } = await stores.client.query<{ readonly advisory: string }>(
    `SELECT advisory FROM (SELECT DISTINCT advisory FROM advisory_matches) one
     ORDER BY md5(advisory) LIMIT $1`,
    [plan.questions],
  );
  const times: number[] = [];
  let most = 0;
  for (const { advisory: id } of rows) {
    const startMs = performance.now();
    const { total } = await stores.advisoryMatches.impact({ kind: 'advisory', id }, 5000);
    times.push(performance.now() - startMs);
    most = Math.max(most, total);
  }
  context.say(
    `${times.length} advisories asked after, of which one hits ${most} digests: median ${rounded(median(times), 1)} ms, at most ${rounded(Math.max(...times))} ms`,
  );
  return times;
}

async function scanSample(
  { folder, context }: Bench,
  { scanner }: MatchParts,
  sample: readonly FleetImage[],
): Promise<number> {
  const times: number[] = [];
  for (const { document } of sample) {
    context.signal.throwIfAborted();
    const sbom = Buffer.from(JSON.stringify(document));
    await writeFile(path.join(folder, 'sbom.json'), sbom);
    const startMs = performance.now();
    await scanner.scanSbom(sbom, context.signal);
    times.push(secondsSince(startMs));
  }
  return median(times);
}

async function measure(bench: Bench): ReturnType<Benchmark> {
  const { context, plan, stores } = bench;
  const { digests, links, seconds, sample } = await index(bench);
  const bytes = await bytesOf(stores.client);
  const { components } = await stores.componentIndex.counts();
  context.say(`${digests} digests of ${links} components, ${components} different ones`);
  context.say(`  indexed in ${rounded(seconds, 1)} s, ${rounded(bytes / 1e6, 1)} MB`);
  await writeChannels(stores.client, plan.shape);
  const before = makeAdvisories(plan.advisories);
  const first = await matchAll(await databaseParts(bench, 'first', before), context.signal);
  context.say(`first database: ${first.appeared} matches in ${rounded(first.seconds, 1)} s`);
  const next = await databaseParts(bench, 'next', nextAdvisories(before, plan.changes));
  const second = await matchAll(next, context.signal);
  context.say(
    `new database: ${second.matched} of ${second.looked} packages have other advisories, ${second.hits} hits in channels, ${rounded(second.seconds, 1)} s`,
  );
  const times = await ask(bench);
  const scanSeconds = await scanSample(bench, next, sample);
  const scaled = scanSeconds * digests;
  context.say(`trivy sbom takes ${rounded(scanSeconds * 1000)} ms a digest`);
  return {
    digests,
    components: rounded(links / digests),
    distinct_components: components,
    one_p95_ms: rounded(percentile(times, 0.95), 1),
    database_s: rounded(second.seconds, 2),
    first_database_s: rounded(first.seconds, 2),
    trivy_s_scaled: rounded(scaled),
    vs_trivy: rounded(scaled / second.seconds),
    index_per_s: rounded(links / seconds),
    bytes_per_component: rounded(bytes / links, 1),
  };
}

/** Ten thousand digests in the index: one advisory, a new database, and beside it the scanner on each SBOM. */
export const advisory: Benchmark = (context) =>
  withStack(context, { only: [], moreTools: ['trivy', 'bolt-fixtures'] }, async ({ stack }) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'plura-bench-advisory-'));
    const postgres = await startPostgres();
    const stores = await openStores(await postgres.freshDatabase());
    try {
      const [trivy, boltFixtures] = await Promise.all([
        stack.toolchain.path('trivy'),
        stack.toolchain.path('bolt-fixtures'),
      ]);
      const plan = context.quick ? QUICK : FULL;
      return await measure({ context, plan, folder, stores, trivy, boltFixtures });
    } finally {
      await stores.close();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
