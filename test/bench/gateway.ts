import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { OCI_MANIFEST } from '../../src/adapters/oci/media-types';
import { bytesOf, configOf, LABELS, LAYER, manifestJson } from '../support/fuzz/artifact';
import { generateBlob } from '../support/blob-traffic';
import { cpuSeconds, peakMemoryMb } from '../support/process-facts';
import { TOKEN_SERVICE } from '../../src/contract/schema/registry-token';
import { call, pushBlob, putManifest, type RegistryAccess } from '../support/registry-push';
import type { Benchmark, BenchContext } from './benchmark';
import { withStack, type BenchStack } from './bench-stack';
import { createLoadClient, type LoadClient, type Pairs } from './gateway-client';
import type { Side } from './gateway-jobs';
import { inParallel } from '../../src/contract/in-parallel';
import { median, percentile, rounded } from './statistics';

interface Plan {
  readonly reads: number;
  readonly blobMb: number;
  readonly blobRounds: number;
  readonly rateMs: number;
  readonly racers: number;
}

const FULL: Plan = { reads: 5000, blobMb: 100, blobRounds: 20, rateMs: 10_000, racers: 200 };
const QUICK: Plan = { reads: 1000, blobMb: 32, blobRounds: 6, rateMs: 3000, racers: 200 };

const WARM_UP = 300;
const PARALLEL_BLOBS = 4;
const CONNECTIONS = 16;
const APP = 'apps/checkout/checkout';
const READ_TAG = '1.0.0_abcdef123456';
const RACE_TAG = '2.0.0_abcdef123456';

interface Bench {
  readonly context: BenchContext;
  readonly plan: Plan;
  readonly gatewayPid: number;
  readonly access: RegistryAccess;
  readonly direct: Side;
  readonly through: Side;
  readonly client: LoadClient;
}

async function expectCreated(answer: Promise<Response>): Promise<void> {
  const response = await answer;
  const said = await response.text();
  if (response.status !== 201) throw new Error(`a push answered ${response.status}: ${said}`);
}

/** An image whose manifest has 1 KB. */
async function pushRead({ access }: Bench): Promise<string> {
  const config = configOf(LABELS);
  await expectCreated(pushBlob(access, APP, config));
  await expectCreated(pushBlob(access, APP, LAYER));
  const json = manifestJson(config);
  const padding = 1024 - bytesOf({ ...json, annotations: { note: '' } }).length;
  const bytes = bytesOf({ ...json, annotations: { note: 'x'.repeat(padding) } });
  await expectCreated(putManifest(access, APP, READ_TAG, { mediaType: OCI_MANIFEST, bytes }));
  return `/v2/${APP}/manifests/${READ_TAG}`;
}

interface Ratios {
  readonly directP50: number;
  readonly p50: number;
  readonly p99: number;
}

function ratiosOf({ direct, through }: Pairs): Ratios {
  const at = (values: readonly number[], share: number): number => percentile(values, share);
  return {
    directP50: at(direct, 0.5),
    p50: at(through, 0.5) / at(direct, 0.5),
    p99: at(through, 0.99) / at(direct, 0.99),
  };
}

async function measureReads(
  bench: Bench,
  method: 'GET' | 'HEAD',
  manifest: string,
): Promise<Ratios> {
  const { client, direct, through, plan, context } = bench;
  const rounds = plan.reads;
  const pairs = await client.pairs({
    kind: 'latency',
    ...{ method, path: manifest, direct, through, rounds, warmUp: WARM_UP },
  });
  const ratios = ratiosOf(pairs);
  const ms = (values: readonly number[], share: number): number =>
    rounded(percentile(values, share), 3);
  context.say(
    `${method} of a manifest, ${rounds} rounds: direct p50 ${ms(pairs.direct, 0.5)} p99 ${ms(pairs.direct, 0.99)} ms, ` +
      `through p50 ${ms(pairs.through, 0.5)} p99 ${ms(pairs.through, 0.99)} ms: ratio ${rounded(ratios.p50, 2)} and ${rounded(ratios.p99, 2)}`,
  );
  return ratios;
}

function saySpeed({ context }: Bench, what: string, pairs: Pairs): number {
  const [direct, through] = [median(pairs.direct), median(pairs.through)];
  const busy = rounded((100 * pairs.cpuSeconds) / pairs.seconds);
  context.say(
    `${what}: direct ${rounded(direct)} MB/s, through ${rounded(through)} MB/s: ${rounded(through / direct, 2)} (the client used ${busy} % of a core)`,
  );
  return through / direct;
}

/** The lower of the two: layers go both ways. */
async function measureBlobs(bench: Bench): Promise<number> {
  const { client, direct, through, plan, access } = bench;
  const both = { direct, through, parallel: PARALLEL_BLOBS, rounds: plan.blobRounds };
  const blob = generateBlob(plan.blobMb);
  await expectCreated(pushBlob(access, APP, Buffer.concat([...blob.chunks()])));
  const where = `/v2/${APP}/blobs/${blob.digest}`;
  const down = await client.pairs({ kind: 'download', path: where, ...both });
  const repository = APP;
  const megabytes = plan.blobMb;
  const up = await client.pairs({ kind: 'upload', repository, megabytes, ...both });
  const what = `blobs of ${megabytes} MB, ${PARALLEL_BLOBS} at once`;
  return Math.min(saySpeed(bench, `${what}, pulled`, down), saySpeed(bench, `${what}, pushed`, up));
}

