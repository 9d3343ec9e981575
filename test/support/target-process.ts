import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { createRuncRollout } from '../../src/adapters/runc/runc-rollout';
import type { ContainerRuntime } from '../../src/local/target/runtime/container-runtime';
import { startTarget, type RunningTarget } from '../../src/local/target/start-target';
import type { Rollout } from '../../src/ports/rollout';

export const TARGET_TOKEN = 'a-token-for-tests-0123456789abcdef';

export interface TestTarget {
  readonly url: string;
  readonly rollout: Rollout;
  readonly stateDir: string;
  close(): Promise<void>;
}

/** A rollout target in this process, behind its real HTTP API. `stateDir` starts it on what another left. */
export async function startTestTarget(
  runtime: ContainerRuntime | ((stateDir: string) => ContainerRuntime),
  stateDir?: string,
): Promise<TestTarget> {
  const folder = stateDir ?? (await mkdtemp(join(tmpdir(), 'plura-target-')));
  const target: RunningTarget = await startTarget({
    port: 0,
    stateDir: folder,
    token: TARGET_TOKEN,
    runtime: typeof runtime === 'function' ? runtime(folder) : runtime,
    log: pino({ level: process.env['TEST_LOG'] ?? 'silent' }),
  });
  return {
    url: target.url,
    rollout: createRuncRollout({ url: target.url, token: TARGET_TOKEN, timeoutMs: 10_000 }),
    stateDir: folder,
    close: async () => {
      await target.close();
      if (stateDir === undefined) {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}
