import { createServer, type RequestListener, type Server } from 'node:http';
import { ReleaseError } from '../../../src/contract/errors';
import type { ImageRef } from '../../../src/domain/reference';
import type {
  ContainerRuntime,
  ContainerSpec,
} from '../../../src/local/target/runtime/container-runtime';

export interface FakeContainerRuntime extends ContainerRuntime {
  /** What a container of this image answers; by default 200 and the digest. */
  serve(image: ImageRef, listener: RequestListener): void;
  /** A container of this image can't be started. */
  refuse(image: ImageRef): void;
  /** Ends a container as a crash would. */
  crash(id: string): Promise<void>;
  /** `start id` and `stop id`, in order. */
  readonly log: readonly string[];
  readonly running: ReadonlyMap<string, ContainerSpec>;
}

/** Containers as HTTP servers of this process; they outlive a target, as runc's do. */
export function createFakeContainerRuntime(): FakeContainerRuntime {
  const log: string[] = [];
  const running = new Map<string, ContainerSpec>();
  const servers = new Map<string, Server>();
  const listeners = new Map<string, RequestListener>();
  const refused = new Set<string>();

  async function end(id: string): Promise<void> {
    const server = servers.get(id);
    servers.delete(id);
    running.delete(id);
    server?.closeAllConnections();
    if (server) {
      await new Promise((resolve) => {
        server.close(resolve);
      });
    }
  }

  return {
    log,
    running,
    serve: (image, listener) => {
      listeners.set(image.digest, listener);
    },
    refuse: (image) => {
      refused.add(image.digest);
    },
    crash: end,
    start: async (spec) => {
      await end(spec.id);
      log.push(`start ${spec.id}`);
      if (refused.has(spec.image.digest)) {
        throw new ReleaseError('ROLLOUT_FAILED', 'refused by the test');
      }
      const standard: RequestListener = (_request, answer) => {
        answer.end(spec.image.digest);
      };
      const server = createServer(listeners.get(spec.image.digest) ?? standard);
      servers.set(spec.id, server);
      running.set(spec.id, spec);
      await new Promise<void>((resolve) => server.listen(spec.port, '127.0.0.1', resolve));
    },
    isRunning: (id) => Promise.resolve(running.has(id)),
    adopt: (id) => Promise.resolve(running.get(id)?.port ?? null),
    stop: async (id) => {
      log.push(`stop ${id}`);
      await end(id);
    },
    lastLines: () => Promise.resolve(['a last line']),
    list: () => Promise.resolve([...running.keys()]),
    prune: () => Promise.resolve(),
  };
}
