import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Json } from '../../src/domain/verdict';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { withStack } from './bench-stack';
import type { Benchmark, BenchContext } from './benchmark';
import { writeDistribution } from './gc-disk';
import { GcResult, type GcJob } from './gc-jobs';
import type { Oracle } from './gc-oracle';
import { timePeer } from './gc-peer';
import { writeRows } from './gc-rows';
import { makeStore, USUAL_SHAPE, type Store } from './gc-store';
import { runLoad } from './load-process';
import { exponentOf, median, rounded } from './statistics';

interface Size {
  readonly n: number;
  readonly rounds: number;
}

interface Plan {
  readonly sizes: readonly Size[];
  /** Warm only. */
  readonly large: number;
}

const FULL: Plan = {
  sizes: [
    { n: 1000, rounds: 7 },
    { n: 10_000, rounds: 5 },
    { n: 100_000, rounds: 3 },
  ],
  large: 1_000_000,
};
const QUICK: Plan = {
  sizes: [
    { n: 1000, rounds: 3 },
    { n: 10_000, rounds: 1 },
  ],
  large: 100_000,
};
const LARGE_ROUNDS = 3;

interface Bench {
  readonly context: BenchContext;
  readonly folder: string;
  readonly postgres: PostgresServer;
  readonly nowMs: number;
}

interface Errors {
  readonly falseDeletes: number;
  readonly falseKeeps: number;
}

interface Ours extends Errors {
  readonly seconds: number;
  readonly readSeconds: number;
  readonly peakRssMb: number;
}

const storeOf = ({ nowMs }: Bench, manifests: number): Store =>
  makeStore({ ...USUAL_SHAPE, manifests, nowMs });

async function compare(itemsFile: string, { gone }: Oracle): Promise<Errors> {
  let right = 0;
  let falseDeletes = 0;
  for await (const name of createInterface(createReadStream(itemsFile))) {
    if (gone.has(name)) right += 1;
    else falseDeletes += 1;
  }
  return { falseDeletes, falseKeeps: gone.size - right };
}

/** @throws Error when it did not see the whole store, or another sum of bytes than the store was made with. */
async function timeOurs(
  { context, folder, nowMs }: Bench,
  store: Store,
  where:
    | { readonly kind: 'cold'; readonly storageDir: string }
    | { readonly kind: 'warm'; readonly connectionString: string },
): Promise<Ours> {
  const itemsFile = path.join(folder, 'items');
  const channels = store.roots().map(({ digest }) => digest);
  const job: GcJob = { ...where, nowMs, channels, itemsFile };
  const result = await runLoad('gc-load', GcResult, job, context.signal);
  const oracle = store.oracle();
  if (result.manifests !== oracle.manifests || result.unknown !== 0) {
    throw new Error(
      `${where.kind}: ${result.manifests} of ${oracle.manifests} manifests were seen`,
    );
  }
  const errors = await compare(itemsFile, oracle);
  if (errors.falseDeletes + errors.falseKeeps === 0 && result.freeBytes !== oracle.freeBytes) {
    throw new Error(`${where.kind}: ${result.freeBytes} bytes are not ${oracle.freeBytes}`);
  }
  return { ...result, ...errors };
}

interface Measured {
  readonly n: number;
  readonly cold_s: number;
  readonly warm_s: number;
  readonly peer_s: number;
  readonly peer_ratio_cold: number;
  readonly rss_mb: number;
  readonly false_deletes: number;
  readonly false_keeps: number;
}