/** Per second of one core: by the CPU time that the gateway took, since client and registry share the machine with it. */
async function measureRate(bench: Bench, manifest: string): Promise<number> {
  const { client, through, direct, plan, gatewayPid, context } = bench;
  const common = {
    kind: 'rate',
    path: manifest,
    connections: CONNECTIONS,
    ms: plan.rateMs,
  } as const;
  const before = cpuSeconds(gatewayPid);
  const rate = await client.rate({ ...common, side: through });
  const perCore = rate.requests / (cpuSeconds(gatewayPid) - before);
  const bare = await client.rate({ ...common, side: direct });
  const perSecond = (one: typeof rate): number => rounded(one.requests / one.seconds);
  context.say(
    `reads on ${CONNECTIONS} connections: ${perSecond(rate)} a second, ${rounded(perCore)} a second of a core; direct ${perSecond(bare)} a second`,
  );
  return perCore;
}

/** Different images, one tag, all at once; the tag must be what the one that won says it is. */
async function measureRace(bench: Bench): Promise<number> {
  const { client, through, plan, access, context } = bench;
  const configs = Array.from({ length: plan.racers }, (_, n) => configOf(LABELS, `racer ${n}`));
  await inParallel(configs, 8, (config) => expectCreated(pushBlob(access, APP, config)));
  const bodies = configs.map((config) => bytesOf(manifestJson(config)).toString());
  const where = `/v2/${APP}/manifests/${RACE_TAG}`;
  const job = {
    kind: 'race',
    path: where,
    contentType: OCI_MANIFEST,
    side: through,
    bodies,
  } as const;
  const { statuses } = await client.race(job);
  const winners = bodies.filter((_, racer) => statuses[racer] === 201);
  const held = await (await call(access, where)).text();
  if (winners.length === 1 && winners[0] !== held) throw new Error('the tag is not what won it');
  const counts = new Map<number, number>();
  statuses.forEach((status) => counts.set(status, (counts.get(status) ?? 0) + 1));
  const answers = [...counts].map(([status, count]) => `${count} times ${status}`).join(', ');
  context.say(`${bodies.length} pushes of one tag at once: ${answers}`);
  return winners.length;
}

async function findGateway({ stateDir }: BenchStack): Promise<number> {
  const text = await readFile(path.join(stateDir, 'pids.json'), 'utf8');
  const records = z.array(z.object({ name: z.string(), pid: z.int() })).parse(JSON.parse(text));
  const found = records.find(({ name }) => name === 'gateway');
  if (!found) throw new Error('the gateway does not run');
  return found.pid;
}

/** As docker and containerd do it: the secret buys a token, the token goes with each request. */
async function readToken(access: RegistryAccess): Promise<string> {
  const query = new URLSearchParams({
    service: TOKEN_SERVICE,
    scope: `repository:${APP}:pull,push`,
  });
  const answer = await call(access, `/token?${query.toString()}`);
  return z.object({ token: z.string() }).parse(await answer.json()).token;
}

async function measure(
  context: BenchContext,
  running: BenchStack,
): Promise<Readonly<Record<string, number>>> {
  const { addresses, robot } = running;
  const { username, password } = robot('builder');
  const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const access = { url: addresses.registry, basic };
  const portOf = (url: string): number => Number(new URL(url).port);
  const authorization = `Bearer ${await readToken(access)}`;
  const bench: Bench = {
    context,
    access,
    plan: context.quick ? QUICK : FULL,
    gatewayPid: await findGateway(running),
    direct: { port: portOf(addresses.registryBackend), authorization: null },
    through: { port: portOf(addresses.registry), authorization },
    client: createLoadClient(context.signal),
  };
  const manifest = await pushRead(bench);
  const get = await measureReads(bench, 'GET', manifest);
  await measureReads(bench, 'HEAD', manifest);
  const reads = await measureRate(bench, manifest);
  const blobs = await measureBlobs(bench);
  const claims = await measureRace(bench);
  return {
    get_direct_p50_ms: rounded(get.directP50, 3),
    get_ratio_p50: rounded(get.p50, 2),
    get_ratio_p99: rounded(get.p99, 2),
    blob_ratio: rounded(blobs, 2),
    reads_per_s: rounded(reads),
    race_pushes: bench.plan.racers,
    race_claims: claims,
    rss_mb: rounded(peakMemoryMb(bench.gatewayPid)),
  };
}

/** What the gateway costs a client, and whether a tag is claimed once; the registry itself is the peer, in the same run. */
export const gateway: Benchmark = (context) =>
  withStack(context, { only: ['gateway'] }, (running) => measure(context, running));
