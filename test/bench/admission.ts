import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { publicKeysDir, trustedRootFile } from '../../src/local/stack/seed-step';
import { cpuSeconds, peakMemoryMb } from '../support/process-facts';
import { reviewRequest } from './admission-body';
import { releaseImages, serviceCount, writeCatalog, type SignedImages } from './admission-images';
import { ReviewResult, type ReviewJob, type Webhook } from './admission-jobs';
import { readReviewCounts, type ReviewCounts } from './admission-metrics';
import type { Benchmark, BenchContext } from './benchmark';
import { withStack, type BenchStack } from './bench-stack';
import { keepToCore, letGoOfCore } from './cores';
import { openConnection } from './gateway-connection';
import { runLoad } from './load-process';
import { percentile, rounded } from './statistics';

interface Plan {
  /** Images that are asked about for the first time. */
  readonly images: number;
  readonly cached: number;
  readonly rateMs: number;
  /** Until memory is looked at. */
  readonly reviews: number;
  readonly digests: number;
}

const FULL: Plan = {
  images: 200,
  cached: 5000,
  rateMs: 12_000,
  reviews: 1_000_000,
  digests: 50_000,
};
const QUICK: Plan = { images: 40, cached: 1000, rateMs: 3000, reviews: 20_000, digests: 1000 };

/** Asked about over and over, so that all of it is cached. */
const CACHED_IMAGES = 20;
const CONNECTIONS = 16;
const [WEBHOOK_CORE, CLIENT_CORE] = [0, 1];
const COSIGN_TIMEOUT_MS = 60_000;

interface Bench {
  readonly context: BenchContext;
  readonly running: BenchStack;
  readonly plan: Plan;
  readonly webhook: Webhook;
  readonly pid: number;
  readonly images: SignedImages;
}

const ms = (values: readonly number[], share: number): number =>
  rounded(percentile(values, share), 2);

/** Counts what `work` made the webhook do. @throws Error when that is not what it was meant to. */
async function expecting<T>(
  { running }: Bench,
  expected: (result: T) => Partial<ReviewCounts>,
  work: () => Promise<T>,
): Promise<T> {
  const { admissionOperations } = running.addresses;
  const before = await readReviewCounts(admissionOperations);
  const result = await work();
  const after = await readReviewCounts(admissionOperations);
  for (const [name, count] of Object.entries(expected(result))) {
    const key = name as keyof ReviewCounts;
    const found = after[key] - before[key];
    if (found !== count) throw new Error(`${found} reviews were ${name}, not ${count}`);
  }
  return result;
}

const load = ({ context }: Bench, job: ReviewJob): Promise<ReviewResult> =>
  runLoad('admission-load', ReviewResult, job, context.signal);

/** Stock cosign on the signature of the image alone, as a webhook would call it. */
async function cosignVerifier({ running }: Bench): Promise<(image: string) => Promise<number>> {
  const { stack, stateDir, dockerConfig } = running;
  const cosign = await stack.toolchain.path('cosign');
  const env = {
    PATH: process.env['PATH'],
    HOME: stateDir,
    DOCKER_CONFIG: await dockerConfig('admission'),
  };
  const common = [
    ...['verify', '--key', path.join(publicKeysDir(stateDir), 'release_eu-west-1.pub')],
    ...['--trusted-root', trustedRootFile(stateDir), '--allow-http-registry'],
  ];
  return async (image) => {
    const startedAt = performance.now();
    await promisify(execFile)(cosign, [...common, image], { env, timeout: COSIGN_TIMEOUT_MS });
    return performance.now() - startedAt;
  };
}

interface Uncached {
  readonly ours: readonly number[];
  readonly cosign: readonly number[];
}

/** Each image once, by the webhook and by cosign; each goes first at every other image. */
async function measureUncached(bench: Bench): Promise<Uncached> {
  const { webhook, images, context } = bench;
  const verify = await cosignVerifier(bench);
  const connection = await openConnection(webhook.port, webhook.ca);
  const review = async (image: string): Promise<number> => {
    const request = reviewRequest(image, webhook.port);
    const startedAt = performance.now();
    await connection.exchange(request);
    return performance.now() - startedAt;
  };
  for (const image of images.warmUp) {
    await review(image);
    await verify(image);
  }
  const ours: number[] = [];
  const cosign: number[] = [];
  const measureAll = async (): Promise<void> => {
    for (const [index, image] of images.measured.entries()) {
      context.signal.throwIfAborted();
      if (index % 2 === 0) ours.push(await review(image));
      cosign.push(await verify(image));
      if (index % 2 === 1) ours.push(await review(image));
    }
  };
  const count = images.measured.length;
  await expecting(bench, () => ({ admitted: count, misses: 2 * count }), measureAll);
  connection.close();
  context.say(
    `${count} images for the first time: p50 ${ms(ours, 0.5)} p99 ${ms(ours, 0.99)} ms; cosign verify p50 ${ms(cosign, 0.5)} p99 ${ms(cosign, 0.99)} ms`,
  );
  return { ours, cosign };
}

