import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { createRuncRollout } from '../../src/adapters/runc/runc-rollout';
import { rollbackWorkflowId } from '../../src/contract/ids';
import type { Digest } from '../../src/domain/digest';
import { channelRepository } from '../../src/domain/reference';
import { createApiClient, type ApiClient } from './api-client';
import { createBareTag, type BareTag } from './bare-tag';
import type { Benchmark, BenchContext } from './benchmark';
import { withStack, type BenchStack } from './bench-stack';
import { percentile, rounded } from './statistics';

const SERVICE = 'checkout';
const REVISION = 'abcdef0';
/** Rounds before the count: connections, caches, the kept container. */
const WARM_UP = 2;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Two releases of the service: each then was prod:stable, and can be rolled back to. */
async function releaseTwo(api: ApiClient): Promise<readonly [Digest, Digest]> {
  const digests: Digest[] = [];
  for (const version of ['1.0.0', '1.1.0']) {
    const status = await api.release({ svc: SERVICE, path: SERVICE, version, revision: REVISION });
    digests.push(status.digest as Digest);
  }
  const [first, second] = digests;
  if (!first || !second || first === second) throw new Error('two releases gave one digest');
  return [first, second];
}

/** Channel and router hold what was answered; looked at past the API. */
async function createMoveCheck({
  addresses,
  stateDir,
  robot,
}: BenchStack): Promise<(digest: Digest) => Promise<void>> {
  const credentials = robot('scanner');
  const registry = createOciRegistry({ url: addresses.registry, credentials });
  const token = (await readFile(path.join(stateDir, 'target', 'token'), 'utf8')).trim();
  const rollout = createRuncRollout({ url: addresses.target, token, timeoutMs: 10_000 });
  return async (digest) => {
    const [tag, state] = await Promise.all([
      registry.resolve(channelRepository(SERVICE, 'prod'), 'stable'),
      rollout.getState(SERVICE, 'prod'),
    ]);
    if (tag?.digest !== digest) throw new Error(`prod:stable is ${tag?.digest ?? 'empty'}`);
    if (state.stable !== digest || state.candidate !== null) {
      throw new Error(`the router serves ${state.stable ?? 'nothing'}, not ${digest}`);
    }
  };
}

/** So that the next rollback finds a service at rest: what this one left to do is done, the digest good, the lane open. */
async function settle(
  api: ApiClient,
  temporal: Client,
  number: number,
  bad: Digest,
): Promise<void> {
  await temporal.workflow.getHandle(`${rollbackWorkflowId(SERVICE, number)}/settle`).result();
  await api.releaseDigest(SERVICE, bad);
  await api.resumeLane(SERVICE);
}

interface Rounds {
  readonly rollbacks: readonly number[];
  readonly tags: readonly number[];
}

async function runRounds(
  { quick, say, signal }: BenchContext,
  running: BenchStack,
  api: ApiClient,
  bare: BareTag,
  temporal: Client,
): Promise<Rounds> {
  const [first, second] = await releaseTwo(api);
  const check = await createMoveCheck(running);
  const n = quick ? 20 : 200;
  const rollbacks: number[] = [];
  const tags: number[] = [];
  let current = second;
  for (let round = 1 - WARM_UP; round <= n; round += 1) {
    signal.throwIfAborted();
    const next = current === second ? first : second;
    const tagMs = await timed(() => bare.move());
    const rollbackMs = await timed(() => api.rollBack(SERVICE, next));
    await check(next);
    await settle(api, temporal, round + WARM_UP, current);
    current = next;
    if (round < 1) continue;
    rollbacks.push(rollbackMs);
    tags.push(tagMs);
    if (round % 20 === 0) {
      const p50 = rounded(percentile(rollbacks, 0.5));
      say(
        `${round} rollbacks, p50 so far ${p50} ms, slowest ${rounded(Math.max(...rollbacks))} ms`,
      );
    }
  }
  return { rollbacks, tags };
}

/** From the request of a rollback to its answer, which comes when channel and traffic are right. */
export const rollback: Benchmark = (context) =>
  withStack(context, { only: ['api', 'worker-control', 'worker-release'] }, async (running) => {
    const api = await createApiClient(running);
    const bare = await createBareTag();
    const connection = await Connection.connect({ address: running.addresses.temporal });
    const temporal = new Client({ connection });
    const { rollbacks, tags } = await runRounds(context, running, api, bare, temporal).finally(() =>
      bare.stop(),
    );
    await connection.close();
    const p50 = percentile(rollbacks, 0.5);
    const bareP50 = percentile(tags, 0.5);
    return {
      n: rollbacks.length,
      p50_ms: rounded(p50),
      p95_ms: rounded(percentile(rollbacks, 0.95)),
      max_ms: rounded(Math.max(...rollbacks)),
      bare_tag_p50_ms: rounded(bareP50, 2),
      ratio: rounded(p50 / bareP50, 1),
    };
  });
