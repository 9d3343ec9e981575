import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RegistryCredentials } from '../../src/contract/docker-config';
import type { LocalRobotName } from '../../src/local/seed/robots';
import type { PartName } from '../../src/local/stack/parts';
import { resetState } from '../../src/local/stack/reset';
import { robotCredentials, writeDockerConfig } from '../../src/local/stack/robots';
import { repositoryRoot } from '../../src/local/repository-root';
import { startStack, type Stack } from '../../src/local/stack/start-stack';
import type { StackState } from '../../src/local/stack/state';
import type { ToolName } from '../../src/local/toolchain/catalogue';
import { showTools } from '../../src/local/toolchain/progress';
import type { BenchContext } from './benchmark';

/** The product's own stack with the product's own settings, on free ports, in a folder that goes away. */
export interface BenchStack {
  readonly stack: Stack;
  readonly addresses: StackState;
  readonly stateDir: string;
  readonly robot: (name: LocalRobotName) => RegistryCredentials;
  /** A folder for DOCKER_CONFIG, by which stock tools are this robot. */
  readonly dockerConfig: (name: LocalRobotName) => Promise<string>;
}

interface StackWanted {
  readonly only: readonly PartName[];
  readonly moreTools?: readonly ToolName[];
  /** Another than that of the sample services. */
  readonly catalogFile?: string;
}

/** The standard with windows of 0 s. */
export function benchPolicyFile(): string {
  return path.join(repositoryRoot(), 'test/bench/policy.yaml');
}

/** Starts the parts, measures, and leaves nothing behind. */
export async function withStack<T>(
  { environment, signal, say }: BenchContext,
  { only, moreTools = [], catalogFile }: StackWanted,
  measure: (running: BenchStack) => Promise<T>,
): Promise<T> {
  const stateDir = await mkdtemp(path.join(tmpdir(), 'plura-bench-'));
  const tools = showTools(process.stdout);
  try {
    const stack = await startStack({
      stateDir,
      ports: 'free',
      only,
      moreTools,
      environment,
      env: {
        PLURA_POLICY: benchPolicyFile(),
        ...(catalogFile && { PLURA_CATALOG: catalogFile }),
      },
      onTool: tools.onEvent,
      onProgress: say,
    });
    const stop = (): void => {
      void stack.stop();
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      signal.throwIfAborted();
      await stack.toolchain.ready;
      const addresses = await stack.addresses;
      return await measure({
        stack,
        addresses,
        stateDir,
        robot: (name) => robotCredentials(stateDir, name),
        dockerConfig: (name) => writeDockerConfig(stateDir, addresses.registry, name),
      });
    } finally {
      signal.removeEventListener('abort', stop);
      await stack.stop();
    }
  } finally {
    tools.end();
    await resetState(stateDir);
  }
}