async function measureCached(bench: Bench): Promise<readonly number[]> {
  const { webhook, images, plan, context } = bench;
  const some = images.measured.slice(0, CACHED_IMAGES);
  const job = { kind: 'latency', webhook, images: some } as const;
  await load(bench, { ...job, rounds: CACHED_IMAGES * 10 });
  const result = await expecting(
    bench,
    () => ({ admitted: plan.cached, hits: 2 * plan.cached, misses: 0 }),
    () => load(bench, { ...job, rounds: plan.cached }),
  );
  context.say(
    `${plan.cached} cached reviews: p50 ${ms(result.ms, 0.5)} p99 ${ms(result.ms, 0.99)} ms`,
  );
  return result.ms;
}

/** For each second of processor time that the webhook takes, kept to one core, which it has not to itself. */
async function measureRate(bench: Bench): Promise<number> {
  const { webhook, images, plan, pid, context } = bench;
  const some = images.measured.slice(0, CACHED_IMAGES);
  const isKept = cpus().length > CLIENT_CORE && keepToCore(pid, WEBHOOK_CORE);
  const core = isKept ? CLIENT_CORE : null;
  const job = { kind: 'rate', webhook, images: some, connections: CONNECTIONS, core } as const;
  await load(bench, { ...job, ms: plan.rateMs / 3 });
  const before = cpuSeconds(pid);
  const { reviews, seconds } = await expecting(
    bench,
    (result) => ({ admitted: result.reviews, misses: 0 }),
    () => load(bench, { ...job, ms: plan.rateMs }),
  );
  const used = cpuSeconds(pid) - before;
  if (isKept) letGoOfCore(pid);
  const where = isKept ? 'kept to one core' : 'on any core (no taskset)';
  context.say(
    `cached reviews on ${CONNECTIONS} connections, ${where}: ${rounded(reviews / seconds)} a second, ${rounded(reviews / used)} a second of processor time (${rounded((100 * used) / seconds)} % of a core)`,
  );
  return reviews / used;
}

async function measureMemory(bench: Bench): Promise<number> {
  const { webhook, images, plan, pid, context, running } = bench;
  context.say(`${plan.reviews} reviews, ${plan.digests} digests that nobody knows among them …`);
  const job = {
    kind: 'mix',
    webhook,
    images: [...images.warmUp, ...images.measured],
    connections: CONNECTIONS,
    reviews: plan.reviews,
    unknown: plan.digests,
    unknownName: `${new URL(running.addresses.registry).host}/apps/shop-000/web`,
  } as const;
  const { seconds } = await expecting(
    bench,
    () => ({ admitted: plan.reviews - plan.digests, denied: plan.digests, unknown: 0 }),
    () => load(bench, job),
  );
  const peak = peakMemoryMb(pid);
  context.say(`in ${rounded(seconds)} s; resident memory at most ${rounded(peak)} MB`);
  return peak;
}

async function measure(
  context: BenchContext,
  running: BenchStack,
  plan: Plan,
): Promise<Readonly<Record<string, number>>> {
  const { addresses, stack } = running;
  const services = serviceCount(plan.images);
  context.say(`signing ${plan.images + services} images of ${services} services …`);
  const bench: Bench = {
    context,
    running,
    plan,
    webhook: {
      port: Number(new URL(addresses.admission).port),
      ca: await readFile(addresses.admissionCa, 'utf8'),
    },
    pid: stack.pidOf('admission') ?? Number.NaN,
    images: await releaseImages(running, services),
  };
  const { ours, cosign } = await measureUncached(bench);
  const cached = await measureCached(bench);
  const perSecond = await measureRate(bench);
  const rss = await measureMemory(bench);
  return {
    cached_p50_ms: ms(cached, 0.5),
    cached_p99_ms: ms(cached, 0.99),
    uncached_p50_ms: ms(ours, 0.5),
    uncached_p99_ms: ms(ours, 0.99),
    cached_per_s: rounded(perSecond),
    cosign_p50_ms: ms(cosign, 0.5),
    uncached_vs_cosign: rounded(percentile(cosign, 0.5) / percentile(ours, 0.5), 1),
    rss_mb: rounded(rss),
  };
}

/** What a review costs, of what was asked before and of what was not; `cosign verify` of the same images is the peer, in the same run. */
export const admission: Benchmark = async (context) => {
  const plan = context.quick ? QUICK : FULL;
  const folder = await mkdtemp(path.join(tmpdir(), 'plura-bench-catalog-'));
  try {
    const catalogFile = path.join(folder, 'catalog.yaml');
    await writeCatalog(catalogFile, serviceCount(plan.images));
    return await withStack(
      context,
      { only: ['admission', 'rekor'], moreTools: ['cosign'], catalogFile },
      (running) => measure(context, running, plan),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
