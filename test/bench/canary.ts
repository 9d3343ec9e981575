import path from 'node:path';
import type { ReleaseView } from '../../src/contract/schema/api-release';
import { repositoryRoot } from '../../src/local/repository-root';
import { createApiClient, type ApiClient } from './api-client';
import type { Benchmark, BenchContext } from './benchmark';
import { withStack, type BenchStack } from './bench-stack';
import { median, percentile, rounded } from './statistics';

const SERVICE = 'checkout';
const REVISION = 'abcdef0';
/** As canary-catalog.yaml has them. */
const PERCENTS = [10, 25, 50, 100];
const WINDOW_MS = 3000;

/** What each step took beyond its window, ms. A window that had to be extended counts with its extension. */
function overheadsOf({ releaseId, steps }: ReleaseView): readonly number[] {
  return PERCENTS.map((percent) => {
    const step = steps.find(({ title }) => title === `canary ${percent} %`);
    if (!step?.endedAt) throw new Error(`${releaseId} has no finished canary step of ${percent} %`);
    const overhead = Date.parse(step.endedAt) - Date.parse(step.startedAt) - WINDOW_MS;
    if (overhead < 0) throw new Error(`${releaseId}: ${step.title} was shorter than its window`);
    return overhead;
  });
}

/** Releases with their canary, and nothing of the plan left out, but that the first has nothing to be compared with. */
function promote(api: ApiClient, round: number): Promise<ReleaseView> {
  const version = `1.${round}.0`;
  return api.release({ svc: SERVICE, path: SERVICE, version, revision: REVISION });
}

async function measure(
  { quick, say, signal }: BenchContext,
  running: BenchStack,
): Promise<Readonly<Record<string, number>>> {
  const n = quick ? 2 : 12;
  const api = await createApiClient(running);
  say('\na first release: the others are compared with it');
  await promote(api, 0);
  const all: (readonly number[])[] = [];
  for (let round = 1; round <= n; round += 1) {
    signal.throwIfAborted();
    const overheads = overheadsOf(await promote(api, round));
    all.push(overheads);
    const each = overheads.map((ms, index) => `${PERCENTS[index] ?? ''} %: ${ms} ms`).join(', ');
    say(`release ${round}, beyond ${WINDOW_MS} ms at ${each}`);
  }
  const flat = all.flat();
  return {
    steps: flat.length,
    overhead_p50_ms: rounded(median(flat)),
    overhead_p95_ms: rounded(percentile(flat, 0.95)),
    overhead_max_ms: rounded(Math.max(...flat)),
  };
}

/** What a canary step takes beyond its configured time. */
export const canary: Benchmark = (context) =>
  withStack(
    context,
    {
      only: ['api', 'worker-control', 'worker-release', 'prometheus', 'traffic'],
      catalogFile: path.join(repositoryRoot(), 'test/bench/canary-catalog.yaml'),
    },
    (running) => measure(context, running),
  );
