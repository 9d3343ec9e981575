import path from 'node:path';
import type { ReleaseView } from '../../src/contract/schema/api-release';
import { imageReference } from '../../src/domain/reference';
import { verifyWithCosign } from '../../src/local/demo/cosign';
import { repositoryRoot } from '../../src/local/repository-root';
import { createApiClient, type ApiClient } from './api-client';
import type { Benchmark, BenchContext } from './benchmark';
import { withStack, type BenchStack } from './bench-stack';
import { describeWork, type ExternalWork } from './external-work';
import { median, medianByName, rounded } from './statistics';
import { createStockPeer, STOCK_SERVICE, type StockPeer } from './stock-peer';

const SERVICE = 'checkout';
const REVISION = 'abcdef0';

interface Round {
  readonly ms: number;
  readonly steps: ReadonlyMap<string, number>;
  readonly digest: string;
}

function stepsOf({ steps }: ReleaseView): ReadonlyMap<string, number> {
  return new Map(
    steps.map(({ title, startedAt, endedAt = startedAt }) => [
      title,
      Date.parse(endedAt) - Date.parse(startedAt),
    ]),
  );
}

async function timed(work: () => Promise<Omit<Round, 'ms'>>): Promise<Round> {
  const startedAt = performance.now();
  const done = await work();
  return { ...done, ms: performance.now() - startedAt };
}

/** From the request to the status that says `released`. */
function ours(api: ApiClient, round: number): Promise<Round> {
  return timed(async () => {
    const status = await api.release({
      svc: SERVICE,
      path: SERVICE,
      version: `1.${round}.0`,
      revision: REVISION,
    });
    return { steps: stepsOf(status), digest: status.digest ?? '' };
  });
}

function theirs(peer: StockPeer, round: number): Promise<Round> {
  return timed(() => peer({ version: `1.${round}.0`, revision: REVISION, epoch: round + 1 }));
}

function table(say: BenchContext['say'], title: string, rounds: readonly Round[]): void {
  const total = rounded(median(rounds.map(({ ms }) => ms)));
  say(`\n${title}: ${total} ms, of which (medians)`);
  const steps = medianByName(rounds.map((round) => round.steps));
  for (const [name, ms] of Object.entries(steps)) {
    say(`  ${name.padEnd(22)} ${String(ms).padStart(6)} ms`);
  }
  const outside = rounds.map(({ ms, steps: took }) => {
    return ms - [...took.values()].reduce((sum, step) => sum + step, 0);
  });
  say(`  ${'outside these steps'.padEnd(22)} ${String(rounded(median(outside))).padStart(6)} ms`);
}

/** Both sides must have done the same, and stock cosign must accept both; else the times say nothing. */
async function compareWork(
  { say }: BenchContext,
  running: BenchStack,
  oursDone: ExternalWork,
  theirsDone: ExternalWork,
): Promise<void> {
  say(`\nwork of one release, ours:   ${JSON.stringify(oursDone.counts)}`);
  say(`work of one release, script: ${JSON.stringify(theirsDone.counts)}`);
  if (JSON.stringify(oursDone.counts) !== JSON.stringify(theirsDone.counts)) {
    throw new Error('ours and the script did not do the same work');
  }
  for (const { repository, digest } of [oursDone, theirsDone]) {
    const host = new URL(running.addresses.registry).host;
    const ok = await verifyWithCosign({
      cosign: await running.stack.toolchain.path('cosign'),
      stateDir: running.stateDir,
      dockerConfig: await running.dockerConfig('scanner'),
      environment: process.env,
      image: `${host}/${imageReference({ repository, digest })}`,
      keyFile: 'release_eu-west-1.pub',
      out: process.stdout,
    });
    if (!ok) throw new Error(`stock cosign does not accept ${repository}@${digest}`);
  }
}

async function measure(
  context: BenchContext,
  running: BenchStack,
): Promise<Readonly<Record<string, number | Readonly<Record<string, number>>>>> {
  const { quick, say, signal } = context;
  const n = quick ? 3 : 7;
  const api = await createApiClient(running);
  const source = path.join(repositoryRoot(), 'src/local/services', SERVICE);
  const peer = await createStockPeer(running, source);
  say('\nwarming both sides: build cache, first containers, an existing prod:stable');
  const work = await describeWork(running);
  const oursDone = await work(`apps/${SERVICE}/${SERVICE}`, () => ours(api, 0));
  const theirsDone = await work(`apps/${STOCK_SERVICE}/${STOCK_SERVICE}`, () => theirs(peer, 0));
  await compareWork(context, running, oursDone, theirsDone);

  const rounds: { readonly ours: Round[]; readonly theirs: Round[] } = { ours: [], theirs: [] };
  for (let round = 1; round <= n; round += 1) {
    signal.throwIfAborted();
    // Each side goes first in every other round.
    const order = round % 2 === 1 ? (['ours', 'theirs'] as const) : (['theirs', 'ours'] as const);
    for (const side of order) {
      const done = side === 'ours' ? await ours(api, round) : await theirs(peer, round);
      rounds[side].push(done);
      say(`round ${round}: ${side === 'ours' ? 'ours  ' : 'script'} ${rounded(done.ms)} ms`);
    }
  }
  table(say, 'ours', rounds.ours);
  table(say, 'script of the stock CLIs', rounds.theirs);
  const oursMs = median(rounds.ours.map(({ ms }) => ms));
  const scriptMs = median(rounds.theirs.map(({ ms }) => ms));
  return {
    n,
    ours_p50_s: rounded(oursMs / 1000, 3),
    script_p50_s: rounded(scriptMs / 1000, 3),
    ratio: rounded(oursMs / scriptMs, 3),
    breakdown_ms: medianByName(rounds.ours.map((round) => round.steps)),
    script_breakdown_ms: medianByName(rounds.theirs.map((round) => round.steps)),
  };
}

/** Wall time of a release without waits, beside the stock CLIs doing the same. */
export const promotion: Benchmark = (context) =>
  withStack(
    context,
    { only: ['api', 'worker-control', 'worker-release'], moreTools: ['cosign', 'crane'] },
    (running) => measure(context, running),
  );
