import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { SetupError } from './setup-error';

export interface PortUse {
  readonly part: string;
  readonly port: number;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen({ host: '127.0.0.1', port, exclusive: true });
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

/** @throws SetupError naming the first port that is taken and the part that needs it. */
export async function assertPortsFree(uses: readonly PortUse[]): Promise<void> {
  for (const { part, port } of uses) {
    if (!(await isFree(port))) {
      throw new SetupError(
        `Port ${port}, needed by ${part}, is in use.`,
        'Stop what uses it, or set PLURA_PORT_OFFSET=100 to move all ports.',
      );
    }
  }
}

/**
 * Systems take the ports of outgoing connections from above (Linux from 32768, others from 49152), and servers that ask for any port get
 * those too: one of these could be gone before who it was found for listens on it.
 */
const FIRST_PORT = 20_000;
const PORTS = 12_768;
const MOST_TRIES = 200;

/** A port of 127.0.0.1 that is free now. `taken` are given away already, but may not be listened on yet. @throws SetupError */
export async function findFreePort(taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const port = FIRST_PORT + randomInt(PORTS);
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  throw new SetupError('No free port was found on 127.0.0.1.', 'Stop some programs.');
}

/** Different free ports of 127.0.0.1. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>();
  while (found.size < count) found.add(await findFreePort(found));
  return [...found];
}
