import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const RETRY_MS = 200;

export type ReleaseHold = () => Promise<void>;

/**
 * Holds a name until it is released or this process ends: an abstract Unix socket (unix(7)). The kernel
 * drops it even after SIGKILL, so a dead holder never blocks and there is no stale lock file to judge.
 * @returns undefined when another process, or this one, holds the name.
 */
export async function tryHold(name: string): Promise<ReleaseHold | undefined> {
  const id = createHash('sha256').update(name).digest('hex').slice(0, 32);
  const server = createServer((socket) => socket.destroy());
  server.listen({ path: `\0plura-reg-${id}` });
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
      return undefined;
    }
    throw error;
  }
  server.unref();
  return async () => {
    if (server.listening) {
      server.close();
      await once(server, 'close');
    }
  };
}

/** Runs `work` alone under `name`; `onWait` is called once when another holder must end first. */
export async function alone<T>(
  name: string,
  onWait: () => void,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  let release = await tryHold(name);
  if (!release) {
    onWait();
  }
  while (!release) {
    await sleep(RETRY_MS, undefined, signal ? { signal } : {});
    release = await tryHold(name);
  }
  try {
    return await work();
  } finally {
    await release();
  }
}