async function measureSize(bench: Bench, registry: string, { n, rounds }: Size): Promise<Measured> {
  const { context, folder, postgres } = bench;
  const storageDir = path.join(folder, `store-${n}`);
  await mkdir(storageDir);
  const store = storeOf(bench, n);
  writeDistribution(storageDir, store);
  const connectionString = await postgres.freshDatabase();
  await writeRows(connectionString, storeOf(bench, n), { indexes: true });
  const { manifests, tags, edges, gone } = store.oracle();
  context.say(
    `a store of ${manifests} manifests, ${tags} tags and ${edges} edges, of which ${gone.size} have to go`,
  );
  const peers: number[] = [];
  const colds: Ours[] = [];
  const warms: Ours[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const peer = async (): Promise<void> => {
      peers.push(await timePeer(registry, folder, storageDir, context.signal));
    };
    if (round % 2 === 0) await peer();
    colds.push(await timeOurs(bench, store, { kind: 'cold', storageDir }));
    if (round % 2 === 1) await peer();
    warms.push(await timeOurs(bench, store, { kind: 'warm', connectionString }));
  }
  await rm(storageDir, { recursive: true });
  const all = [...colds, ...warms];
  const cold = median(colds.map(({ seconds }) => seconds));
  const warm = median(warms.map(({ seconds }) => seconds));
  const peer = median(peers);
  context.say(
    `  cold ${rounded(cold, 2)} s, warm ${rounded(warm, 2)} s, garbage-collect ${rounded(peer, 2)} s`,
  );
  return {
    ...{ n, cold_s: rounded(cold, 3), warm_s: rounded(warm, 3), peer_s: rounded(peer, 3) },
    peer_ratio_cold: rounded(peer / cold, 2),
    rss_mb: rounded(Math.max(...all.map(({ peakRssMb }) => peakRssMb))),
    false_deletes: Math.max(...all.map(({ falseDeletes }) => falseDeletes)),
    false_keeps: Math.max(...all.map(({ falseKeeps }) => falseKeeps)),
  };
}

async function measureLarge(bench: Bench, n: number): Promise<Ours> {
  const { context, postgres } = bench;
  const store = storeOf(bench, n);
  const connectionString = await postgres.freshDatabase();
  context.say(`an inventory of ${n} manifests is made`);
  await writeRows(connectionString, store, { indexes: false });
  const { edges, gone } = store.oracle();
  context.say(`  it has ${edges} edges; ${gone.size} tags and manifests have to go`);
  const runs: Ours[] = [];
  for (let round = 0; round < LARGE_ROUNDS; round += 1) {
    const ours = await timeOurs(bench, store, { kind: 'warm', connectionString });
    context.say(
      `  read in ${rounded(ours.readSeconds, 2)} s, planned after ${rounded(ours.seconds, 2)} s, ${rounded(ours.peakRssMb)} MB`,
    );
    runs.push(ours);
  }
  const most = (of: (ours: Ours) => number): number => Math.max(...runs.map(of));
  return {
    seconds: median(runs.map(({ seconds }) => seconds)),
    readSeconds: median(runs.map(({ readSeconds }) => readSeconds)),
    peakRssMb: most(({ peakRssMb }) => peakRssMb),
    falseDeletes: most(({ falseDeletes }) => falseDeletes),
    falseKeeps: most(({ falseKeeps }) => falseKeeps),
  };
}

function millionOf(n: number, large: Ours): Readonly<Record<string, Json>> {
  return {
    million_warm_s: rounded(large.seconds, 2),
    million_rss_mb: rounded(large.peakRssMb),
    million_n: n,
    million_false_deletes: large.falseDeletes,
    million_false_keeps: large.falseKeeps,
  };
}

async function measure(bench: Bench, plan: Plan, registry: string): ReturnType<Benchmark> {
  const sizes: Measured[] = [];
  for (const size of plan.sizes) sizes.push(await measureSize(bench, registry, size));
  const large = await measureLarge(bench, plan.large);
  const cold = exponentOf(sizes.map(({ n, cold_s }) => [n, cold_s]));
  const warm = exponentOf([
    ...sizes.map(({ n, warm_s }) => [n, warm_s] as const),
    [plan.large, large.seconds],
  ]);
  bench.context.say(`exponents: cold ${rounded(cold, 2)}, warm ${rounded(warm, 2)}`);
  return {
    sizes: sizes.map((size) => ({ ...size })),
    ...millionOf(plan.large, large),
    exponent: rounded(Math.max(cold, warm), 2),
  };
}

async function withBench<T>(context: BenchContext, work: (bench: Bench) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'plura-bench-gc-'));
  const postgres = await startPostgres();
  try {
    return await work({ context, folder, postgres, nowMs: Date.now() });
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A plan from the disk and from the record, beside the registry's own clean-up, over stores whose right answer is known. */
export const gc: Benchmark = (context) => {
  const plan = context.quick ? QUICK : FULL;
  if (context.only === 'million') {
    return withBench(context, async (bench) =>
      millionOf(plan.large, await measureLarge(bench, plan.large)),
    );
  }
  return withStack(context, { only: ['registry'] }, ({ stack }) =>
    withBench(context, async (bench) =>
      measure(bench, plan, await stack.toolchain.path('registry')),
    ),
  );
};
