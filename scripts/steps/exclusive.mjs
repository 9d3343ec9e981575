import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Holds a name for as long as this process lives: an abstract Unix socket, which the kernel lets go
 * of even after SIGKILL, so nothing stale is ever left (src/local/process/exclusive.ts does the same).
 */
async function tryHold(name) {
  const id = createHash('sha256').update(name).digest('hex').slice(0, 32);
  const server = createServer((socket) => socket.destroy());
  server.listen({ path: `\0plura-reg-${id}` });
  try {
    await once(server, 'listening');
  } catch (error) {
    if (error.code === 'EADDRINUSE') {
      return undefined;
    }
    throw error;
  }
  server.unref();
  return async () => {
    server.close();
    await once(server, 'close');
  };
}

/** Runs `work` when no other process runs it under this name; `onWait` is called once if it must wait. */
export async function alone(name, onWait, work) {
  let release = await tryHold(name);
  if (!release) {
    onWait();
  }
  while (!release) {
    await sleep(200);
    release = await tryHold(name);
  }
  try {
    return await work();
  } finally {
    await release();
  }
}
