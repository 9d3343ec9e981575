import { join } from 'node:path';
import type { Logger } from 'pino';
import { Registry as MetricsRegistry } from 'prom-client';
import type { Registry } from '../../ports/registry';
import { createTargetApi } from './api';
import { Fleet } from './fleet';
import { createImageStore } from './image/image-store';
import { createRollouts } from './rollouts';
import { createRouterMetrics } from './router/router-metrics';
import type { ContainerRuntime } from './runtime/container-runtime';
import { createRuncCli } from './runtime/runc-cli';
import { createRuncRuntime } from './runtime/runc-runtime';
import { createStateStore } from './state-store';

export interface TargetOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly stateDir: string;
  readonly token: string;
  readonly runtime: ContainerRuntime;
  readonly log: Logger;
}

export interface RunningTarget {
  readonly url: string;
  /** Stops routers and containers; the stored state says what to start next time. */
  close(): Promise<void>;
}

export interface RuncOptions {
  readonly stateDir: string;
  readonly runc: string;
  readonly registry: Registry;
  readonly log: Logger;
}

/** Containers by runc, images pulled from `registry`, all under `stateDir`. */
export function createLocalRuntime({
  stateDir,
  runc,
  registry,
  log,
}: RuncOptions): ContainerRuntime {
  return createRuncRuntime({
    folder: join(stateDir, 'containers'),
    cli: createRuncCli(runc, join(stateDir, 'runc')),
    images: createImageStore(join(stateDir, 'images'), registry),
    log,
  });
}

/** Resolves when it listens on 127.0.0.1 and all that ran before runs again. */
export async function startTarget(options: TargetOptions): Promise<RunningTarget> {
  const { runtime, log, token } = options;
  const registry = new MetricsRegistry();
  const metrics = createRouterMetrics(registry);
  const fleet = new Fleet(runtime, log);
  const store = createStateStore(join(options.stateDir, 'placements'));
  const rollouts = createRollouts({ fleet, runtime, metrics, store, log });
  const app = createTargetApi({ rollouts, metrics: registry, token, log });
  await rollouts.recover();
  const url = await app.listen({ host: '127.0.0.1', port: options.port });
  return {
    url,
    close: async () => {
      await app.close();
      await rollouts.close();
    },
  };
}
